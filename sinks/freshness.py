"""How long it takes from an answer's receipt until the figures stored hold it.

The pipe of the buckets says which positions it has stored, and when; the moments of receipt are looked up in `events`
once they are there. What was stored before this process took a partition over is not measured.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from runtime import metrics
from runtime.clickhouse import Lane, Store
from runtime.logging import logger
from sinks import progress

log = logger(__name__)

EVERY_S: Final = 10.0
MOST_EVENTS: Final = 10_000
"""Looked up of a partition at once; of a greater backlog the last ones."""

_RECEIVED: Final = """SELECT partition, offset, toUnixTimestamp64Milli(received_at)
FROM ikm.events FINAL WHERE log = {log:UInt64} AND code = '' AND ($spans)"""

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
        waiting = self._new.setdefault(partition, [])
        if partition not in self._last:
            self._last[partition] = position
        elif position > (waiting[-1][0] if waiting else self._last[partition]):
            waiting.append((position, at_ms))

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
        if not any(self._new.values()):
            return
        archived = await progress.read(self._store, self._topic, self._log)
        ready = {partition: self._take(partition, reached.next_offset) for partition, reached in archived.items()}
        spans = {partition: span for partition, span in ready.items() if span is not None}
        if spans:
            for partition, offset, received_ms in await self._received(spans):
                stored = spans[partition][1]
                age_ms = stored[bisect_right(stored, offset, key=lambda moment: moment[0])][1] - received_ms
                metrics.SINK_FRESHNESS.observe(max(age_ms, 0) / 1000)

    def _forget_lost(self) -> None:
        """A partition that came back was another process's meanwhile: what it stored is not ours to measure."""
        for partition in [number for number in self._last if not self._owns(number)]:
            del self._last[partition]
            self._new.pop(partition, None)

    def _take(self, partition: int, archived: int) -> tuple[int, Sequence[Stored]] | None:
        """Take off the moments whose events are there: the first offset that they speak of, and them; or None."""
        waiting = self._new.get(partition, [])
        ready = [moment for moment in waiting if moment[0] <= archived]
        if not ready:
            return None
        self._new[partition] = waiting[len(ready) :]
        first, self._last[partition] = self._last[partition], ready[-1][0]
        return max(first, ready[-1][0] - MOST_EVENTS), ready

    async def _received(self, spans: Mapping[int, tuple[int, Sequence[Stored]]]) -> Sequence[tuple[int, int, int]]:
        """Partition, offset and moment of receipt of each event in some spans."""
        said = " OR ".join(
            f"partition = {partition} AND offset >= {first} AND offset < {stored[-1][0]}"
            for partition, (first, stored) in spans.items()
        )
        rows = await self._store.rows(_RECEIVED.replace("$spans", said), {"log": self._log}, lane=Lane.CHECK)
        return [(partition, offset, received_ms) for partition, offset, received_ms in rows]
