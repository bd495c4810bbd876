"""Reads a topic whole, from its start, and goes on for ever: how a process materialises a compacted topic."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from runtime import kafka
from runtime.logging import logger

log = logger(__name__)

RETRY_PAUSE_S = 0.5
FETCH_WAIT_MS = 500


class Follower:
    """Hands every record of a topic to a function, each partition in its order, and says how far it is."""

    def __init__(
        self, bootstrap: str, topic: str, partitions: int, apply: Callable[[Any], None], *, client_id: str
    ) -> None:
        """Wire a follower.

        Args:
            bootstrap: Kafka's addresses.
            topic: the topic's name.
            partitions: how many partitions it has.
            apply: takes one record (aiokafka's, with raw key, value and headers); it must not raise for bad data.
            client_id: how Kafka's own logs call this reader.
        """
        self._options: dict[str, Any] = {"bootstrap": bootstrap, "client_id": client_id}
        self._partitions = [TopicPartition(topic, number) for number in range(partitions)]
        self._apply = apply
        self._next: dict[int, int] = dict.fromkeys(range(partitions), 0)
        self._ends: dict[int, int] | None = None
        self._progress = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to read, in the background; Kafka may still be away."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @property
    def is_caught_up(self) -> bool:
        """True once everything that was there when reading began has been applied."""
        return self._ends is not None and all(self._next[number] >= end for number, end in self._ends.items())

    async def wait_caught_up(self) -> None:
        """Wait until `is_caught_up`."""
        async with self._progress:
            await self._progress.wait_for(lambda: self.is_caught_up)

    async def wait_for(self, partition: int, next_offset: int) -> None:
        """Wait until everything below an offset of a partition has been applied."""
        async with self._progress:
            await self._progress.wait_for(lambda: self._next[partition] >= next_offset)

    async def _run(self) -> None:
        topic = self._partitions[0].topic
        while True:
            try:
                await self._read()
            except KafkaError as error:
                log.warning("kafka_away", topic=topic, error=repr(error))
            except Exception:  # a reader that died silently would serve old figures for ever: try again, and say so
                log.exception("topic_not_readable", topic=topic, next=self._next)
            await asyncio.sleep(RETRY_PAUSE_S)

    async def _read(self) -> None:
        consumer = kafka.consumer(**self._options, fetch_max_wait_ms=FETCH_WAIT_MS)
        try:
            await consumer.start()
            consumer.assign(self._partitions)
            for place in self._partitions:
                consumer.seek(place, self._next[place.partition])
            ends = await consumer.end_offsets(self._partitions)
            if self._ends is None:
                self._ends = {place.partition: end for place, end in ends.items()}
            while True:
                batches = await consumer.getmany(timeout_ms=FETCH_WAIT_MS)
                await self._take(consumer, batches)
        finally:
            await consumer.stop()

    async def _take(self, consumer: Any, batches: dict[Any, list[Any]]) -> None:
        for records in batches.values():
            for record in records:
                self._apply(record)
        for place in self._partitions:
            self._next[place.partition] = await consumer.position(place)
        async with self._progress:
            self._progress.notify_all()
