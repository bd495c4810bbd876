"""Put events on the log and read back what was published, with plain clients."""

import json
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from ikm import wire
from ikm.events import Event
from ikm.partition import partition_of
from runtime import kafka
from runtime.topics import RESPONSES


async def produce(bootstrap: str, events: Iterable[Event], now_ms: int) -> dict[int, int]:
    """Append events to the log; returns partition → next offset after the last of them."""
    producer: AIOKafkaProducer = kafka.producer(bootstrap, client_id="test", linger_ms=5)
    await producer.start()
    try:
        sent = []
        for event in events:
            key, value, headers = wire.encode(event, received_ms=now_ms)
            partition = partition_of(event.unit, RESPONSES.partitions)
            sent.append(
                await producer.send(
                    RESPONSES.name, value, key=key, partition=partition, headers=headers, timestamp_ms=now_ms
                )
            )
        ends: dict[int, int] = {}
        for future in sent:
            found = await future
            ends[found.partition] = max(ends.get(found.partition, 0), found.offset + 1)
        return ends
    finally:
        await producer.stop()


async def read_all(bootstrap: str, topic: str) -> list[Any]:
    """Every record of a topic up to its present end, by partition and offset."""
    consumer: AIOKafkaConsumer = kafka.consumer(bootstrap, client_id="test")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, p) for p in sorted(await _partitions(consumer, topic))]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        records: list[Any] = []
        while ends:
            for found in (await consumer.getmany(timeout_ms=200)).values():
                records += found
            ends = {tp: end for tp, end in ends.items() if await consumer.position(tp) < end}
        return sorted(records, key=lambda record: (record.partition, record.offset))
    finally:
        await consumer.stop()


async def wait_progress(bootstrap: str, topic: str, ends: dict[int, int], log: int) -> None:
    """Wait until the progress records on a topic have reached these offsets."""
    consumer: AIOKafkaConsumer = kafka.consumer(bootstrap, client_id="test")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, p) for p in ends])
        left = dict(ends)
        async for record in consumer:
            if record.key != b"progress":
                continue
            value = json.loads(record.value)
            if value["log"] == log and value["next_offset"] >= left.get(record.partition, 1 << 62):
                del left[record.partition]
            if not left:
                return
    finally:
        await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    await consumer._client._wait_on_metadata(topic)
    return set(consumer.partitions_for_topic(topic) or ())
