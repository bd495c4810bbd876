"""How far the published figures lie behind the log, and when the workers last gave a sign of life."""

import asyncio
import contextlib
from collections.abc import Mapping

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from api.index_store import IndexStore
from runtime import kafka
from runtime.clock import Clock
from runtime.logging import logger
from runtime.metrics import INDEX_LAG
from runtime.topics import RESPONSES

log = logger(__name__)

EVERY_S = 1.0


class LagMonitor:
    """Asks Kafka every second where the log ends and compares with what the workers have published."""

    def __init__(self, bootstrap: str, published: IndexStore, *, clock: Clock) -> None:
        """Wire the monitor to the log and to the store of what is published."""
        self._bootstrap = bootstrap
        self._published = published
        self._clock = clock
        self._partitions = [TopicPartition(RESPONSES.name, number) for number in range(RESPONSES.partitions)]
        self._ends: Mapping[int, int] = {}
        self._task: asyncio.Task[None] | None = None
        self.asked_ms: int | None = None
        """When Kafka last said where the log ends, UTC epoch milliseconds."""

    async def start(self) -> None:
        """Begin to ask, in the background."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop asking."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def lag(self) -> Mapping[int, int]:
        """Records per partition that the published figures do not hold yet; empty before the first answer."""
        progress = self._published.progress
        return {
            partition: max(0, end - (progress[partition].next_offset if partition in progress else 0))
            for partition, end in self._ends.items()
        }

    def seen_ms(self, partition: int) -> int | None:
        """When a partition's worker last gave a sign of life, UTC epoch milliseconds, or None."""
        progress = self._published.progress.get(partition)
        return None if progress is None else progress.at_ms

    async def _run(self) -> None:
        while True:
            try:
                await self._ask()
            except KafkaError as error:
                log.warning("kafka_away", topic=RESPONSES.name, error=repr(error))
            except Exception:  # readiness says that nothing is known; asking again is the cure
                log.exception("lag_not_known")
            await asyncio.sleep(EVERY_S)

    async def _ask(self) -> None:
        consumer = kafka.consumer(self._bootstrap, client_id="ikm-lag")
        try:
            await consumer.start()
            while True:
                ends = await consumer.end_offsets(self._partitions)
                self._ends = {place.partition: end for place, end in ends.items()}
                self.asked_ms = self._clock()
                for partition, records in self.lag().items():
                    INDEX_LAG.labels(partition).set(records)
                await asyncio.sleep(EVERY_S)
        finally:
            await consumer.stop()
