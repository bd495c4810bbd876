"""How far the store has read the topics, and waiting until it has read them far enough."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from aiokafka import TopicPartition

from ikm.partition import partition_of
from ikm.position import Position
from runtime import kafka
from runtime.clickhouse import Store
from runtime.topics import PERIODS, RESPONSES, SCORECARDS

PATIENCE_S: Final = 10.0
PAUSE_S: Final = 0.05

_PROGRESS: Final = """
SELECT toString(topic), partition, source_offset FROM ikm.progress FINAL
WHERE topic IN {topics:Array(String)} AND log = {log:UInt64}"""


class NotReady(Exception):  # noqa: N818 - an outcome
    """The store has not read the topics far enough, or not in time; repeating is safe."""


@dataclass(frozen=True, slots=True)
class Names:
    """The topics that a closing depends on, and how many partitions `responses` has; `periods` has one."""

    responses: str = RESPONSES.name
    scorecards: str = SCORECARDS.name
    periods: str = PERIODS.name
    partitions: int = RESPONSES.partitions


class Reached:
    """The store's progress on one log.

    Args:
        bootstrap: Kafka's addresses.
        store: ClickHouse with the sink's tables.
        log: the log's epoch.
        names: which topics.
    """

    def __init__(self, bootstrap: str, store: Store, log: int, names: Names) -> None:
        self._bootstrap, self._store, self._log, self._names = bootstrap, store, log, names

    async def progress(self) -> Mapping[str, Mapping[int, int]]:
        """Topic -> partition -> position up to which the store has it."""
        topics = [self._names.responses, self._names.scorecards, self._names.periods]
        found: dict[str, dict[int, int]] = {topic: {} for topic in topics}
        for topic, partition, offset in await self._store.rows(_PROGRESS, {"topics": topics, "log": self._log}):
            found[topic][partition] = offset
        return found

    async def ready(self, partitions: Collection[int], patience_s: float) -> frozenset[int]:
        """Those of some partitions whose answers are all counted and archived, up to the log's end as asked once, now.

        None of them while a closing that was on the log then is not in the store: it might be the one that is wanted.
        """
        names, ends = self._names, await self._ends()
        closings = ends.pop(TopicPartition(names.periods, 0))
        needed = {place.partition: end for place, end in ends.items() if place.partition in partitions}
        deadline = time.monotonic() + patience_s
        while True:
            reached = await self.progress()
            ready = frozenset(
                partition
                for partition, end in needed.items()
                if all(reached[topic].get(partition, 0) >= end for topic in (names.scorecards, names.responses))
            )
            is_known = reached[names.periods].get(0, 0) >= closings
            if (is_known and len(ready) == len(needed)) or time.monotonic() > deadline:
                return ready if is_known else frozenset()
            await asyncio.sleep(PAUSE_S)

    async def wait_ready(self, units: Collection[str], patience_s: float) -> None:
        """Wait until the partitions of some units are ready; the first of them is whose closing waits.

        Raises:
            NotReady: one is not in time.
        """
        wanted = {partition_of(unit, self._names.partitions) for unit in units}
        if wanted - await self.ready(wanted, patience_s):
            whose = f"{next(iter(units))} and those below it" if len(units) > 1 else next(iter(units))
            raise NotReady(f"the store has not counted all answers of unit {whose} within {patience_s:g} s")

    async def wait_archived(self, positions: Iterable[Position]) -> None:
        """Wait until all events below these positions are archived; raises NotReady."""
        needed: dict[int, int] = defaultdict(int)
        for position in positions:
            for partition, offset in position.offsets.items():
                needed[partition] = max(needed[partition], offset)
        await self.wait(self._names.responses, needed, PATIENCE_S)

    async def wait(self, topic: str, needed: Mapping[int, int], patience_s: float) -> None:
        """Wait until the store has a topic up to these offsets; raises NotReady."""
        deadline = time.monotonic() + patience_s
        while True:
            reached = (await self.progress())[topic]
            if all(reached.get(partition, 0) >= offset for partition, offset in needed.items()):
                return
            if time.monotonic() > deadline:
                raise NotReady(f"the store has not read {topic} within {patience_s:g} s: is the sink up?")
            await asyncio.sleep(PAUSE_S)

    async def _ends(self) -> dict[TopicPartition, int]:
        places = [TopicPartition(self._names.responses, number) for number in range(self._names.partitions)]
        consumer = kafka.consumer(self._bootstrap, client_id="ikm-closer")
        await consumer.start()
        try:
            found = await consumer.end_offsets([*places, TopicPartition(self._names.periods, 0)])
        finally:
            await consumer.stop()
        return dict(found)
