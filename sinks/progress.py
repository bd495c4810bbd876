"""`progress`: how far each topic's partition is in the store, written after the rows it speaks of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runtime.clickhouse import DATABASE, Columns, Lane, Store

TABLE = f"{DATABASE}.progress"
COLUMNS = ("topic", "partition", "log", "next_offset", "source_offset", "at")


@dataclass(frozen=True, slots=True)
class Reached:
    """One partition's progress.

    Attributes:
        topic: the topic read.
        partition: its partition.
        next_offset: its records below are in the store.
        source_offset: the position of `responses.v1` that they speak for.
    """

    topic: str
    partition: int
    next_offset: int
    source_offset: int


async def write(store: Store, log: int, reached: Sequence[Reached], at_ms: int) -> None:
    """Record progress of one log; the greatest stays."""
    rows = [(r.topic, r.partition, log, r.next_offset, r.source_offset, at_ms) for r in reached]
    await store.insert(TABLE, Columns(COLUMNS, list(zip(*rows, strict=True))))


async def read(store: Store, topic: str, log: int) -> Mapping[int, Reached]:
    """The recorded progress of a topic's partitions in one log."""
    rows = await store.rows(
        f"SELECT partition, next_offset, source_offset FROM {TABLE} FINAL WHERE topic = {{t:String}} AND log = {{l:UInt64}}",  # noqa: S608, E501
        {"t": topic, "l": log},
        lane=Lane.WRITE,
    )
    return {partition: Reached(topic, partition, next_offset, source) for partition, next_offset, source in rows}
