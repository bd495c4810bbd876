"""Valid survey answers, and values of `index.v1` as a worker would publish them."""

import json
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer

from ikm.figure import headline
from ikm.index import IKM
from ikm.partition import partition_of
from ikm.position import RULES_VERSION
from ikm.scorecard import Scorecard
from ikm.times import rfc3339_minute, rfc3339_ms
from ikm.window import WINDOWS
from tests.rules.cards import EMPTY, LAYOUT, one
from tests.rules.samples import ITEMS

PARTITIONS = 8


def answer(unit: str, name: str, **changes: Any) -> dict[str, Any]:
    """The object of a POST, with a score of 3 for every element."""
    whole = {
        "id": name,
        "unit": unit,
        "submitted_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "answers": dict.fromkeys(ITEMS, 3),
    }
    return {**whole, **changes}


def card(*rows: tuple[int, ...]) -> Scorecard:
    total = EMPTY
    for row in rows:
        total = total.add(one(row))
    return total


def published(
    unit: str,
    log: int,
    offset: int,
    now_ms: int,
    counted: Scorecard,
    *,
    to_shift: int = 0,
    watermark: int | None = None,
) -> dict[str, Any]:
    """A value of index.v1 with the same scorecard in every window."""
    short = headline(IKM, counted)
    windows = {}
    for code, window in WINDOWS.items():
        start, end = window.bounds(now_ms + to_shift * 60_000)
        windows[code] = {
            "from": rfc3339_minute(start),
            "to": rfc3339_minute(end),
            "watermark": None if watermark is None else rfc3339_minute(watermark),
            "scorecard": LAYOUT.to_json(counted),
            "figure": {
                "n": short.n, "value": short.value, "mutu": short.mutu, "kinerja": short.kinerja,
                "complete": short.complete, "missing": short.missing, "interval": short.interval,
            },
        }  # fmt: skip
    end = WINDOWS["1h"].bounds(now_ms + to_shift * 60_000)[1]
    return {
        "unit": unit,
        "index": "ikm",
        "partition": partition_of(unit, PARTITIONS),
        "sequence": [log, RULES_VERSION, offset, end],
        "windows": windows,
    }


async def publish(bootstrap: str, value: dict[str, Any]) -> None:
    await _send(bootstrap, f"{value['unit']}|ikm".encode(), value, value["partition"])


async def publish_progress(
    bootstrap: str, log: int, partition: int, next_offset: int, now_ms: int, *, to: int | None = None
) -> None:
    value = {
        "partition": partition,
        "next_offset": next_offset,
        "log": log,
        "at": rfc3339_ms(now_ms),
        "to": None if to is None else rfc3339_minute(to),
    }
    await _send(bootstrap, b"progress", value, partition)


async def _send(bootstrap: str, key: bytes, value: dict[str, Any], partition: int) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await producer.send_and_wait("index.v1", json.dumps(value).encode(), key=key, partition=partition)
