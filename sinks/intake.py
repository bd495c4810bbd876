"""What a pipe has taken in: a lane per partition, claimed from its plan, without holes, never too full."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError

from runtime.logging import logger
from sinks.lane import MAX_BUFFERED, MAX_ROWS, Lane, Range, Record
from sinks.offsets import starts
from sinks.plan import Owner
from sinks.table import Table

log = logger(__name__)


class Intake:
    """The buffers of one consumer's partitions.

    Args:
        consumer: a member of `group`.
        bootstrap: Kafka's addresses.
        group: the consumer group.
        table: says where records may be cut.
        owner: the log and the store that plans must speak of.
    """

    def __init__(self, consumer: AIOKafkaConsumer, bootstrap: str, group: str, table: Table, owner: Owner) -> None:
        self._consumer, self._bootstrap, self._group, self._table, self._owner = (
            consumer,
            bootstrap,
            group,
            table,
            owner,
        )
        self.lanes: dict[TopicPartition, Lane] = {}
        self._unclaimed: frozenset[TopicPartition] = frozenset()
        self._sought: set[TopicPartition] = set()

    def reset(self, assigned: Iterable[TopicPartition]) -> None:
        """Forget everything; these partitions are to be claimed."""
        self.lanes.clear()
        self._unclaimed = frozenset(assigned)

    async def claim(self) -> None:
        """Go on where the plans of the partitions not yet claimed say; nothing is taken from them before.

        Raises:
            KafkaError: Kafka is away.
            IllegalStateError: a partition was revoked meanwhile.
        """
        wanted = self._unclaimed
        if not wanted:
            return
        found = await starts(self._bootstrap, self._group, self._consumer, sorted(wanted), self._owner)
        if self._unclaimed is not wanted:
            return
        for tp, start in found.items():
            self._consumer.seek(tp, start.offset)
        self.lanes = {tp: Lane(start.offset, self._table.cutter(), start.planned_last) for tp, start in found.items()}
        self._unclaimed = frozenset()

    def take(self, batches: Mapping[TopicPartition, Sequence[Record]]) -> None:
        """Append what was fetched, and hold back partitions that have too much waiting."""
        for tp, records in batches.items():
            lane = self.lanes.get(tp)
            if lane is not None:
                new = [record for record in records if record.offset >= lane.next_offset]
                if new and self._is_next(tp, lane, new[0].offset):
                    lane.add(new)
        for tp, lane in self.lanes.items():
            with contextlib.suppress(IllegalStateError):  # it was revoked a moment ago
                self._throttle(tp, lane)

    def ranges(self) -> dict[TopicPartition, Range]:
        """Remove and return what may be stored now."""
        return {tp: taken for tp, lane in self.lanes.items() if (taken := lane.take()) is not None}

    @property
    def is_full(self) -> bool:
        """Whether a partition has a block's worth of rows."""
        return any(len(lane.records) >= MAX_ROWS for lane in self.lanes.values())

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not any(lane.records for lane in self.lanes.values())

    def _is_next(self, tp: TopicPartition, lane: Lane, offset: int) -> bool:
        """A hole is sought back to once; if it is there again the records are gone (compaction, retention)."""
        if offset == lane.next_offset:
            self._sought.discard(tp)
            return True
        if tp not in self._sought:
            self._sought.add(tp)
            self._consumer.seek(tp, lane.next_offset)
            return False
        self._sought.discard(tp)
        log.info("offsets_skipped", topic=tp.topic, partition=tp.partition, missing=lane.next_offset, next=offset)
        return True

    def _throttle(self, tp: TopicPartition, lane: Lane) -> None:
        if len(lane.records) > MAX_BUFFERED and lane.cut() is not None:
            self._consumer.pause(tp)
        elif tp in self._consumer.paused() and len(lane.records) <= MAX_BUFFERED // 2:
            self._consumer.resume(tp)
