"""Sends what a partition publishes, in order, in whole batches, and says when it is delivered.

Faust does not wait for its own sends before it commits, and one send per record halves the rate: so batches are built
here and every delivery is awaited. A failed delivery ends the process.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer

from runtime.crash import crash_point
from runtime.topics import INDEX, PAGES, REJECTED, SCORECARDS
from stream_processors.end import end_on_error
from stream_processors.publication import Record

TOPIC_ORDER = (PAGES.name, REJECTED.name, SCORECARDS.name, INDEX.name)
"""State before what is derived from it."""


@dataclass(slots=True)
class Parcel:
    """What goes out together: records by topic, and what to do when all are delivered."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    delivered: Callable[[], None] | None = None


class Outbox:
    """The parcels of one partition: sent in order by one task, confirmed in order by another."""

    def __init__(self, producer: AIOKafkaProducer, partition: int) -> None:
        self._producer = producer
        self._partition = partition
        self._to_send: asyncio.Queue[Parcel] = asyncio.Queue()
        self._sent: asyncio.Queue[tuple[Parcel, list[asyncio.Future[object]]]] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start both tasks."""
        self._tasks = [asyncio.create_task(self._send_all()), asyncio.create_task(self._confirm_all())]

    def close(self) -> None:
        """Stop at once; what is not confirmed will be delivered again from the log."""
        for task in self._tasks:
            task.cancel()

    def put(self, parcel: Parcel) -> None:
        """Queue a parcel."""
        self._to_send.put_nowait(parcel)

    async def _send_all(self) -> None:
        with end_on_error(f"sending for partition {self._partition}"):
            while True:
                parcel = await self._to_send.get()
                futures: list[asyncio.Future[object]] = []
                for topic in TOPIC_ORDER:
                    records = parcel.records.get(topic)
                    if records:
                        _crash_point("before", topic)
                        futures += await self._send(topic, records)
                self._sent.put_nowait((parcel, futures))

    async def _confirm_all(self) -> None:
        with end_on_error(f"delivering for partition {self._partition}"):
            while True:
                parcel, futures = await self._sent.get()
                await asyncio.gather(*futures)
                for topic, records in parcel.records.items():
                    if records:
                        _crash_point("after", topic)
                if parcel.delivered is not None:
                    parcel.delivered()

    async def _send(self, topic: str, records: Iterable[Record]) -> list[asyncio.Future[object]]:
        futures: list[asyncio.Future[object]] = []
        batch = self._producer.create_batch()
        for key, value, headers in records:
            if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
                batch.close()
                futures.append(await self._producer.send_batch(batch, topic, partition=self._partition))
                batch = self._producer.create_batch()
                if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
                    raise ValueError(f"a record of {len(value or b'')} bytes for {topic} doesn't fit an empty batch")
        batch.close()
        futures.append(await self._producer.send_batch(batch, topic, partition=self._partition))
        return futures


def _crash_point(when: str, topic: str) -> None:
    if topic == PAGES.name:
        crash_point(f"worker.{when}_pages")
    elif topic == INDEX.name:
        crash_point(f"worker.{when}_publish")
