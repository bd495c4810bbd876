"""What the truth check reads from the log itself: where topics end, the register, and closings by their offsets."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import ValidationError

from ikm.closing import Closing
from ikm.errors import Refused
from ikm.registry import Unit, parse_unit
from runtime import kafka
from runtime.reached import Names
from runtime.topics import REJECTED, UNITS

_FETCH_WAIT_MS: Final = 100


class LogReader:
    """Asks Kafka, and nothing that was made of it.

    Args:
        bootstrap: Kafka's addresses.
        names: the topics, but for the next two.
        units: the register's topic.
        rejected: that of refused records, with as many partitions as the responses'.
    """

    def __init__(
        self, bootstrap: str, names: Names | None = None, units: str = UNITS.name, rejected: str = REJECTED.name
    ) -> None:
        self._bootstrap, self.names, self.units, self.rejected = bootstrap, names or Names(), units, rejected

    async def ends(self) -> Mapping[int, int]:
        """Partition -> end offset of the responses' topic."""
        places = [TopicPartition(self.names.responses, number) for number in range(self.names.partitions)]
        async with self._consumer() as consumer:
            return {place.partition: end for place, end in (await consumer.end_offsets(places)).items()}

    async def register_end(self) -> int:
        """End offset of the register's topic."""
        place = TopicPartition(self.units, 0)
        async with self._consumer() as consumer:
            return int((await consumer.end_offsets([place]))[place])

    async def register(self, end: int) -> Mapping[str, tuple[int, Unit]]:
        """Every version of every unit by its key, as of the register's first `end` offsets, with its record's offset.

        What is no unit is passed over, as everywhere; a deletion deletes.
        """
        found: dict[str, tuple[int, Unit]] = {}
        async with self._consumer() as consumer:
            for record in await _records(consumer, TopicPartition(self.units, 0), 0, end):
                if record.value is None:
                    found.pop((record.key or b"").decode("utf-8", "replace"), None)
                    continue
                for unit in _unit(record.value):
                    found[unit.key] = record.offset, unit
        return found

    async def closings_span(self) -> tuple[int, int]:
        """First offset and end offset of the closings' topic."""
        place = TopicPartition(self.names.periods, 0)
        async with self._consumer() as consumer:
            first, end = await consumer.beginning_offsets([place]), await consumer.end_offsets([place])
            return first[place], end[place]

    async def closings_at(self, offsets: Sequence[int]) -> Mapping[int, Closing]:
        """Offset -> closing, for those of these offsets that have one."""
        if not offsets:
            return {}
        wanted, found = set(offsets), dict[int, Closing]()
        async with self._consumer() as consumer:
            place = TopicPartition(self.names.periods, 0)
            for record in await _records(consumer, place, min(wanted), max(wanted) + 1):
                if record.offset in wanted:
                    found.update((record.offset, closing) for closing in _closing(record.value))
        return found

    async def letters_spans(self) -> Sequence[tuple[int, int]]:
        """By partition first offset and end offset of the refused records' topic."""
        places = [TopicPartition(self.rejected, number) for number in range(self.names.partitions)]
        async with self._consumer() as consumer:
            first, end = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
            return [(first[place], end[place]) for place in places]

    async def letters(self, spans: Sequence[tuple[int, int]]) -> AsyncIterator[list[Any]]:
        """The refused records of each partition in [first, end), as far as they are still there, some at a time."""
        wanted = [(number, *span) for number, span in enumerate(spans) if span[0] < span[1]]
        if not wanted:
            return  # a consumer that is stopped before it has done anything raises CancelledError
        async with self._consumer() as consumer:
            for number, first, end in wanted:
                async for records in _runs(consumer, TopicPartition(self.rejected, number), first, end):
                    yield records

    @asynccontextmanager
    async def _consumer(self) -> Any:
        consumer = kafka.consumer(self._bootstrap, client_id="ikm-verify", fetch_max_wait_ms=_FETCH_WAIT_MS)
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()


async def _records(consumer: AIOKafkaConsumer, place: TopicPartition, first: int, end: int) -> list[Any]:
    """The records of a partition in [first, end), as far as they are still there."""
    return [record async for records in _runs(consumer, place, first, end) for record in records]


async def _runs(consumer: AIOKafkaConsumer, place: TopicPartition, first: int, end: int) -> AsyncIterator[list[Any]]:
    consumer.assign([place])
    consumer.seek(place, max(first, (await consumer.beginning_offsets([place]))[place]))
    while await consumer.position(place) < end:
        for records in (await consumer.getmany(place, timeout_ms=_FETCH_WAIT_MS)).values():
            yield [record for record in records if record.offset < end]


def _unit(value: bytes) -> Iterator[Unit]:
    try:
        yield parse_unit(value)
    except Refused:
        return


def _closing(value: bytes | None) -> Iterator[Closing]:
    try:
        yield Closing.model_validate_json(value or b"")
    except ValidationError:
        return
