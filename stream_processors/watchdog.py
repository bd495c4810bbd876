"""Ends a worker that stalls in silence: Faust and its driver have ways to stop reading without an error.

Compares the broker's end offsets with what is acknowledged. No progress while records wait, or a recovery that does not
end, ends the process for its supervisor.
"""

import asyncio
import time

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from runtime import kafka
from runtime.topics import RESPONSES
from stream_processors.assignment import Assignment
from stream_processors.end import end, end_on_error
from stream_processors.ledger import Ledger

EVERY_S = 5
STALLED_AFTER_S = 60
RECOVERY_MAY_TAKE_S = 600


class Watchdog:
    """Looks every few seconds; `run` never returns by itself."""

    def __init__(self, bootstrap: str, ledger: Ledger, assignment: Assignment) -> None:
        self._bootstrap = bootstrap
        self._ledger = ledger
        self._assignment = assignment
        self._seen: dict[int, int] = {}
        self._moved_at = time.monotonic()

    async def run(self) -> None:
        """Look until cancelled; a watchdog that fails ends the process too, or nobody would watch."""
        with end_on_error("watching for a stall"):
            await self._run()

    async def _run(self) -> None:
        client = kafka.consumer(self._bootstrap, client_id="ikm-watchdog")
        await client.start()
        try:
            while True:
                await asyncio.sleep(EVERY_S)
                try:
                    await self._look(client)
                except KafkaError:
                    self._moved_at = time.monotonic()  # a broker that is away is no stall of ours
        finally:
            await client.stop()

    async def _look(self, client: AIOKafkaConsumer) -> None:
        now = time.monotonic()
        since = self._assignment.recovering_since
        if since is not None:
            if now - since > RECOVERY_MAY_TAKE_S:
                end("recovery did not end", seconds=round(now - since))
            self._moved_at = now
            return
        acknowledged = self._ledger.acknowledged()
        ends = await client.end_offsets([TopicPartition(RESPONSES.name, p) for p in acknowledged])
        behind = sum(ends[tp] - acknowledged[tp.partition] for tp in ends)
        if behind == 0 or acknowledged != self._seen:
            self._seen, self._moved_at = acknowledged, now
        elif now - self._moved_at > STALLED_AFTER_S:
            end("records wait and none is folded or delivered", behind=behind, positions=acknowledged)
