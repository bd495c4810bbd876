"""What a worker publishes of one partition, batch by batch as time goes on, and once more at the end."""

from collections.abc import Iterable, Sequence
from typing import Final

from ikm import wire
from ikm.book import Book
from ikm.entry import entry_of
from ikm.errors import Refused
from ikm.position import RULES_VERSION
from ikm.position import Sequence as Place
from ikm.unit_book import UnitBook
from runtime.topics import RESPONSES
from stream_processors.publication import Record as Published
from stream_processors.publication import bucket_record, figure_record, progress_record
from tests.grafana.seed_answers import Record

BATCH: Final = 100
KeyAndValue = tuple[bytes | None, bytes | None]


def published(
    log: int, partition: int, records: Sequence[Record], now_ms: int
) -> tuple[list[KeyAndValue], list[KeyAndValue]]:
    """Keys and values on `scorecards.v1` and on `index.v1`."""
    book = Book(writer="seed", log=log)
    scorecards: list[Published] = []
    figures: list[Published] = []
    for at in range(0, len(records), BATCH):
        batch = records[at : at + BATCH]
        book.advance(batch[-1].timestamp)
        for record in batch:
            try:
                book.fold(entry_of(wire.decode_record(record, RESPONSES.partitions)))
            except Refused:
                continue
        book.position = batch[-1].offset + 1
        touched = book.take_touched()
        place = _place(book)
        scorecards += [bucket_record(unit.name, place, bucket) for unit in touched for bucket in unit.take_buckets()]
        figures += _figures(book, touched, partition)
        last = progress_record(partition, book.position, book, batch[-1].timestamp, whole=False)
        scorecards.append(last)
        figures.append(last)
    book.advance(now_ms)
    figures += _figures(book, book.units.values(), partition)
    figures.append(progress_record(partition, book.position, book, now_ms, whole=True))
    return [(said.key, said.value) for said in scorecards], [(said.key, said.value) for said in figures]


def _place(book: Book) -> Place:
    return Place(book.log, RULES_VERSION, book.position, book.to_minute)


def _figures(book: Book, units: Iterable[UnitBook], partition: int) -> list[Published]:
    return [
        figure_record(unit.name, index, partition, _place(book), windows, frames=book.take_frames(unit, index, windows))
        for unit in units
        for index, windows in book.windows(unit).items()
    ]
