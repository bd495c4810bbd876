"""Faust fed in record batches: one Faust message is all records of one partition in one fetch.

The wire stays one Kafka record per response; only what travels through Faust's queues changes. A topic opts in by
`schema=RecordBatches()`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import faust
from aiokafka.structs import ConsumerRecord
from faust.types import TP


class Batch(NamedTuple):
    """The contiguous records of one partition that one fetch brought, never empty."""

    partition: int
    generation: int
    records: Sequence[ConsumerRecord[bytes | None, bytes | None]]

    @property
    def first_offset(self) -> int:
        """Offset of the first record."""
        return int(self.records[0].offset)

    @property
    def next_offset(self) -> int:
        """The offset after the last record."""
        return int(self.records[-1].offset) + 1


class RecordBatches(faust.Schema):  # type: ignore[misc]
    """Hands a `Batch` to the agent as it is: validation belongs to the fold, where a bad record has a place to go."""

    def loads_key(self, *_: Any, **__: Any) -> None:
        """A batch has no key."""

    def loads_value(self, _app: Any, message: Any, **_: Any) -> Batch:
        """The batch that the consumer put into the message."""
        batch: Batch = message.value
        return batch


def group(records: Mapping[TP, Sequence[Any]], generation: int) -> dict[TP, list[Batch]]:
    """One batch per partition fetched."""
    return {tp: [Batch(tp.partition, generation, found)] for tp, found in records.items() if found}
