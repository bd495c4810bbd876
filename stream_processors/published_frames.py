"""The public frames that `index.v1` says last, read back by whoever takes partitions over.

A frame is no function of the responses, and what the public saw is exactly what stands on this topic: so a successor
goes on from there, whatever its predecessor had in mind. The pages could not say it: they reach their own topic apart
from the figures, and a crash in between would leave a frame that was seen and never noted.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from ikm.position import Sequence  # noqa: TC001
from ikm.published import sequence_of
from ikm.scorecard import LAYOUTS
from ikm.window import WINDOWS
from runtime import kafka
from runtime.topics import INDEX

Frames = Mapping[tuple[str, str], tuple[int, ...]]
"""By unit and index: the frames of the windows, packed, 0 where there is none."""

_FETCH_WAIT_MS: Final = 20
"""A fetch that waits at one partition's end holds up the next partition's."""


async def read_frames(bootstrap: str, partitions: Iterable[int], log: int) -> dict[int, Frames]:
    """By partition what was published of this log up to now; of each unit and index the greatest sequence.

    Raises:
        KafkaError: Kafka is away.
    """
    newest: dict[int, dict[bytes, tuple[Sequence, bytes]]] = {partition: {} for partition in partitions}
    client = kafka.consumer(bootstrap, client_id="ikm-worker-frames", fetch_max_wait_ms=_FETCH_WAIT_MS)
    await client.start()
    try:
        async for record in _records(client, [TopicPartition(INDEX.name, partition) for partition in newest]):
            said, held = sequence_of(record.value), newest[record.partition].get(record.key)
            if said is not None and said.epoch == log and (held is None or said > held[0]):
                newest[record.partition][record.key] = said, record.value
    finally:
        await client.stop()
    return {partition: _frames(value for _, value in of_keys.values()) for partition, of_keys in newest.items()}


async def _records(client: AIOKafkaConsumer, places: list[TopicPartition]) -> Any:
    """Everything on these partitions up to their present ends."""
    client.assign(places)
    await client.seek_to_beginning(*places)
    ends = await client.end_offsets(places)
    while ends:
        ends = {tp: end for tp, end in ends.items() if await client.position(tp) < end}
        for records in (await client.getmany(timeout_ms=_FETCH_WAIT_MS) if ends else {}).values():
            for record in records:
                yield record


def _frames(values: Iterable[bytes]) -> Frames:
    found = {}
    for value in map(json.loads, values):
        layout = LAYOUTS.get(value["index"])
        if layout is not None:
            said = [value["windows"].get(code, {}).get("frame") for code in WINDOWS]
            packed = tuple(layout.pack(layout.from_json(frame)) if frame else 0 for frame in said)
            found[value["unit"], value["index"]] = packed
    return found
