"""Puts the simulated city's answers on the log, fast: duplicates, late ones, revisions and withdrawals included."""

import time
from collections.abc import Iterator, Sequence
from itertools import islice

from aiokafka import AIOKafkaProducer

from ikm.partition import partition_of
from producers.city import CityUnit
from producers.draft_form import Encoded
from producers.simulate import encoded
from runtime import kafka
from runtime.topics import RESPONSES

DAY_MS = 86_400_000
_CHUNK = 20_000


def records(count: int, *, days: int, seed: int = 1, units: Sequence[CityUnit] | None = None) -> Iterator[Encoded]:
    """`count` events of the past days, up to now, in the order of receipt; about the city, or about these units."""
    span = days * DAY_MS
    return encoded(seed, time.time_ns() // 1_000_000 - span, count, span_ms=span, units=units)


async def put(bootstrap: str, events: Iterator[Encoded]) -> int:
    """Append records to `responses.v1` in whole batches; returns how many."""
    producer: AIOKafkaProducer = kafka.producer(bootstrap, client_id="bench", max_batch_size=2**20)
    await producer.start()
    count = 0
    try:
        while chunk := list(islice(events, _CHUNK)):
            count += len(chunk)
            futures = [await sent for p in range(RESPONSES.partitions) for sent in _sends(producer, p, _of(chunk, p))]
            for future in futures:
                await future
    finally:
        await producer.stop()
    return count


def _of(chunk: list[Encoded], partition: int) -> list[Encoded]:
    return [record for record in chunk if partition_of(record.key.decode(), RESPONSES.partitions) == partition]


def _sends(producer: AIOKafkaProducer, partition: int, chunk: list[Encoded]) -> Iterator:
    batch = producer.create_batch()
    for record in chunk:
        while batch.append(key=record.key, value=record.value, timestamp=None, headers=record.headers) is None:
            batch.close()
            yield producer.send_batch(batch, RESPONSES.name, partition=partition)
            batch = producer.create_batch()
    if batch.record_count():
        batch.close()
        yield producer.send_batch(batch, RESPONSES.name, partition=partition)
