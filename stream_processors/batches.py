"""Faust fed in record batches: one Faust message is all records of one partition in one fetch.

The wire stays one Kafka record per response; only what travels through Faust's queues changes. A topic opts in by
`schema=RecordBatches()`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import faust

if TYPE_CHECKING:
    from aiokafka.structs import ConsumerRecord

KafkaRecord: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"
Reader: TypeAlias = Callable[[Sequence[KafkaRecord]], list[Any]]
"""Makes of records what the agent or table of their topic wants, in their order; called in the consumer's thread."""


@dataclass(slots=True)
class Batch:
    """The contiguous records of one partition that one fetch brought, never empty, as their topic's reader made them.

    Attributes:
        partition: of all of them.
        first_offset: offset of the first record.
        next_offset: the offset after the last record.
        timestamp_ms: of the last record.
        items: what the reader made of each.
        generation: of the consumer group, when they came.
    """

    partition: int
    first_offset: int
    next_offset: int
    timestamp_ms: int
    items: list[Any]
    generation: int = -1

    @classmethod
    def of(cls, records: Sequence[KafkaRecord], read: Reader) -> Self:
        """The batch of some records of one partition."""
        first, last = records[0], records[-1]
        return cls(first.partition, first.offset, last.offset + 1, last.timestamp, read(records))

    def extend(self, after: Self) -> None:
        """Add the batch that comes right after this one."""
        self.next_offset, self.timestamp_ms = after.next_offset, after.timestamp_ms
        self.items += after.items


class RecordBatches(faust.Schema):  # type: ignore[misc]
    """Hands a `Batch` to the agent as it is: its records are read already."""

    def loads_key(self, *_: Any, **__: Any) -> None:
        """A batch has no key."""

    def loads_value(self, _app: Any, message: Any, **_: Any) -> Batch:
        """The batch that the consumer put into the message."""
        batch: Batch = message.value
        return batch
