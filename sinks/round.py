"""One round: ranges of several partitions go into the store, each exactly once, and their offsets are committed."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from runtime import metrics
from runtime.clickhouse import Columns, Store
from runtime.clock import Clock
from runtime.crash import crash_point
from runtime.logging import logger
from sinks import progress, sums
from sinks.lane import Range
from sinks.plan import Owner, Plan
from sinks.refusals import DeadLetters, TooManyRefused, insert_fit
from sinks.table import Rows, Table, Unfit

log = logger(__name__)
T = TypeVar("T")

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0

Ranges = Mapping[TopicPartition, Range]
Plans = Mapping[TopicPartition, Plan]
Told = Callable[[int, int, int], None]
"""Takes a partition, the source position that the figures stored hold, and when they did (UTC epoch ms)."""
Before = Callable[[Ranges, Mapping[TopicPartition, Rows]], Awaitable[None]]
"""Does what must stand in the store before some ranges and their rows do; it may be repeated."""
Commit = Callable[[Mapping[TopicPartition, OffsetAndMetadata]], Awaitable[None]]


class Yielded(Exception):  # noqa: N818 - the partitions are somebody else's now
    """The round was given up because its partitions are being taken away."""


@dataclass(slots=True)
class Writer:
    """Puts ranges into one table.

    Attributes:
        table: which rows the records become.
        owner: log and store, for plans and tokens.
        store: the store.
        letters: where refused records go.
        clock: for the time of a progress row.
        progress_as: the topic's name in it.
        commit: commits offsets with metadata.
        is_yielding: true while the partitions are being taken away.
        told: hears of progress once it is recorded.
        before: see `Before`.
    """

    table: Table
    owner: Owner
    store: Store
    letters: DeadLetters
    clock: Clock
    progress_as: str
    commit: Commit
    is_yielding: Callable[[], bool]
    told: Told | None = None
    before: Before | None = None

    async def write(self, ranges: Ranges) -> None:
        """Plan, do what comes before, insert, add up, record progress, commit: in this order, each until it holds.

        Raises:
            Yielded: the partitions are being taken away; the next owner finds the plan.
            TooManyRefused: the store refuses so much that the sink must stop.
        """
        made = {
            tp: await asyncio.to_thread(self.table.rows, taken.records, tp.partition) for tp, taken in ranges.items()
        }
        plans = {
            tp: Plan(self.owner, taken.first, taken.last) for tp, taken in ranges.items() if _has_content(made[tp])
        }
        crash_point("sink.before_plan")
        if plans:
            offsets = {tp: OffsetAndMetadata(plan.first, plan.encode()) for tp, plan in plans.items()}
            await self._until_done("plan", lambda: self.commit(offsets))
        crash_point("sink.after_plan")
        if self.before is not None:
            await self._until_done("before", partial(self.before, ranges, made))
        await self._insert(ranges, made, plans)
        await self._add_up(made)
        reached = [
            progress.Reached(self.progress_as, tp.partition, taken.last + 1, source)
            for tp, taken in ranges.items()
            if (source := made[tp].source_offset) is not None
        ]
        if reached:
            await self._until_done(
                "progress", lambda: progress.write(self.store, self.owner.log, reached, self.clock())
            )
            self._tell(reached)
        done = {
            tp: OffsetAndMetadata(taken.last + 1, Plan.none(self.owner, taken.last + 1).encode())
            for tp, taken in ranges.items()
        }
        crash_point("sink.before_commit")
        await self._until_done("commit", lambda: self.commit(done))
        crash_point("sink.after_commit")

    def _tell(self, reached: Sequence[progress.Reached]) -> None:
        if self.told is not None:
            for said in reached:
                self.told(said.partition, said.source_offset, self.clock())

    async def _insert(self, ranges: Ranges, made: Mapping[TopicPartition, Rows], plans: Plans) -> None:
        """Bring all ranges in as one block; what may be there already, or fails, goes in alone and is looked at."""
        self.letters.count(sum(len(ranges[tp].records) for tp in plans))
        unfit = [letter for tp in plans for letter in made[tp].unfit]
        filled = [tp for tp in plans if made[tp].sources]
        new = [tp for tp in filled if not ranges[tp].is_repeated]
        crash_point("sink.before_insert")
        started = time.perf_counter()
        is_in = await self._insert_together(new, made, plans) if new else True
        for tp in filled:
            if ranges[tp].is_repeated or not is_in:
                alone = partial(self._insert_alone, tp, ranges[tp], made[tp], plans[tp])
                unfit += await self._until_done("insert", alone)
        metrics.SINK_INSERT_SECONDS.labels(self.table.name).observe(time.perf_counter() - started)
        metrics.SINK_ROWS.labels(self.table.name).inc(sum(len(made[tp].sources) for tp in filled))
        crash_point("sink.after_insert")
        if unfit:
            metrics.SINK_REJECTED.inc(len(unfit))
            await self._until_done("dead_letters", lambda: self.letters.send(unfit))

    async def _add_up(self, made: Mapping[TopicPartition, Rows]) -> None:
        touched = frozenset[sums.Place]().union(*(rows.touched for rows in made.values()))
        if touched:
            crash_point("sink.before_sums")
            started = time.perf_counter()
            await self._until_done("sums", lambda: sums.add_up(self.store, self.owner.log, touched))
            metrics.SINK_INSERT_SECONDS.labels("sums").observe(time.perf_counter() - started)

    async def _insert_together(
        self, places: Sequence[TopicPartition], made: Mapping[TopicPartition, Rows], plans: Plans
    ) -> bool:
        token = ",".join(plans[tp].token(tp.topic, tp.partition) for tp in places)
        try:
            await self.store.insert(self.table.name, Columns.join([made[tp].columns for tp in places]), token)
        except Exception as error:  # noqa: BLE001 - each range is tried alone now, and that says what is the matter
            metrics.SINK_RETRIES.inc()
            log.warning("insert_failed", table=self.table.name, ranges=len(places), error=str(error)[:300])
            return False
        return True

    async def _insert_alone(self, tp: TopicPartition, taken: Range, rows: Rows, plan: Plan) -> list[Unfit]:
        """Insert a range that may be there already.

        The engine notes a token before it takes the rows: after a kill in between it would drop them for ever. So what
        is not there afterwards goes in under another token.
        """
        if await self.table.holds(self.store, tp.partition, taken):
            return []
        token = plan.token(tp.topic, tp.partition)
        unfit = await insert_fit(self.store, self.table.name, rows, token)
        if len(unfit) == len(rows.sources) or await self.table.holds(self.store, tp.partition, taken):
            return unfit
        return await insert_fit(self.store, self.table.name, rows, f"{token}:{time.time_ns()}")

    async def _until_done(self, what: str, step: Callable[[], Awaitable[T]]) -> T:
        """Repeat a step for ever; nothing that Kafka or the store can do ends it but the loss of the partitions."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                return await step()
            except (TooManyRefused, Yielded):
                raise
            except KafkaError as error:
                if self.is_yielding() or not error.retriable:
                    raise Yielded(f"{what}: {error!r}") from error
                log.warning("sink_waits_for_kafka", step=what, error=repr(error))
            except Exception as error:  # whatever the store says, repeating is safe and giving up is not
                if self.is_yielding():
                    raise Yielded(f"{what}: {error!r}") from error
                metrics.SINK_RETRIES.inc()
                log.warning("sink_waits_for_store", step=what, table=self.table.name, error=str(error)[:500])
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)


def _has_content(rows: Rows) -> bool:
    return bool(rows.sources or rows.unfit)
