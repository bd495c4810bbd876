"""One round: ranges of several partitions go into the store, each exactly once, and their offsets are committed."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from runtime import metrics
from runtime.clickhouse import Store
from runtime.clock import Clock
from runtime.crash import crash_point
from runtime.logging import logger
from sinks import progress
from sinks.lane import Range
from sinks.plan import Owner, Plan
from sinks.refusals import DeadLetters, TooManyRefused, insert_fit
from sinks.table import Rows, Table, Unfit

log = logger(__name__)
T = TypeVar("T")

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0

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
        commit: commits offsets with metadata.
        is_yielding: true while the partitions are being taken away.
    """

    table: Table
    owner: Owner
    store: Store
    letters: DeadLetters
    clock: Clock
    commit: Commit
    is_yielding: Callable[[], bool]

    async def write(self, ranges: Mapping[TopicPartition, Range]) -> None:
        """Plan, insert, record progress, commit: in this order, each step repeated until it holds.

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
        await asyncio.gather(*(self._insert(tp, ranges[tp], made[tp], plan) for tp, plan in plans.items()))
        reached = [
            progress.Reached(tp.topic, tp.partition, taken.last + 1, source)
            for tp, taken in ranges.items()
            if (source := made[tp].source_offset) is not None
        ]
        if reached:
            await self._until_done(
                "progress", lambda: progress.write(self.store, self.owner.log, reached, self.clock())
            )
        done = {
            tp: OffsetAndMetadata(taken.last + 1, Plan.none(self.owner, taken.last + 1).encode())
            for tp, taken in ranges.items()
        }
        crash_point("sink.before_commit")
        await self._until_done("commit", lambda: self.commit(done))
        crash_point("sink.after_commit")

    async def _insert(self, tp: TopicPartition, taken: Range, rows: Rows, plan: Plan) -> None:
        self.letters.count(len(taken.records))
        unfit = list(rows.unfit)
        if rows.sources:
            crash_point("sink.before_insert")
            started = time.perf_counter()
            attempts = itertools.count(1 + taken.is_repeated)
            token = plan.token(tp.topic, tp.partition)
            unfit += await self._until_done(
                "insert", lambda: self._insert_once(tp, taken, rows, token, is_repeated=next(attempts) > 1)
            )
            metrics.SINK_INSERT_SECONDS.labels(self.table.name).observe(time.perf_counter() - started)
            metrics.SINK_ROWS.labels(self.table.name).inc(len(rows.sources))
            crash_point("sink.after_insert")
        if unfit:
            metrics.SINK_REJECTED.inc(len(unfit))
            await self._until_done("dead_letters", lambda: self.letters.send(unfit))

    async def _insert_once(
        self, tp: TopicPartition, taken: Range, rows: Rows, token: str, *, is_repeated: bool
    ) -> list[Unfit]:
        """Insert a range that may be there already.

        The engine notes a token before it takes the rows: after a kill in between it would drop them for ever. So a
        repeated insert is looked at afterwards, and what is not there goes in under another token.
        """
        unfit = await insert_fit(self.store, self.table.name, rows, token)
        if is_repeated and not await self.table.holds(self.store, tp.partition, taken):
            log.warning("rows_missing_under_known_token", table=self.table.name, token=token)
            return await insert_fit(self.store, self.table.name, rows, f"{token}:{time.time_ns()}")
        return unfit

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
