"""The records that a worker publishes: figures on `index.v1`, buckets on `scorecards.v1`, progress on both.

Written as text rather than through a serialiser: a busy worker writes thousands a second, and most of each is the same
scorecard as the one before.
"""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from ikm.book import Book
from ikm.errors import Refused
from ikm.figure import headline
from ikm.index import INDICES
from ikm.index_book import MINUTES_PER_HOUR, Bucket, RollingCard
from ikm.position import Sequence
from ikm.published import PROGRESS_KEY, FigureValue
from ikm.rejection import Reason
from ikm.scorecard import LAYOUTS
from ikm.times import rfc3339_minute, rfc3339_ms

JSON_HEADERS: Final = [("content-type", b"application/json")]


class Record(NamedTuple):
    """A Kafka record to be sent; a value of None deletes the key."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


def figure_record(
    unit: str, index: str, partition: int, sequence: Sequence, windows: dict[str, RollingCard], *, frames: Iterable[int]
) -> Record:
    """All rolling windows of a unit in one index with their scorecards, figures and public frames (0 = none yet)."""
    parts = ",".join(
        f'"{code}":{{"from":"{rfc3339_minute(window.start)}","to":"{rfc3339_minute(window.end)}",'
        f'"watermark":{_minute(window.watermark)},{_card(index, window.card)},{_frame(index, frame)}}}'
        for (code, window), frame in zip(windows.items(), frames, strict=True)
    )
    value = (
        f'{{"unit":"{unit}","index":"{index}","partition":{partition},"sequence":{list(sequence)},'
        f'"windows":{{{parts}}}}}'
    )
    return Record(f"{unit}|{index}".encode(), value.encode(), JSON_HEADERS)


def bucket_record(unit: str, sequence: Sequence, bucket: Bucket) -> Record:
    """One hour bucket of a unit, absolute; its sequence ends with the hour's end."""
    start = bucket.hour * MINUTES_PER_HOUR
    value = (
        f'{{"unit":"{unit}","index":"{bucket.code}","service":"{bucket.service}","hour":"{rfc3339_minute(start)}",'
        f'"sequence":[{sequence.epoch},{sequence.rules},{sequence.offset},{start + MINUTES_PER_HOUR}],'
        f'"watermark":{_minute(bucket.watermark)},"scorecard":{LAYOUTS[bucket.code].json(bucket.card)}}}'
    )
    key = f"{unit}|{bucket.code}|{bucket.service}|{bucket.hour}"
    return Record(key.encode(), value.encode(), JSON_HEADERS)


def progress_record(partition: int, next_offset: int, book: Book, now_ms: int, *, whole: bool) -> Record:
    """Everything below `next_offset` of the source partition is in what stands before this record.

    It also says of which log, after which replay, and when it was written. With `whole`, `to` says that the newest
    figure of every unit before this record is one of windows that end there: those of several units may be added up.
    """
    value = {
        "partition": partition,
        "next_offset": next_offset,
        "log": book.log,
        "replay": book.refold,
        "at": rfc3339_ms(now_ms),
        "to": rfc3339_minute(book.to_minute) if whole else None,
    }
    return Record(PROGRESS_KEY, json.dumps(value, separators=(",", ":")).encode(), JSON_HEADERS)


def rejected_record(
    refused: Refused, origin: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
) -> Record:
    """A record that can't be processed: its bytes and key as they came, with what is wrong in front of its headers."""
    return Record(key, value, Reason.of(refused.faults[0], origin).headers() + headers)


def _minute(minute: int | None) -> str:
    return "null" if minute is None else f'"{rfc3339_minute(minute)}"'


def _frame(index: str, packed: int) -> str:
    return f'"frame":{_scorecard(index, packed) if packed else "null"}'


@lru_cache(maxsize=8192)
def _scorecard(index: str, packed: int) -> str:
    return LAYOUTS[index].json(packed)


@lru_cache(maxsize=8192)
def _card(index: str, packed: int) -> str:
    layout = LAYOUTS[index]
    figure = headline(INDICES[index], layout.unpack(packed))
    fields: FigureValue = {
        "n": figure.n,
        "value": figure.value,
        "mutu": figure.mutu,
        "kinerja": figure.kinerja,
        "complete": figure.complete,
        "missing": list(figure.missing),
        "interval": figure.interval,
    }
    return f'"scorecard":{_scorecard(index, packed)},"figure":{json.dumps(fields, separators=(",", ":"))}'
