"""A pipe: one topic into one table, with its own consumer group and manual commits."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata

from runtime import kafka
from runtime.clickhouse import Store
from runtime.clock import Clock
from runtime.logging import logger
from sinks.intake import Intake
from sinks.plan import Owner
from sinks.refusals import DeadLetters
from sinks.round import Before, Told, Writer, Yielded
from sinks.table import Table

log = logger(__name__)

RETRY_PAUSE_S = 0.4
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
        flush_every_s: float,
        progress_as: str,
        told: Told | None = None,
        before: Before | None = None,
    ) -> None:
        """Wire a pipe.

        Args:
            bootstrap: Kafka's addresses.
            topic: what is read.
            group: the consumer group.
            table: what is filled.
            owner: the log and the store.
            store: ClickHouse.
            letters: where refused records go.
            clock: for progress rows.
            instance: static membership: a restart takes over from its dead predecessor at once; None to share.
            flush_every_s: least time between two rounds while rows trickle in; a round starts at once after a pause,
                or at 10,000 rows.
            progress_as: what progress rows call this reading of the topic.
            told: hears of progress once it is recorded.
            before: brings into the store what must stand there before the rows do.
        """
        self._topic, self._flush_every_s = topic, flush_every_s
        self._consumer: AIOKafkaConsumer = kafka.consumer(
            bootstrap,
            client_id=group,
            group_id=group,
            group_instance_id=instance,
            session_timeout_ms=6_000,
            heartbeat_interval_ms=1_500,
            fetch_max_wait_ms=IDLE_WAIT_MS,
        )
        self._intake = Intake(self._consumer, bootstrap, group, table, owner)
        self._writer = Writer(
            table, owner, store, letters, clock, progress_as, self._commit, lambda: self._yielding, told, before
        )
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
        return any(tp.partition == partition for tp in self._intake.lanes)

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
        self._intake.reset(assigned)
        self._yielding = False

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Let the round under way end, then forget what is buffered: the next owner reads it again."""
        self._yielding = True
        self._intake.reset(())
        await self._end_round()
        log.debug("pipe_revoked", topic=self._topic, partitions=len(list(revoked)))

    async def _run(self) -> None:
        while True:
            try:
                if self._round is None:
                    await self._intake.claim()
                is_busy = self._round is not None or not self._intake.is_empty
                patience_ms = BUSY_WAIT_MS if is_busy else IDLE_WAIT_MS
                self._intake.take(await self._consumer.getmany(timeout_ms=patience_ms, max_records=FETCH_RECORDS))
            except (KafkaError, IllegalStateError) as error:
                log.warning("pipe_waits_for_kafka", topic=self._topic, error=repr(error))
                await asyncio.sleep(RETRY_PAUSE_S)
            self._flush()

    def _flush(self) -> None:
        if self._round is not None:
            if not self._round.done():
                return
            ended, self._round, self._round_ended = self._round, None, time.monotonic()
            self._after(ended)
        is_due = self._intake.is_full or time.monotonic() - self._round_ended >= self._flush_every_s
        if self._yielding or self._is_held or not is_due:
            return
        if ranges := self._intake.ranges():
            self._round = asyncio.create_task(self._writer.write(ranges), name=f"round-{self._topic}")

    def _after(self, ended: asyncio.Task[None]) -> None:
        """A round that was given up leaves its partitions to be claimed again, here or elsewhere."""
        error = ended.exception()
        if isinstance(error, Yielded):
            log.info("round_given_up", topic=self._topic, reason=str(error))
            self._intake.reset(self._consumer.assignment())
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
