"""Says when the store first has every public frame that stood on the topic."""

import asyncio
from typing import Final

from aiokafka import TopicPartition

from runtime import kafka
from runtime.clickhouse import Store
from runtime.clock import Clock
from runtime.logging import logger
from sinks import progress

log = logger(__name__)

NAME: Final = "frames|read"
"""What `progress` calls it; until that row of the log is there, `v_public_element` shows nothing."""

POLL_S: Final = 1.0


class FramesRead:
    """Notes in `progress`, once for each log, that all frames which stood on the topic at the start are stored.

    Before that a window's frame could be shown, in whose place others see the frame of a span that is near it.

    Args:
        bootstrap: Kafka's addresses.
        store: migrated.
        log_id: the log's epoch.
        topic: the frames'.
        partitions: how many it has.
        clock: for the row's time.
    """

    def __init__(self, bootstrap: str, store: Store, log_id: int, *, topic: str, partitions: int, clock: Clock) -> None:
        self._bootstrap, self._store, self._log = bootstrap, store, log_id
        self._topic, self._clock = topic, clock
        self._places = [TopicPartition(topic, partition) for partition in range(partitions)]

    async def run(self) -> None:
        """Look again and again until it is noted."""
        ends: dict[int, int] | None = None
        while True:
            try:
                if await progress.read(self._store, NAME, self._log):
                    return
                ends = ends or await self._ends()
                reached = await progress.read(self._store, self._topic, self._log)
                if all(number in reached and reached[number].next_offset >= end for number, end in ends.items()):
                    await progress.write(self._store, self._log, [progress.Reached(NAME, 0, 1, 1)], self._clock())
                    return
            except Exception as error:  # noqa: BLE001 - meanwhile too little is shown and nothing wrong
                log.warning("frames_not_read_yet", error=repr(error))
            await asyncio.sleep(POLL_S)

    async def _ends(self) -> dict[int, int]:
        """Next offset of each partition that has a record."""
        consumer = kafka.consumer(self._bootstrap, client_id="ikm-frames-read")
        await consumer.start()
        try:
            found = await consumer.end_offsets(self._places)
        finally:
            await consumer.stop()
        return {place.partition: end for place, end in found.items() if end}
