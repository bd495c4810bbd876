"""Closes by itself what is due: every period of every unit, once its end and the days of grace are past."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ikm.due import due_periods
from ikm.index import INDICES
from ikm.times import MS_PER_HOUR
from runtime import metrics
from runtime.clickhouse import Lane, Store
from runtime.clock import Clock
from runtime.closer import Closer, Wanted, scopes_of
from runtime.logging import logger
from runtime.units import UnitsStore

log = logger(__name__)

POLL_S: Final = 2.0
RETRY_S: Final = 60.0
BY: Final = "sink"

_ANSWERED: Final = """
SELECT toString(unit), toUnixTimestamp(arrayJoin([min(hour), max(hour)])) FROM ikm.buckets FINAL
WHERE epoch = {log:UInt64} AND n > 0
GROUP BY unit, toYYYYMM(hour, 'Asia/Jakarta'), toYYYYMM(hour, 'Asia/Makassar'), toYYYYMM(hour, 'Asia/Jayapura')"""
"""The first and the last hour of each local month of each unit that has a response, whatever the zone."""

_FIRST_RECEIVED: Final = """
SELECT toString(unit), toUnixTimestamp64Milli(min(received_at)) FROM ikm.events
WHERE log = {log:UInt64} AND code = '' GROUP BY unit"""
"""The register's topic is compacted: a unit whose first record is gone is as old as its first response, at least."""


class Closings:
    """What the sink does beside its pipes, as one of its group.

    Args:
        store: migrated.
        log_id: the log's epoch.
        closer: closes.
        units: the register, running.
        is_ours: whether this process is the one of its group that closes; another that does so too does no harm.
        clock: says what is due.
    """

    def __init__(
        self,
        store: Store,
        log_id: int,
        closer: Closer,
        units: UnitsStore,
        *,
        is_ours: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self._store, self._log, self._closer, self._units = store, log_id, closer, units
        self._is_ours, self._clock = is_ours, clock
        self.settled_hour = -1
        """The hour, UTC epoch hours, in which nothing more is due."""

    async def run(self) -> None:
        """Look again whenever an hour has begun, for that is when periods end; never returns."""
        while True:
            pause = POLL_S
            try:
                if self._is_ours() and self._units.is_ready and self._clock() // MS_PER_HOUR != self.settled_hour:
                    pause = await self._turn()
            except Exception as error:  # noqa: BLE001 - nothing was published that is not whole; it is tried again
                log.warning("closing_waits", error=repr(error))
            await asyncio.sleep(pause)

    async def _turn(self) -> float:
        """Close what is due; returns after how many seconds to look again."""
        now_ms = self._clock()
        wanted = await self.due(now_ms)
        metrics.CLOSINGS_WAITING.set(len(wanted))
        left = await self._closer.close_due(wanted, BY)
        metrics.CLOSINGS_WAITING.set(len(left.behind) + len(left.differing))
        if left.differing:
            return RETRY_S
        if not left.behind:
            self.settled_hour = now_ms // MS_PER_HOUR
        return POLL_S

    async def due(self, now_ms: int) -> list[Wanted]:
        """The periods that should be closed by now and are not, with the figures that are missing."""
        closed = await self._closer.table.closed()
        answered = await self._answered()
        received = dict(await self._rows(_FIRST_RECEIVED))
        found = []
        for unit in self._units.all():
            known_ms = min(self._units.known_ms(unit.code), received.get(unit.code, now_ms))
            for period in due_periods(unit, now_ms, known_ms, answered[unit.code]):
                members = self._units.members(unit, period)
                missing = tuple(
                    (scope, index)
                    for scope in scopes_of(members)
                    for index in INDICES
                    if (unit.code, period.code, scope, index) not in closed
                )
                if missing:
                    found.append(Wanted(unit, period, members, missing))
        return found

    async def _answered(self) -> Mapping[str, list[int]]:
        """Unit -> UTC epoch minutes at which it or a unit below it has a response, at least one in each such month."""
        found: dict[str, list[int]] = defaultdict(list)
        tree = self._units.tree()
        for unit, second in await self._rows(_ANSWERED):
            for code in (unit, *tree.ancestors(unit, 1000 * second)):
                found[code].append(second // 60)
        return found

    async def _rows(self, sql: str) -> Sequence[tuple[str, int]]:
        rows: Sequence[tuple[Any, ...]] = await self._store.rows(sql, {"log": self._log}, lane=Lane.CHECK)
        return [(unit, number) for unit, number in rows]
