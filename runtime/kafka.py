"""Kafka clients with the settings of the house: nothing acknowledged is lost, nothing is committed by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

MAX_REQUEST_BYTES = 4 * 2**20
"""Twice the largest body that the HTTP edge takes: one POST fits one request."""


def producer(bootstrap: str, *, client_id: str, **overrides: Any) -> AIOKafkaProducer:
    """An idempotent producer whose delivery means that every in-sync replica has the record (not yet started)."""
    options: dict[str, Any] = {
        "acks": "all",
        "enable_idempotence": True,
        "max_batch_size": 256 * 1024,
        "max_request_size": MAX_REQUEST_BYTES,
        "request_timeout_ms": 30_000,
        "metadata_max_age_ms": 30_000,
    }
    return AIOKafkaProducer(bootstrap_servers=bootstrap, client_id=client_id, **{**options, **overrides})


def consumer(bootstrap: str, *topics: str, client_id: str, **overrides: Any) -> AIOKafkaConsumer:
    """A consumer that starts at the earliest record and commits only when told (not yet started)."""
    options: dict[str, Any] = {
        "auto_offset_reset": "earliest",
        "enable_auto_commit": False,
        "isolation_level": "read_committed",
        "metadata_max_age_ms": 30_000,
        "max_partition_fetch_bytes": 4 * 2**20,
    }
    return AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, client_id=client_id, **{**options, **overrides})


@asynccontextmanager
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """A started admin client, closed on leaving."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="ikm-admin", request_timeout_ms=15_000)
    try:
        await client.start()
        yield client
    finally:
        await client.close()
