"""Where each partition goes on: the committed offsets with their plans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from runtime import kafka
from runtime.logging import logger
from sinks.plan import Owner, Plan

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a partition is read from, and the last offset of a range that must be cut exactly there."""

    offset: int
    planned_last: int | None


async def starts(
    bootstrap: str, group: str, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], owner: Owner
) -> Mapping[TopicPartition, Start]:
    """Where to go on.

    A commit that speaks of another log or another store says nothing about ours: then from the earliest record.

    Raises:
        KafkaError: Kafka is away.
    """
    committed = await kafka.committed(bootstrap, group, partitions)
    earliest = await consumer.beginning_offsets(partitions)
    return {tp: _start(tp, committed.get(tp), earliest[tp], owner) for tp in partitions}


def _start(tp: TopicPartition, committed: tuple[int, str] | None, earliest: int, owner: Owner) -> Start:
    plan = Plan.decode(committed[1]) if committed and committed[0] >= 0 else None
    if plan is None or plan.owner != owner:
        if plan is not None:
            log.warning("store_starts_from_earliest", topic=tp.topic, partition=tp.partition, was=plan.owner, now=owner)
        return Start(earliest, None)
    if plan.first < earliest:
        log.error(
            "records_expired_before_stored",
            topic=tp.topic,
            partition=tp.partition,
            first_missing=plan.first,
            next=earliest,
            cure="ikm replay",
        )
    planned_last = plan.last if plan.is_open and plan.last >= earliest else None
    return Start(max(plan.first, earliest), planned_last)
