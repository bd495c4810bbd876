"""Every process's metrics go to `ops.v1` every 10 s, a record each; losing one is of no consequence to the process."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from ikm.times import rfc3339_ms
from runtime import kafka
from runtime.clock import Clock, system_clock
from runtime.logging import logger
from runtime.samples import OpsRecord, Role, Samples
from runtime.tasks import cancelled
from runtime.topics import OPS

log = logger(__name__)

EVERY_S: Final = 10.0
PATIENCE_S: Final = 5.0
"""For Kafka to take a record; then it is given up, the next one says nearly the same."""
STOP_WITHIN_S: Final = 0.5

HEADERS: Final = [("content-type", b"application/json")]


class Reporter:
    """Says what a process measures of itself.

    Args:
        bootstrap: Kafka's addresses.
        role: the process's.
        samples: its metrics.
        clock: for the time of a record.
        topic: where to.
    """

    def __init__(
        self, bootstrap: str, role: Role, samples: Samples, *, clock: Clock = system_clock, topic: str = OPS.name
    ) -> None:
        self._bootstrap, self._role, self._samples, self._clock, self._topic = bootstrap, role, samples, clock, topic
        self._instance = f"{socket.gethostname()}:{os.getpid()}"
        self._producer: AIOKafkaProducer | None = None

    async def run(self) -> None:
        """Say it now and every 10 s; never returns, whatever happens."""
        while True:
            try:
                await self.say()
            except Exception as error:  # noqa: BLE001 - a record is lost, nothing else
                log.warning("ops_not_said", error=repr(error)[:300])
            await asyncio.sleep(EVERY_S)

    async def say(self) -> None:
        """Hand one record over to Kafka; whether it arrives is not waited for."""
        record = OpsRecord(
            at=rfc3339_ms(self._clock()), role=self._role, instance=self._instance, samples=self._samples.take()
        )
        key, value = f"{self._role}|{self._instance}".encode(), record.model_dump_json(exclude_defaults=True).encode()
        async with asyncio.timeout(PATIENCE_S):
            producer = await self._started()
            sent = await producer.send(self._topic, value, key=key, headers=HEADERS)
        sent.add_done_callback(_forget)

    async def stop(self) -> None:
        """Let the last record go, if it goes at once."""
        if self._producer is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(STOP_WITHIN_S):
                    await self._producer.stop()

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = kafka.producer(
                self._bootstrap,
                client_id=f"ikm-ops-{self._role}",
                acks=1,
                enable_idempotence=False,
                compression_type="gzip",
                request_timeout_ms=int(1000 * PATIENCE_S),
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer


@asynccontextmanager
async def reporting(bootstrap: str, role: Role, *inside: Role) -> AsyncIterator[None]:
    """Report for as long as the block runs.

    Args:
        bootstrap: Kafka's addresses.
        role: the process's.
        inside: other roles that run in it.
    """
    reporter = Reporter(bootstrap, role, Samples(frozenset({role, *inside})))
    task = asyncio.create_task(reporter.run(), name="ops")
    try:
        yield
    finally:
        await cancelled([task])
        await reporter.stop()


def _forget(sent: "asyncio.Future[Any]") -> None:
    """Look at what became of a record, or asyncio would say that nobody did."""
    if not sent.cancelled() and sent.exception() is not None:
        log.debug("ops_not_delivered", error=repr(sent.exception())[:300])
