"""Writes records to the partitions of one topic and waits until Kafka has acknowledged them."""

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from aiokafka.errors import KafkaError, MessageSizeTooLargeError, ProducerClosed

from producers.lane import Lane, Record, fail, settle
from runtime import kafka
from runtime.logging import logger

log = logger(__name__)

RENEW_PAUSE_S = 0.5
STOP_WITHIN_S = 1.0


class Unacknowledged(Exception):  # noqa: N818 - an outcome that callers handle, like a refusal
    """Kafka did not acknowledge everything in time: some of it may still arrive, so whoever sent it repeats it."""


class RecordTooLarge(Exception):  # noqa: N818 - an outcome that callers handle, like a refusal
    """Kafka refuses a record of this size, whoever repeats it."""


class LogWriter:
    """An idempotent producer with one queue per partition; what is queued meanwhile travels in the next batch.

    A producer that Kafka has turned away for good (a gap in its sequence numbers, say) is replaced; while Kafka is away
    requests fail after their time and nothing piles up, because what nobody waits for any more is not sent.
    """

    def __init__(self, bootstrap: str, topic: str, partitions: int, *, client_id: str) -> None:
        """Wire a writer to a topic; `start` connects.

        Args:
            bootstrap: Kafka's addresses.
            topic: the topic's name.
            partitions: how many partitions it has.
            client_id: how Kafka's own logs call this writer.
        """
        self._options: dict[str, Any] = {"bootstrap": bootstrap, "client_id": client_id}
        self._topic = topic
        self._lanes = [Lane(partition) for partition in range(partitions)]
        self._tasks: list[asyncio.Task[None]] = []
        self._renewal = asyncio.Lock()
        self._producer: Any = None

    async def start(self) -> Self:
        """Connect; raises KafkaError when Kafka is away."""
        self._producer = kafka.producer(**self._options)
        try:
            await self._producer.start()
        except BaseException:
            await self._producer.stop()
            raise
        self._tasks = [asyncio.create_task(lane.run(self._deliver)) for lane in self._lanes]
        return self

    async def stop(self) -> None:
        """Stop; what is not acknowledged yet may or may not arrive."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await _discard(self._producer)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.stop()

    async def write(self, groups: Mapping[int, Sequence[Record]], *, timeout_s: float) -> dict[int, int]:
        """Send each partition's records in their order and wait for all of them.

        Args:
            groups: partition to records, none of them empty.
            timeout_s: how long to wait.

        Returns:
            Partition to the offset after the last of its records.

        Raises:
            Unacknowledged: not everything was acknowledged in time.
            RecordTooLarge: a record is larger than Kafka takes.
        """
        receipts = {partition: self._lanes[partition].put(records) for partition, records in groups.items()}
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.gather(*receipts.values())
        except TimeoutError as error:
            raise Unacknowledged(f"no acknowledgement from Kafka within {timeout_s:g} s") from error
        except MessageSizeTooLargeError as error:
            raise RecordTooLarge(f"Kafka refuses the record on {self._topic}: {error}") from error
        except KafkaError as error:
            raise Unacknowledged(f"Kafka did not take the records on {self._topic}: {error!r}") from error
        finally:
            for receipt in receipts.values():
                receipt.cancel()
        return {partition: receipt.result() for partition, receipt in receipts.items()}

    async def _deliver(self, lane: Lane) -> None:
        """Send one batch from the front of a lane and settle what it carried."""
        producer = self._producer
        batch = producer.create_batch()
        carried = lane.take(batch)
        try:
            acknowledged = await producer.send_batch(batch, self._topic, partition=lane.partition)
            settle(carried, (await acknowledged).offset)
        except Exception as error:  # noqa: BLE001 - a lane that ended would refuse every later write
            fail(carried, error if isinstance(error, KafkaError) else KafkaError(repr(error)))
            if not isinstance(error, MessageSizeTooLargeError):
                await self._renew(producer, error)

    async def _renew(self, failed: Any, error: Exception) -> None:
        async with self._renewal:
            if self._producer is not failed:
                return
            log.warning("producer_replaced", topic=self._topic, error=repr(error))
            discarding = asyncio.create_task(_discard(failed))
            self._producer = await self._connected()
            await discarding

    async def _connected(self) -> Any:
        while True:
            producer = kafka.producer(**self._options)
            try:
                await producer.start()
            except KafkaError as error:
                await producer.stop()
                log.warning("kafka_away", topic=self._topic, error=repr(error))
                await asyncio.sleep(RENEW_PAUSE_S)
            except BaseException:
                await producer.stop()
                raise
            else:
                return producer


async def _discard(producer: Any) -> None:
    """Stop a producer without waiting for what Kafka may never acknowledge."""
    stopping = asyncio.create_task(producer.stop())
    if await _ended(stopping):
        return
    # aiokafka's stop waits for every batch: fail those that are left, then close the connections under the rest
    producer._message_accumulator.fail_all(ProducerClosed())  # noqa: SLF001
    if not await _ended(stopping):
        stopping.cancel()
        await producer.client.close()


async def _ended(task: asyncio.Task[None]) -> bool:
    done, _ = await asyncio.wait([task], timeout=STOP_WITHIN_S)
    return bool(done)
