"""The sink: pipes that keep ClickHouse up to date with the log, and the closing of periods."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiokafka import TopicPartition

from runtime import kafka
from runtime.clickhouse import DATABASE, Lane, Store
from runtime.clock import Clock, system_clock
from runtime.closer import Closer
from runtime.logging import logger
from runtime.reached import Names
from runtime.tasks import cancelled
from runtime.topics import (
    FRAMES,
    INDEX,
    OPS,
    PERIODS,
    REJECTED,
    RESPONSES,
    SCORECARDS,
    UNITS,
    log_epoch,
    states_of,
)
from runtime.units import UnitsStore
from sinks import replays
from sinks.buckets import BucketsTable
from sinks.cells import Cells, Run
from sinks.closing import Closings
from sinks.events import EventsTable
from sinks.frames import FramesTable
from sinks.frames_read import FramesRead
from sinks.freshness import Freshness
from sinks.lineage import Lineages
from sinks.live import LiveTable
from sinks.ops import OpsTable
from sinks.periods import PeriodsTable
from sinks.pipe import Pipe
from sinks.plan import Owner
from sinks.quality import Quality
from sinks.rebuild import Rebuild
from sinks.refusals import DeadLetters
from sinks.rejections import RejectionsTable
from sinks.responses import ResponsesTable, states
from sinks.round import Ranges
from sinks.schema import prepare
from sinks.table import Rows, Table
from sinks.units import UnitsTable

log = logger(__name__)

GROUP_PREFIX = "ikm-sink"


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics that a sink reads and writes; a test has its own."""

    responses: str = RESPONSES.name
    scorecards: str = SCORECARDS.name
    index: str = INDEX.name
    frames: str = FRAMES.name
    units: str = UNITS.name
    periods: str = PERIODS.name
    rejected: str = REJECTED.name
    ops: str = OPS.name
    partitions: int = RESPONSES.partitions


class Sink:
    """Everything that flows into ClickHouse: `start`, then `wait` (it raises what ended it), then `stop`.

    Several processes may run one each: the groups share the partitions out.

    Args:
        bootstrap: Kafka's addresses; the topics exist.
        store: open; its tables are migrated by `start`.
        clock: for the time of progress rows, and when periods close.
        topics: which topics.
        group_prefix: name of the consumer groups, before `-events`, `-responses`, `-scorecards`, `-frames`, `-live`,
            `-units`, `-periods`, `-rejections`, `-ops`.
        log_id: the log's epoch; asked of Kafka when left out.
        alone: no other process fills this store: then a restart takes over from itself at once, without waiting for
            the dead one's session to end. True for a store in the process, unless said otherwise.
    """

    def __init__(
        self,
        bootstrap: str,
        store: Store,
        *,
        clock: Clock = system_clock,
        topics: Topics | None = None,
        group_prefix: str = GROUP_PREFIX,
        log_id: int | None = None,
        alone: bool | None = None,
    ) -> None:
        self._bootstrap, self._store, self._clock = bootstrap, store, clock
        self._topics, self._prefix, self._log_id = topics or Topics(), group_prefix, log_id
        self._alone = store.is_embedded if alone is None else alone
        self._producer = kafka.producer(bootstrap, client_id=f"{group_prefix}-rejected")
        self._pipes: dict[str, Pipe] = {}
        self.units = UnitsStore(bootstrap, clock=clock, topic=self._topics.units)
        self._lineages: Lineages
        self._cells: Cells
        self.closings: Closings
        self.quality: Quality
        self.freshness: Freshness
        self._watches: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Bring the schema up to date and join the groups.

        Raises:
            StoreError: the store is not as it must be.
            TopicError: Kafka is not as it must be.
        """
        applied = await prepare(self._store)
        log_id = self._log_id if self._log_id is not None else await log_epoch(self._bootstrap)
        owner = Owner(log_id, await store_id(self._store))
        log.info("sink_starts", log=owner.log, store=owner.store, migrated=applied)
        await self._producer.start()
        letters = DeadLetters(self._producer, self._topics.rejected)
        self.freshness = Freshness(self._store, log_id, self._topics.responses, owns=self._fills)
        tables: dict[str, tuple[str, Table, float]] = {
            "events": (self._topics.responses, EventsTable(log_id, self._topics.partitions), 1.0),
            "responses": (self._topics.responses, ResponsesTable(log_id, self._topics.partitions), 1.0),
            "scorecards": (self._topics.scorecards, BucketsTable(log_id), 0.6),
            "frames": (self._topics.frames, FramesTable(log_id), 0.1),
            "live": (self._topics.index, LiveTable(log_id), 2.0),
            "units": (self._topics.units, UnitsTable(log_id), 0.3),
            "periods": (self._topics.periods, PeriodsTable(log_id), 0.1),
            "rejections": (self._topics.rejected, RejectionsTable(log_id), 2.0),
            "ops": (self._topics.ops, OpsTable(log_id), 2.0),
        }
        self._cells = Cells(self._store, log_id, self.units, self._topics.partitions, responses=self._topics.responses)
        for name, (topic, table, flush_every_s) in tables.items():
            pipe = Pipe(
                self._bootstrap,
                topic=topic,
                group=f"{self._prefix}-{name}",
                table=table,
                owner=owner,
                store=self._store,
                letters=letters,
                clock=self._clock,
                instance=f"store-{owner.store}" if self._alone else None,
                flush_every_s=flush_every_s,
                progress_as=states_of(topic) if name == "responses" else topic,
                told=self.freshness.stored if name == "scorecards" else None,
                before=self._count if name == "responses" else None,
            )
            self._pipes[name] = pipe
            await pipe.start()
        await self.units.start()
        self.closings = self._closings(log_id)
        self._lineages = Lineages(
            self._store, self.units, is_ours=lambda: self._pipes["units"].owns(0), clock=self._clock
        )
        self.quality = Quality(
            self._store, log_id, self._topics.responses, is_ours=lambda: self._pipes["events"].owns(0)
        )
        frames = FramesRead(
            self._bootstrap,
            self._store,
            log_id,
            topic=self._topics.frames,
            partitions=self._topics.partitions,
            clock=self._clock,
        )
        jobs = (self.closings, self._lineages, self.quality, self.freshness, frames)
        self._watches += [asyncio.create_task(job.run()) for job in jobs]
        self._watches.append(asyncio.create_task(self._cells.watch(self._pipes["responses"].owns)))
        if self._topics == Topics():
            watch = replays.watch(
                self._bootstrap,
                self._store,
                log_id,
                is_ours=lambda: self._pipes["events"].owns(0),
                rebuild=lambda: self.rebuild(log_id),
                clock=self._clock,
            )
            self._watches.append(asyncio.create_task(watch))

    def _closings(self, log_id: int) -> Closings:
        names = Names(self._topics.responses, self._topics.scorecards, self._topics.periods, self._topics.partitions)
        return Closings(
            self._store,
            log_id,
            Closer(
                self._bootstrap, self._store, log_id, clock=self._clock, register=self.units.all_versions, names=names
            ),
            self.units,
            is_ours=lambda: self._pipes["periods"].owns(0),
            clock=self._clock,
        )

    async def _count(self, ranges: Ranges, made: Mapping[TopicPartition, Rows]) -> None:
        """Bring the cells up to date with states that are about to be stored."""
        await self._cells.add(
            {tp.partition: Run(taken.first, taken.last + 1, list(states(made[tp]))) for tp, taken in ranges.items()}
        )

    def _fills(self, partition: int) -> bool:
        """Whether the figures of a partition are stored by this process."""
        return self._pipes["scorecards"].owns(partition)

    async def rebuild(self, log_id: int) -> None:
        """Refold the log from offset 0 into fresh tables and swap them in; what arrives meanwhile is kept.

        The register's rows are written again too.
        """
        rebuild = Rebuild(
            self._bootstrap,
            self._store,
            log_id,
            responses=self._topics.responses,
            scorecards=self._topics.scorecards,
            periods=self._topics.periods,
            units=self._topics.units,
            rejected=self._topics.rejected,
            partitions=self._topics.partitions,
            clock=self._clock,
            register=self.units,
        )
        await rebuild.run(self._held)
        await self._lineages.write()

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.quality.held())
            for pipe in self._pipes.values():
                await stack.enter_async_context(pipe.held())
            await stack.enter_async_context(self._cells.held())  # last: a round under way needs them
            yield

    async def wait(self) -> None:
        """Run until a pipe ends, and raise what ended it."""
        await asyncio.gather(*(pipe.wait() for pipe in self._pipes.values()))

    async def stop(self) -> None:
        """Finish the rounds under way and leave the groups; the store stays open."""
        await cancelled(self._watches)
        await self.units.stop()
        await asyncio.gather(*(pipe.stop() for pipe in self._pipes.values()))
        await self._producer.stop()


async def store_id(store: Store) -> int:
    """Tells this store from any other: when its first migration was recorded, UTC epoch milliseconds."""
    rows = await store.rows(
        f"SELECT toUnixTimestamp64Milli(min(applied_at)) FROM {DATABASE}.migrations",  # noqa: S608
        lane=Lane.WRITE,
    )
    return int(rows[0][0])
