"""How long it takes from an answer's receipt until the figures stored hold it.

The pipe of the buckets says which positions it has stored, and when; the moments of receipt are looked up in `events`
once they are there. What was stored before this process took a partition over is not measured.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from runtime import metrics
from runtime.clickhouse import Lane, Store
from runtime.logging import logger
from sinks import progress

log = logger(__name__)

EVERY_S: Final = 10.0
MOST_EVENTS: Final = 10_000
"""Looked up of a partition at once; of a greater backlog the last ones."""

_AGES: Final = """
SELECT {moments:Array(Int64)}[arrayFirstIndex(end -> offset < end, {ends:Array(UInt64)})]
       - toUnixTimestamp64Milli(received_at)
FROM ikm.events FINAL
WHERE log = {log:UInt64} AND partition = {partition:UInt16} AND code = ''
  AND offset >= {first:UInt64} AND offset < {next:UInt64}"""

Stored = tuple[int, int]
"""The position up to which a partition's figures are stored, and when they were, UTC epoch milliseconds."""


class Freshness:
    """Fills `ikm_sink_freshness_seconds`.

    Args:
        store: migrated.
        log_id: the log's epoch.
        topic: the log's, as progress names it.
        owns: whether this process stores the figures of a partition.
    """

    def __init__(self, store: Store, log_id: int, topic: str, *, owns: Callable[[int], bool]) -> None:
        self._store, self._log, self._topic, self._owns = store, log_id, topic, owns
        self._last: dict[int, int] = {}
        self._new: dict[int, list[Stored]] = {}

    def stored(self, partition: int, position: int, at_ms: int) -> None:
        """Note that the figures stored hold all below a position."""
        if partition not in self._last:
            self._last[partition] = position
        elif position > self._last[partition]:
            self._new.setdefault(partition, []).append((position, at_ms))

    async def run(self) -> None:
        """Measure every 10 s; never returns."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.measure()
            except Exception as error:  # noqa: BLE001 - a measurement is missed, nothing else
                log.warning("freshness_not_measured", error=str(error)[:300])

    async def measure(self) -> None:
        """Observe each event whose figures were stored since the last time."""
        self._forget_lost()
        archived = await progress.read(self._store, self._topic, self._log)
        for partition, stored in list(self._new.items()):
            end = archived[partition].next_offset if partition in archived else 0
            ready = [moment for moment in stored if moment[0] <= end]
            if ready:
                self._new[partition] = stored[len(ready) :]
                for age_ms in await self._ages(partition, ready):
                    metrics.SINK_FRESHNESS.observe(max(age_ms, 0) / 1000)

    def _forget_lost(self) -> None:
        """A partition that came back was another process's meanwhile: what it stored is not ours to measure."""
        for partition in [number for number in self._last if not self._owns(number)]:
            del self._last[partition]
            self._new.pop(partition, None)

    async def _ages(self, partition: int, stored: list[Stored]) -> list[int]:
        ends, moments = [position for position, _ in stored], [at_ms for _, at_ms in stored]
        first, self._last[partition] = self._last[partition], ends[-1]
        span: Mapping[str, object] = {
            "log": self._log,
            "partition": partition,
            "first": max(first, ends[-1] - MOST_EVENTS),
            "next": ends[-1],
            "ends": ends,
            "moments": moments,
        }
        return [age_ms for (age_ms,) in await self._store.rows(_AGES, span, lane=Lane.CHECK)]
