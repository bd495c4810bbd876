"""A small world for the store's tests: topics of its own, a log with events on it, and what a worker makes of them."""

import json
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic

from ikm import wire
from ikm.book import Book
from ikm.entry import entry_of
from ikm.events import Event
from ikm.partition import partition_of
from ikm.position import RULES_VERSION
from ikm.position import Sequence as Place
from runtime import kafka
from runtime.clickhouse import Store
from runtime.topics import new_epoch
from sinks.sink import Sink, Topics
from stream_processors.publication import bucket_record, figure_record, progress_record

NOW_MS = 1_763_900_000_000

_MANY, _ONE = ("responses", "scorecards", "index", "frames", "rejected"), ("units", "periods", "ops")
"""Topics with two partitions, and with one."""


@dataclass
class World:
    """Events go to the log with `produce`; `work` folds what is new there and publishes it as a worker does."""

    bootstrap: str
    topics: Topics
    log: int
    producer: AIOKafkaProducer
    events: dict[int, list[Event]] = field(default_factory=lambda: defaultdict(list))
    books: dict[int, Book] = field(default_factory=dict)
    values: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    figures: dict[int, list[tuple[bytes, bytes]]] = field(default_factory=lambda: defaultdict(list))
    progress: dict[int, int] = field(default_factory=dict)

    async def produce(self, events: Iterable[Event], now_ms: int = NOW_MS) -> None:
        """Append events to the log."""
        sent = []
        for event in events:
            key, value, headers = wire.encode(event, received_ms=now_ms)
            partition = partition_of(event.unit, self.topics.partitions)
            self.events[partition].append(event)
            sent.append(
                await self.producer.send(
                    self.topics.responses, value, key=key, partition=partition, headers=headers, timestamp_ms=now_ms
                )
            )
        for future in sent:
            await future

    async def work(self, batch: int = 500, now_ms: int = NOW_MS) -> None:
        """Fold what is new in batches; publish buckets and progress, keep the figures as `index.v1` would."""
        for partition, events in self.events.items():
            book = self.books.setdefault(partition, Book(writer="test", log=self.log))
            book.advance(now_ms)
            while book.position < len(events):
                part = events[book.position : book.position + batch]
                for event in part:
                    book.fold(entry_of(event))
                book.position += len(part)
                await self.publish(partition, self.batch_records(book, partition))
        await self.producer.flush()

    def batch_records(self, book: Book, partition: int) -> list[tuple[bytes, bytes]]:
        """What one batch publishes on `scorecards.v1`; the figures go into `values` and `figures`."""
        place = Place(self.log, RULES_VERSION, book.position, book.to_minute)
        book.take_pages()
        records, figures = [], []
        for unit in book.take_touched():
            records += [bucket_record(unit.name, place, bucket) for bucket in unit.take_buckets()]
            for index, windows in book.windows(unit).items():
                figure = figure_record(
                    unit.name, index, partition, place, windows, frames=book.take_frames(unit, index, windows)
                )
                self.values[unit.name, index] = json.loads(figure.value or b"")
                figures.append(figure)
        records.append(progress_record(partition, book.position, book, NOW_MS, whole=True))
        self.figures[partition] += [(record.key or b"", record.value or b"") for record in [*figures, records[-1]]]
        self.progress[partition] = book.position
        return [(record.key or b"", record.value or b"") for record in records]

    async def publish(self, partition: int, records: Sequence[tuple[bytes, bytes]]) -> None:
        """Send records to a partition of `scorecards.v1`."""
        for key, value in records:
            await self.producer.send(self.topics.scorecards, value, key=key, partition=partition)

    async def publish_figures(self) -> None:
        """Send what was kept for `index.v1`."""
        for partition, records in self.figures.items():
            for key, value in records:
                await self.producer.send(self.topics.index, value, key=key, partition=partition)
        self.figures.clear()
        await self.producer.flush()

    def sink(self, store: Store, group_prefix: str, **options: Any) -> Sink:
        """A sink from the world's topics into a store."""
        return Sink(self.bootstrap, store, topics=self.topics, group_prefix=group_prefix, log_id=self.log, **options)

    def ends(self) -> dict[int, int]:
        """Next offset of each partition of the log that has events."""
        return {partition: len(events) for partition, events in self.events.items()}

    @property
    def all_events(self) -> list[Event]:
        """Every event on the log."""
        return [event for events in self.events.values() for event in events]


@asynccontextmanager
async def opened_world(bootstrap: str) -> AsyncIterator[World]:
    """Fresh topics with two partitions, a log id of their own and a producer; deleted afterwards."""
    names = {role: f"{role}-{uuid.uuid4().hex[:12]}" for role in (*_MANY, *_ONE)}
    async with kafka.admin(bootstrap) as admin:
        for role, name in names.items():
            kept = {"retention.ms": "-1"}  # the records' timestamps are long past
            await admin.create_topics([NewTopic(name, 1 if role in _ONE else 2, 1, topic_configs=kept)])
    producer = new_producer(bootstrap)
    await producer.start()
    yield World(bootstrap, Topics(**names, partitions=2), new_epoch(), producer)
    await producer.stop()
    async with kafka.admin(bootstrap) as admin:
        await admin.delete_topics(list(names.values()))


def new_producer(bootstrap: str) -> AIOKafkaProducer:
    """A producer for a world."""
    return kafka.producer(bootstrap, client_id="test", linger_ms=5)
