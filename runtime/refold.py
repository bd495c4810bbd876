"""How `ikm replay` reaches the workers: a number per partition, kept as the offsets of a consumer group of its own.

A worker that finds a greater number than the one its pages were built for ends, starts again, and refolds the log from
offset 0 into fresh pages that carry the number.
"""

from aiokafka.structs import OffsetAndMetadata, TopicPartition

from runtime import kafka
from runtime.topics import RESPONSES

GROUP = "ikm-replay"
STORE_TOPIC = "replay"
"""The row of ClickHouse's `progress` whose `next_offset` is the number of the replay that the store was built after."""

_PARTITIONS = [TopicPartition(RESPONSES.name, partition) for partition in range(RESPONSES.partitions)]


async def requested(bootstrap: str) -> dict[int, int]:
    """Partition → number of the last replay asked for, 0 if none ever was."""
    found = await kafka.committed(bootstrap, GROUP, _PARTITIONS)
    return {place.partition: found[place].offset if place in found else 0 for place in _PARTITIONS}


async def request(bootstrap: str) -> int:
    """Ask every worker to refold its partitions from the log.

    Returns:
        The replay's number.
    """
    number = 1 + max((await requested(bootstrap)).values())
    client = kafka.consumer(bootstrap, client_id="ikm-replay", group_id=GROUP)
    await client.start()
    try:
        client.assign(_PARTITIONS)
        await client.commit({tp: OffsetAndMetadata(number, "") for tp in _PARTITIONS})
    finally:
        await client.stop()
    return number
