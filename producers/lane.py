"""The queue in front of one partition: what comes in while a batch is on its way travels in the next one."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """What goes into one Kafka record; the timestamp is UTC epoch milliseconds."""

    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]
    timestamp_ms: int


Receipt = asyncio.Future[int]
"""Resolves to the next offset after a group's last record."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A record that waits, the receipt of the group that it belongs to, and whether it ends that group."""

    record: Record
    receipt: Receipt
    is_last: bool


class Lane:
    """One partition's queue; at most one batch of it is on its way."""

    def __init__(self, partition: int) -> None:
        """An empty queue for a partition."""
        self.partition = partition
        self._queue: deque[Queued] = deque()
        self._filled = asyncio.Event()

    def put(self, records: Sequence[Record]) -> Receipt:
        """Queue a group of records, which keep their order; whoever stops waiting cancels the receipt."""
        receipt: Receipt = asyncio.get_running_loop().create_future()
        last = len(records) - 1
        self._queue.extend(Queued(record, receipt, place == last) for place, record in enumerate(records))
        self._filled.set()
        return receipt

    async def run(self, deliver: Callable[["Lane"], Awaitable[None]]) -> None:
        """Call `deliver` as long as there is something to take."""
        while True:
            await self._filled.wait()
            self._drop_settled()
            while self._queue:
                await deliver(self)
                self._drop_settled()
            self._filled.clear()

    def take(self, batch: Any) -> list[Queued]:
        """Move as many records as a batch (aiokafka's builder) holds from the queue into it."""
        carried: list[Queued] = []
        while self._queue:
            record = self._queue[0].record
            added = batch.append(
                timestamp=record.timestamp_ms, key=record.key, value=record.value, headers=record.headers
            )
            if added is None:
                break
            carried.append(self._queue.popleft())
            self._drop_settled()
        batch.close()
        return carried

    def _drop_settled(self) -> None:
        """What nobody waits for any more is not sent."""
        while self._queue and self._queue[0].receipt.done():
            self._queue.popleft()


def settle(carried: Sequence[Queued], first_offset: int) -> None:
    """Resolve the receipts of the groups that end in a delivered batch."""
    for next_offset, queued in enumerate(carried, start=first_offset + 1):
        if queued.is_last and not queued.receipt.done():
            queued.receipt.set_result(next_offset)


def fail(carried: Sequence[Queued], error: Exception) -> None:
    """Fail the groups of which something was in a batch that was not delivered."""
    for queued in carried:
        if not queued.receipt.done():
            queued.receipt.set_exception(error)
