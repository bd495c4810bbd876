"""The floor under the full job: an aiokafka loop with the same validation, join and buckets; nothing is written."""

import asyncio
import gc
import sys

from aiokafka.structs import TopicPartition

from bench.stopwatch import Stopwatch
from ikm.book import Book
from ikm.errors import Refused
from ikm.usual import entry_from
from runtime import kafka
from runtime.clock import system_clock
from runtime.topics import RESPONSES
from stream_processors.worker import GC_THRESHOLDS


async def main(bootstrap: str, total: int) -> None:
    gc.set_threshold(*GC_THRESHOLDS)
    consumer = kafka.consumer(bootstrap, client_id="bench-bare")
    await consumer.start()
    consumer.assign([TopicPartition(RESPONSES.name, p) for p in range(RESPONSES.partitions)])
    books = [Book(writer="bench", log=1) for _ in range(RESPONSES.partitions)]
    for book in books:
        book.derive(system_clock())
    done, watch = 0, Stopwatch()
    while done < total:
        for tp, records in (await consumer.getmany(timeout_ms=250)).items():
            watch.begin()
            _fold(books[tp.partition], records)
            done += len(records)
    print(watch.line(done))
    await consumer.stop()


def _fold(book: Book, records: list) -> None:
    for record in records:
        try:
            entry = entry_from(record, RESPONSES.partitions)
        except Refused:
            continue
        book.fold(entry)
    book.position = records[-1].offset + 1
    for unit in book.take_touched():
        unit.unsaved.clear()
        unit.dirty.clear()


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
