"""Kafka clients with the settings of the house: nothing acknowledged is lost, nothing is committed by itself."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.commit import OffsetFetchRequest
from aiokafka.structs import OffsetAndMetadata

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


async def committed(
    bootstrap: str, group: str, partitions: Iterable[TopicPartition], patience_s: float = 60.0
) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """What a group has committed; a partition without a commit is left out.

    Ask here, not a consumer or an admin client: aiokafka 0.14 overlooks the answer "still loading" that a broker gives
    for a moment after its start, and says that nothing was ever committed (tried: 3 of 3 restarts).

    Raises:
        KafkaError: Kafka is away, refuses, or is still loading after `patience_s`.
    """
    wanted: dict[str, list[int]] = defaultdict(list)
    for place in partitions:
        wanted[place.topic].append(place.partition)
    deadline = time.monotonic() + patience_s
    async with admin(bootstrap) as client:
        while True:
            try:
                return await _fetch_offsets(client, group, list(wanted.items()))
            except KafkaError as error:
                if not error.retriable or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.1)


async def _fetch_offsets(
    client: AIOKafkaAdminClient, group: str, wanted: list[tuple[str, list[int]]]
) -> dict[TopicPartition, OffsetAndMetadata]:
    coordinator = await client.find_coordinator(group)
    reply = await client._send_request(OffsetFetchRequest(group, wanted), coordinator)  # noqa: SLF001  has no public way
    found: dict[TopicPartition, OffsetAndMetadata] = {}
    failures = {reply.error_code}
    for topic, rows in reply.topics:
        for partition, offset, metadata, failure in rows:
            failures.add(failure)
            if offset >= 0:
                found[TopicPartition(topic, partition)] = OffsetAndMetadata(offset, metadata)
    for failure in failures - {0}:
        raise for_code(failure)(f"the offsets of group {group} cannot be read")
    return found
