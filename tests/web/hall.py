"""A hall: the API, a sink and a store on a log of their own, the register and the public frames on the run's topics."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import NewTopic

from api.periods import ClickHouseHistory
from ikm.book import Book
from ikm.events import Event
from ikm.registry import Unit
from runtime import kafka as clients
from runtime.clickhouse import Lane, Store
from runtime.clock import system_clock
from runtime.closer import Closer
from runtime.reached import Names
from runtime.topics import FRAMES, new_epoch
from sinks.sink import Sink, Topics
from tests.prepared import prepared_store
from tests.store.waiting import stored, until
from tests.store.world import World, new_producer
from tests.web.answers import PARTITIONS
from tests.web.serving import Served, serve

OWN = ("responses", "scorecards", "periods", "rejected")


@dataclass(frozen=True, slots=True)
class Hall:
    """Everything between an answer and those who look at it without a key."""

    served: Served
    world: World
    store: Store

    async def take(self, events: Iterable[Event]) -> None:
        """Answers to the log, through a worker, into the store and to the API; all windows end in one minute."""
        now_ms, world = system_clock(), self.world
        await world.produce(events, now_ms)
        await world.work(now_ms=now_ms)
        world.figures.clear()
        for partition in range(PARTITIONS):
            book = world.books.setdefault(partition, Book(writer="test", log=world.log))
            book.advance(now_ms)
            book.touch_all()
            await world.publish(partition, world.batch_records(book, partition))
        await world.publish_figures()
        for topic in (world.topics.responses, world.topics.scorecards, world.topics.index):
            await stored(self.store, topic, world.log, world.ends())
        await self.served.reads.published.wait_common(world.ends(), timeout_s=60)
        await self.live_stored()

    async def live_stored(self) -> None:
        """Wait until the store has each window as the API has it."""
        published = self.served.reads.published.values()
        wanted = {key: (value[0].offset, value[0].to) for key, value in published.items() if value[0].offset}

        async def held() -> dict[tuple[str, str], tuple[int, int]]:
            rows = await self.rows(
                "SELECT unit, `index`, max(offset), max(ends) FROM ikm.live FINAL GROUP BY unit, `index`"
            )
            return {(unit, index): (offset, ends) for unit, index, offset, ends in rows}

        await until(held, lambda found: all(found.get(key, (0, 0)) >= place for key, place in wanted.items()))

    async def frames_stored(self) -> None:
        """Wait until the store has every public frame of a period that stands on the topic."""
        consumer = clients.consumer(self.world.bootstrap, client_id="test")
        await consumer.start()
        try:
            ends = await consumer.end_offsets([TopicPartition(FRAMES.name, p) for p in range(PARTITIONS)])
        finally:
            await consumer.stop()
        await stored(self.store, FRAMES.name, self.world.log, {place.partition: end for place, end in ends.items()})

    async def rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return list(await self.store.rows(sql, parameters, lane=Lane.CHECK))


@asynccontextmanager
async def hall(kafka: str, home: Path) -> AsyncIterator[Hall]:
    topics = Topics(**{role: f"{role}-{home.name}" for role in OWN}, partitions=PARTITIONS)
    async with clients.admin(kafka) as admin:
        for role in OWN:
            partitions = 1 if role == "periods" else PARTITIONS
            await admin.create_topics(
                [NewTopic(getattr(topics, role), partitions, 1, topic_configs={"retention.ms": "-1"})]
            )
    log, store, producer = new_epoch(), await prepared_store(home / "store"), new_producer(kafka)
    await producer.start()
    sink = Sink(kafka, store, topics=topics, group_prefix=f"sink-{home.name}", log_id=log)
    await sink.start()
    names = Names(topics.responses, topics.scorecards, topics.periods, PARTITIONS)

    def register() -> Iterator[Unit]:
        return served.reads.units.all_versions()

    closer = Closer(kafka, store, log, clock=system_clock, register=register, names=names)
    history = ClickHouseHistory(store, log, scorecards=topics.scorecards)
    try:
        async with serve(kafka, log, home / "api", history, closer=closer) as served:
            yield Hall(served, World(kafka, topics, log, producer), store)
    finally:
        await sink.stop()
        await producer.stop()
        await store.close()
