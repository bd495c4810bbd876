"""All the way of an answer in one process: HTTP, log, fold, rows of buckets, API."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import TopicPartition

from api.periods import ClickHouseHistory
from ikm.book import Book
from ikm.entry import entry_of
from ikm.partition import partition_of
from ikm.position import RULES_VERSION, Position, Sequence
from ikm.wire import decode_record
from runtime import kafka as clients
from runtime.clickhouse import Store
from runtime.clock import Clock
from runtime.topics import RESPONSES, SCORECARDS, states_of
from sinks import progress
from sinks.buckets import BucketsTable
from sinks.responses import ResponsesTable
from sinks.sums import add_up
from stream_processors.publication import bucket_record
from tests.prepared import prepared_store
from tests.web.serving import Served, serve


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The API on a ClickHouse of the test's own, and what carries answers there."""

    bootstrap: str
    served: Served
    store: Store

    async def answer(self, unit: str, *answers: dict[str, Any]) -> str:
        """Post answers about a unit; the position of the last of them."""
        reply = await self.served.admin.post("/v1/responses", json=list(answers))
        assert reply.status_code == 202, reply.text
        assert reply.json()["rejected"] == [], reply.text
        return reply.json()["position"]

    async def carry(self, unit: str, position: str) -> None:
        """Fold all that the log has about a unit before a position, and store its buckets and how far they are."""
        partition, log = partition_of(unit, RESPONSES.partitions), self.served.reads.log_epoch
        end, book = Position.decode(position).offsets[partition], Book(writer="test", log=log)
        book.advance(time.time_ns() // 1_000_000)
        carried = [record for record in await self._records(partition, end) if record.key == unit.encode()]
        for record in carried:
            book.fold(entry_of(decode_record(record, RESPONSES.partitions)))
        sequence = Sequence(log, RULES_VERSION, end, book.to_minute)
        records = [bucket_record(unit, sequence, bucket) for bucket in book.units[unit].take_buckets()]
        rows = BucketsTable(log).rows(records, partition)
        assert rows.unfit == []
        await self.store.insert("ikm.buckets", rows.columns)
        await add_up(self.store, log, rows.touched)
        states = ResponsesTable(log, RESPONSES.partitions)
        await self.store.insert(states.name, states.rows(carried, partition).columns)
        said = [progress.Reached(name, partition, end, end) for name in (SCORECARDS.name, states_of(RESPONSES.name))]
        await progress.write(self.store, log, said, 0)

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """The body of a read by the admin."""
        reply = await self.served.admin.get(path, params=query or None)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def _records(self, partition: int, end: int) -> list[Any]:
        place, found = TopicPartition(RESPONSES.name, partition), list[Any]()
        consumer = clients.consumer(self.bootstrap, client_id="test")
        await consumer.start()
        try:
            consumer.assign([place])
            await consumer.seek_to_beginning(place)
            while await consumer.position(place) < end:
                for batch in (await consumer.getmany(timeout_ms=1000)).values():
                    found += batch
        finally:
            await consumer.stop()
        return [record for record in found if record.offset < end]


@asynccontextmanager
async def pipeline(bootstrap: str, log_epoch: int, home: Path, clock: Clock) -> AsyncIterator[Pipeline]:
    store = await prepared_store(home / "store")
    try:
        history = ClickHouseHistory(store, log_epoch)
        async with serve(bootstrap, log_epoch, home / "api", history, clock=clock) as served:
            yield Pipeline(bootstrap, served, store)
    finally:
        await store.close()
