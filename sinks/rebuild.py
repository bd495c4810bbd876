"""The store's part of a replay: all that comes from the log, filled again from it and swapped in when complete.

Closings and units are facts: they are read again from their topics, never computed anew. All are filled beside the live
tables. When they have caught up the pipes are held, the last records follow, and the tables change places, which
readers see as one moment. What pipes elsewhere wrote into the old tables meanwhile is read from the log once more: a
second copy of a row changes nothing. `rejections` keeps what its topic has forgotten; `ops` stays as it is.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from ikm.book import Book
from ikm.errors import Refused
from ikm.position import RULES_VERSION
from ikm.scorecard import LAYOUTS
from ikm.usual import entry_from
from runtime import kafka
from runtime.clickhouse import DATABASE, Columns, Store
from runtime.clock import Clock
from runtime.letters import forgotten_ms
from runtime.logging import logger
from runtime.units import UnitsStore
from sinks.buckets import COLUMNS, BucketsTable
from sinks.cells import Cells, Run
from sinks.events import EventsTable
from sinks.lane import Lane, Record
from sinks.periods import PeriodsTable
from sinks.quality import count
from sinks.rejections import RejectionsTable
from sinks.responses import ResponsesTable, states
from sinks.sums import add_up
from sinks.table import Table
from sinks.units import UnitsTable

log = logger(__name__)

_TABLES = ("events", "cells", "responses", "quality", "buckets", "days", "months", "periods", "units", "rejections")
"""In the order in which they change places: sums that are added up elsewhere meanwhile never read older buckets than
those whose sums they become."""
_FRESH = "_fresh"
_STEP = 1_000
_ROWS = 10_000
_FETCH_WAIT_MS = 20
"""A fetch that waits at one partition's end holds up the next partition's."""

_FORGOTTEN = f"""INSERT INTO {DATABASE}.rejections{_FRESH} SELECT * FROM {DATABASE}.rejections FINAL
WHERE log = {{log:UInt64}} AND toUnixTimestamp64Milli(at) < {{bound:Int64}}
  AND (topic, partition, offset, code, at) NOT IN (
    SELECT topic, partition, offset, code, at FROM {DATABASE}.rejections{_FRESH})"""  # noqa: S608 - names of our own

Hold = Callable[[], AbstractAsyncContextManager[None]]


class Rebuild:
    """One rebuild; call `run` once.

    Args:
        bootstrap: Kafka's addresses.
        store: migrated.
        log_id: the log's epoch.
        responses: name of the log's topic.
        scorecards: name of the buckets' topic.
        periods: name of the closings' topic.
        units: name of the register's topic.
        rejected: name of the refused records' topic.
        partitions: how many the first two and the last have.
        clock: for the windows of the fold, which are not used here.
        register: the units, running.
    """

    def __init__(
        self,
        bootstrap: str,
        store: Store,
        log_id: int,
        *,
        responses: str,
        scorecards: str,
        periods: str,
        units: str,
        rejected: str,
        partitions: int,
        clock: Clock,
        register: UnitsStore,
    ) -> None:
        self._store, self._log, self._partitions, self._clock = store, log_id, partitions, clock
        self._cells = {
            suffix: Cells(store, log_id, register, partitions, responses=responses, suffix=suffix)
            for suffix in (_FRESH, "")
        }
        self._consumer: AIOKafkaConsumer = kafka.consumer(
            bootstrap, client_id="ikm-rebuild", fetch_max_wait_ms=_FETCH_WAIT_MS
        )
        self._responses = [TopicPartition(responses, partition) for partition in range(partitions)]
        self._scorecards = [TopicPartition(scorecards, partition) for partition in range(partitions)]
        self._rejected = [TopicPartition(rejected, partition) for partition in range(partitions)]
        self._periods, self._units = TopicPartition(periods, 0), TopicPartition(units, 0)
        self._next: dict[TopicPartition, int] = dict.fromkeys((self._periods, self._units, *self._rejected), 0)
        self._oldest: dict[int, int] = {}
        self._lanes: dict[TopicPartition, Lane] = {}

    async def run(self, hold: Hold) -> None:
        """Fill fresh tables, hold the pipes, swap.

        Args:
            hold: while its block runs no pipe of this process writes.

        Raises:
            Exception: Kafka or the store failed; the live tables are as they were, and it may be run again.
        """
        await self._drop()
        for table in _TABLES:
            await self._store.command(f"CREATE TABLE {DATABASE}.{table}{_FRESH} AS {DATABASE}.{table}")
        await self._consumer.start()
        places = [*self._responses, *self._scorecards, *self._rejected, self._periods, self._units]
        self._consumer.assign(places)
        self._consumer.pause(*places)
        try:
            ends = await self._consumer.end_offsets(self._scorecards)
            self._lanes = {tp: Lane(end, BucketsTable(self._log).cutter()) for tp, end in ends.items()}
            for tp in self._responses:
                await self._fold(tp)
            await self._catch_up(_FRESH)
            await self._count()
            async with hold():
                await self._catch_up(_FRESH)
                await self._count()
                await self._keep_forgotten()
                for table in _TABLES:
                    await self._store.command(f"EXCHANGE TABLES {DATABASE}.{table} AND {DATABASE}.{table}{_FRESH}")
                await self._catch_up("")
        finally:
            await self._consumer.stop()
        await self._drop()
        log.info("store_rebuilt", events=sum(self._next[tp] for tp in self._responses))

    async def _drop(self) -> None:
        for table in _TABLES:
            await self._store.command(f"DROP TABLE IF EXISTS {DATABASE}.{table}{_FRESH}")

    async def _fold(self, tp: TopicPartition) -> None:
        """Archive one partition of the log, fold it, and write its buckets."""
        book = Book(writer="rebuild", log=self._log)
        book.advance(self._clock())
        self._next[tp] = 0
        async for records in self._records(tp):
            for table in self._answers(_FRESH):
                await self._archive(table, tp, records)
            for at in range(0, len(records), _STEP):
                await asyncio.to_thread(self._fold_some, book, records[at : at + _STEP])
        await self._cells[_FRESH].count_anew(tp.partition, self._next[tp])
        rows = [row for unit in book.units.values() for row in self._bucket_rows(book, unit, tp.partition)]
        for at in range(0, len(rows), _ROWS):
            columns = Columns(COLUMNS, list(zip(*rows[at : at + _ROWS], strict=True)))
            await self._store.insert(f"{DATABASE}.buckets{_FRESH}", columns)
        await add_up(self._store, self._log, ((row[0], row[1], row[2] // 3600) for row in rows), _FRESH)
        log.info("partition_refolded", partition=tp.partition, position=book.position, buckets=len(rows))

    def _fold_some(self, book: Book, records: list[Record]) -> None:
        for record in records:
            with suppress(Refused):  # it stands in `events` with its code, and counts for nothing
                book.fold(entry_from(record, self._partitions))
            book.position = record.offset + 1

    def _bucket_rows(self, book: Book, unit: Any, partition: int) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for bucket in unit.buckets():
            card = LAYOUTS[bucket.code].unpack(bucket.card)
            watermark = None if bucket.watermark is None else 60 * bucket.watermark
            sequence = (self._log, RULES_VERSION, book.position, 60 * (bucket.hour + 1))
            place = (unit.name, bucket.code, 3600 * bucket.hour, bucket.service, partition)
            rows.append(
                (*place, card.n, card.sum_x, card.sum_xx, list(card.histogram), list(card.parts), watermark, *sequence)
            )
        return rows

    async def _catch_up(self, suffix: str) -> None:
        """Bring what came since into the tables of this suffix: events, closings, units, whole batches of buckets."""
        buckets = BucketsTable(self._log, f"{DATABASE}.buckets{suffix}")
        for tp in self._responses:
            first = self._next[tp]
            async for records in self._records(tp):
                await self._archive_answers(tp, first, records, suffix)
                first = records[-1].offset + 1
        async for records in self._records(self._periods):
            await self._archive(PeriodsTable(self._log, f"{DATABASE}.periods{suffix}"), self._periods, records)
        async for records in self._records(self._units):
            newest = {record.key: record for record in records}  # a deletion takes what it deletes with it
            await self._archive(UnitsTable(self._log, f"{DATABASE}.units{suffix}"), self._units, [*newest.values()])
        await self._catch_up_letters(suffix)
        for tp in self._scorecards:
            lane = self._lanes[tp]
            self._next[tp] = lane.next_offset
            async for records in self._records(tp):
                lane.add(records)
                while (taken := lane.take()) is not None:
                    rows = await asyncio.to_thread(buckets.rows, taken.records, tp.partition)
                    if rows.sources:
                        await self._store.insert(buckets.name, rows.columns)
                        await add_up(self._store, self._log, rows.touched, suffix)

    async def _catch_up_letters(self, suffix: str) -> None:
        for tp in self._rejected:
            async for records in self._records(tp):
                self._oldest.setdefault(tp.partition, records[0].timestamp)
                await self._archive(RejectionsTable(self._log, f"{DATABASE}.rejections{suffix}"), tp, records)

    async def _keep_forgotten(self) -> None:
        """Take over the refused records of which the topic may know nothing any more."""
        firsts = await self._consumer.beginning_offsets(self._rejected)
        bound = forgotten_ms({tp.partition: first for tp, first in firsts.items()}, self._oldest)
        await self._store.command(_FORGOTTEN, {"log": self._log, "bound": bound})

    async def _count(self) -> None:
        """Count what became of the events archived so far."""
        await count(self._store, self._log, {tp.partition: self._next[tp] for tp in self._responses}, _FRESH)

    def _answers(self, suffix: str) -> tuple[EventsTable, ResponsesTable]:
        names = (f"{DATABASE}.{name}{suffix}" for name in ("events", "responses"))
        return EventsTable(self._log, self._partitions, next(names)), ResponsesTable(
            self._log, self._partitions, next(names)
        )

    async def _archive_answers(self, tp: TopicPartition, first: int, records: list[Record], suffix: str) -> None:
        """Events, cells, then states: those of offsets [first, the last record]."""
        events, responses = self._answers(suffix)
        await self._archive(events, tp, records)
        rows = await asyncio.to_thread(responses.rows, records, tp.partition)
        run = Run(first, records[-1].offset + 1, list(states(rows)))
        await self._cells[suffix].add({tp.partition: run})
        if rows.sources:
            await self._store.insert(responses.name, rows.columns)

    async def _archive(self, table: Table, tp: TopicPartition, records: list[Record]) -> None:
        rows = await asyncio.to_thread(table.rows, records, tp.partition)
        if rows.sources:
            await self._store.insert(table.name, rows.columns)

    async def _records(self, tp: TopicPartition) -> AsyncIterator[list[Record]]:
        """The records of a partition from where we are to its present end, in runs of up to 10,000."""
        end = (await self._consumer.end_offsets([tp]))[tp]
        if self._next[tp] >= end:
            return
        self._consumer.seek(tp, self._next[tp])
        self._consumer.resume(tp)
        run: list[Record] = []
        while self._next[tp] < end:
            for found in (await self._consumer.getmany(tp, timeout_ms=500, max_records=_ROWS)).values():
                run += found
            self._next[tp] = await self._consumer.position(tp)
            if run and (len(run) >= _ROWS or self._next[tp] >= end):
                yield run
                run = []
        self._consumer.pause(tp)
