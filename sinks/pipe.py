"""A pipe: one topic into one table, with its own consumer group and manual commits."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata

from runtime import kafka
from runtime.clickhouse import Store
from runtime.clock import Clock
from runtime.logging import logger
from sinks.lane import MAX_BUFFERED, MAX_ROWS, Lane
from sinks.offsets import starts
from sinks.plan import Owner
from sinks.refusals import DeadLetters
from sinks.round import Writer, Yielded
from sinks.table import Table

log = logger(__name__)

FLUSH_EVERY_S = 0.4
"""Least time between two rounds while rows trickle in; a round starts at once after a pause, or at 10,000 rows."""
BUSY_WAIT_MS = 40
IDLE_WAIT_MS = 500
FETCH_RECORDS = 4_000
HANDOVER_S = 10.0


class Pipe(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Reads a topic's partitions as a member of its group and keeps the table up to date with them."""

    def __init__(
        self,
        bootstrap: str,
        *,
        topic: str,
        group: str,
        table: Table,
        owner: Owner,
        store: Store,
        letters: DeadLetters,
        clock: Clock,
        instance: str | None,
    ) -> None:
        self._bootstrap, self._topic, self._group, self._table, self._owner = bootstrap, topic, group, table, owner
        self._consumer: AIOKafkaConsumer = kafka.consumer(
            bootstrap,
            client_id=group,
            group_id=group,
            group_instance_id=instance,
            session_timeout_ms=6_000,
            heartbeat_interval_ms=1_500,
            fetch_max_wait_ms=IDLE_WAIT_MS,
        )
        self._writer = Writer(table, owner, store, letters, clock, self._commit, lambda: self._yielding)
        self._lanes: dict[TopicPartition, Lane] = {}
        self._unclaimed: set[TopicPartition] = set()
        self._assignments = 0
        self._sought: set[TopicPartition] = set()
        self._round: asyncio.Task[None] | None = None
        self._round_ended = 0.0
        self._yielding = False
        self._is_held = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Join the group and go on where its offsets are."""
        self._consumer.subscribe([self._topic], listener=self)
        await self._consumer.start()
        self._task = asyncio.create_task(self._run(), name=f"pipe-{self._topic}")

    async def stop(self) -> None:
        """Finish the round under way, leave the group; what is buffered is read again by the next owner.

        What ended the pipe before is not raised again: `wait` has said it.
        """
        self._yielding = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._end_round()
        if self._round is not None:
            self._round.cancel()
        await self._consumer.stop()

    async def wait(self) -> None:
        """Return never; raise what ended the pipe."""
        assert self._task is not None
        await asyncio.shield(self._task)

    def owns(self, partition: int) -> bool:
        """Whether this pipe now fills the table from that partition."""
        return any(tp.partition == partition for tp in self._lanes)

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """While the block runs no round runs; records are buffered."""
        self._is_held = True
        try:
            if self._round is not None:
                await asyncio.wait([self._round])
            yield
        finally:
            self._is_held = False

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Take them over: nothing is read before the plans are known."""
        self._lanes.clear()
        self._unclaimed = set(assigned)
        self._assignments += 1
        self._yielding = False

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Let the round under way end, then forget what is buffered: the next owner reads it again."""
        self._yielding = True
        self._unclaimed = set()
        await self._end_round()
        self._lanes.clear()
        log.debug("pipe_revoked", topic=self._topic, partitions=len(list(revoked)))

    async def _run(self) -> None:
        while True:
            await self._claim()
            for tp, records in (await self._fetch()).items():
                self._take(tp, records)
            self._throttle()
            self._flush()

    async def _fetch(self) -> Mapping[TopicPartition, list[Any]]:
        try:
            return await self._consumer.getmany(timeout_ms=self._patience_ms(), max_records=FETCH_RECORDS)  # type: ignore[no-any-return]
        except KafkaError as error:
            log.warning("pipe_waits_for_kafka", topic=self._topic, error=repr(error))
            await asyncio.sleep(FLUSH_EVERY_S)
            return {}

    def _patience_ms(self) -> int:
        is_busy = self._round is not None or any(lane.records for lane in self._lanes.values())
        return BUSY_WAIT_MS if is_busy else IDLE_WAIT_MS

    async def _claim(self) -> None:
        wanted, assignment = sorted(self._unclaimed), self._assignments
        if not wanted or self._round is not None:
            return
        try:
            found = await starts(self._bootstrap, self._group, self._consumer, wanted, self._owner)
            for tp, start in found.items():
                if tp not in self._unclaimed or self._assignments != assignment:
                    continue
                self._consumer.seek(tp, start.offset)
                self._lanes[tp] = Lane(start.offset, self._table.cutter(), start.planned_last)
                self._unclaimed.discard(tp)
        except (KafkaError, IllegalStateError) as error:
            log.warning("pipe_waits_for_kafka", topic=self._topic, error=repr(error))
            await asyncio.sleep(FLUSH_EVERY_S)

    def _take(self, tp: TopicPartition, records: list[Any]) -> None:
        lane = self._lanes.get(tp)
        if lane is None:
            return
        if records[0].offset < lane.next_offset:
            records = [record for record in records if record.offset >= lane.next_offset]
            if not records:
                return
        if records[0].offset > lane.next_offset and tp not in self._sought:
            self._sought.add(tp)
            self._consumer.seek(tp, lane.next_offset)
            return
        self._sought.discard(tp)
        if records[0].offset > lane.next_offset:
            log.info("offsets_skipped", topic=tp.topic, partition=tp.partition, at=lane.next_offset)
        lane.add(records)

    def _throttle(self) -> None:
        for tp, lane in self._lanes.items():
            with contextlib.suppress(IllegalStateError):  # it was revoked a moment ago
                if len(lane.records) > MAX_BUFFERED and lane.cut() is not None:
                    self._consumer.pause(tp)
                elif tp in self._consumer.paused() and len(lane.records) <= MAX_BUFFERED // 2:
                    self._consumer.resume(tp)

    def _flush(self) -> None:
        if self._round is not None:
            if not self._round.done():
                return
            ended, self._round, self._round_ended = self._round, None, time.monotonic()
            self._after(ended)
        is_full = any(len(lane.records) >= MAX_ROWS for lane in self._lanes.values())
        if self._yielding or self._is_held or not (is_full or time.monotonic() - self._round_ended >= FLUSH_EVERY_S):
            return
        ranges = {tp: taken for tp, lane in self._lanes.items() if (taken := lane.take()) is not None}
        if ranges:
            self._round = asyncio.create_task(self._writer.write(ranges), name=f"round-{self._topic}")

    def _after(self, ended: asyncio.Task[None]) -> None:
        """A round that was given up leaves its partitions to be claimed again, here or elsewhere."""
        error = ended.exception()
        if isinstance(error, Yielded):
            log.info("round_given_up", topic=self._topic, reason=str(error))
            self._lanes.clear()
            self._unclaimed = set(self._consumer.assignment())
        elif error is not None:
            raise error

    async def _end_round(self) -> None:
        if self._round is not None:
            await asyncio.wait([self._round], timeout=HANDOVER_S)

    async def _commit(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        try:
            await self._consumer.commit(dict(offsets))
        except (CommitFailedError, IllegalStateError) as error:
            raise Yielded(repr(error)) from error
