"""How a command that writes reaches Kafka: the topics asserted, the register read to its end, a publisher ready."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka.errors import KafkaError

from producers.publisher import ResponsePublisher
from producers.unit_register import UnitRegister
from runtime import logging as house_logging
from runtime.clock import Clock, system_clock
from runtime.settings import Settings
from runtime.topics import TopicError, ensure_topics
from runtime.units import UnitsStore

REGISTER_WITHIN_S = 30.0


class UnreachableError(Exception):
    """Kafka is away or not what it must be; one line with the cure."""


@dataclass(frozen=True, slots=True)
class Link:
    """The register of units, the doors to it and to the log, and the clock that all go by."""

    units: UnitsStore
    register: UnitRegister
    publisher: ResponsePublisher
    clock: Clock


@asynccontextmanager
async def link(settings: Settings, *, client_id: str, clock: Clock = system_clock) -> AsyncIterator[Link]:
    """Reach Kafka for as long as the block runs.

    Args:
        settings: where Kafka is.
        client_id: how Kafka's own logs call this program.
        clock: what time it is.

    Raises:
        UnreachableError: Kafka cannot be reached, or its topics are not ikm's.
    """
    house_logging.configure("warning", settings.log_format)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the one line below says it
    bootstrap = settings.kafka_bootstrap
    try:
        log = await ensure_topics(bootstrap, settings.kafka_replication)
        units = UnitsStore(bootstrap, clock=clock)
        await units.start()
        try:
            async with asyncio.timeout(REGISTER_WITHIN_S):
                await units.wait_ready()
            async with (
                ResponsePublisher(bootstrap, log=log, client_id=client_id) as publisher,
                UnitRegister(bootstrap, units, clock=clock, client_id=client_id) as register,
            ):
                yield Link(units, register, publisher, clock)
        finally:
            await units.stop()
    except TopicError as error:
        raise UnreachableError(str(error)) from error
    except (KafkaError, OSError, TimeoutError) as error:
        raise UnreachableError(
            f"Kafka at {bootstrap} is not to be reached ({error or type(error).__name__}): start it (`ikm up` does), "
            "or say where it is with --data-dir or IKM_KAFKA_BOOTSTRAP"
        ) from error
