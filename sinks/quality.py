# ruff: noqa: S608 - only names of our own tables are put into these texts; values are parameters
"""`quality`: how many events were accepted, late, duplicates, rejected, by unit and hour of receipt (`ikm.quality`).

It is counted from `events`, in the order of the log, as far as events and states are stored. A row holds what its
hour comes to below a position, which it names: the next one is that row and what came since, read together. So whoever
dies in between has done nothing, and of two that count at once each is right where it stands: the greater stays.

Whether an event was a duplicate `responses` tells: it knows at which offset each response reached the state that it
has. An event after that one is a duplicate, that one is none; before it, which is rare, the earlier events are asked.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from ikm.events import EventType
from ikm.quality import LATE_MS
from runtime.clickhouse import DATABASE, Columns, Lane, Store
from runtime.crash import crash_point
from runtime.logging import logger
from runtime.topics import states_of
from sinks import progress

log = logger(__name__)

EVERY_S: Final = 10.0
MOST_EVENTS: Final = 50_000
"""Counted by one statement."""

COLUMNS: Final = ("log", "partition", "next_offset", "unit", "hour", "accepted", "duplicate", "late", "rejected")

_NEW: Final = """SELECT unit, source, id, offset, received_at, submitted_at, type, code, state FROM $events FINAL
    WHERE log = {log:UInt64} AND partition = {partition:UInt16}
      AND offset >= {first:UInt64} AND offset < {next:UInt64}"""

_REACHED: Final = f"""SELECT unit, source, id, first_offset, 1 AS is_known FROM $responses FINAL
    WHERE log = {{log:UInt64}} AND (unit, source, id) IN (SELECT unit, source, id FROM ({_NEW}) WHERE code = '')"""

_IS_SETTLED: Final = "(is_known AND offset >= first_offset)"

_NOTHING_BEFORE: Final = "SELECT '' AS unit, '' AS source, '' AS id, toUInt128(0) AS top WHERE 0"
_BEFORE: Final = f"""SELECT unit, source, id, max(state) AS top FROM $events
    WHERE log = {{log:UInt64}} AND partition = {{partition:UInt16}} AND offset < {{first:UInt64}} AND code = ''
      AND (unit, source, id) IN (
        SELECT unit, source, id FROM ({_NEW}) AS n LEFT JOIN ({_REACHED}) AS r USING (unit, source, id)
        WHERE code = '' AND NOT {_IS_SETTLED})
    GROUP BY unit, source, id"""

_COUNT: Final = f"""
SELECT toString(unit), toUnixTimestamp(hour), sum(accepted), sum(duplicate), sum(late), sum(rejected), sum(unsettled),
       max(reached)
FROM (
    SELECT unit, toStartOfHour(received_at, 'UTC') AS hour, toUInt64(code = '') AS accepted,
           toUInt64(code = '' AND if({_IS_SETTLED}, offset > first_offset, state <= greatest(seen, top))) AS duplicate,
           toUInt64(code = '' AND type != '{EventType.WITHDRAWN}'
                    AND dateDiff('millisecond', submitted_at, received_at) > {LATE_MS}) AS late,
           toUInt64(code != '') AS rejected, toUInt64(code = '' AND NOT {_IS_SETTLED}) AS unsettled, 0 AS reached
    FROM (
        SELECT *, max(state) OVER (PARTITION BY unit, source, id ORDER BY offset
                                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS seen
        FROM ({_NEW})
    ) AS n
    LEFT JOIN ({_REACHED}) AS r USING (unit, source, id)
    LEFT JOIN ($before) AS b USING (unit, source, id)
    UNION ALL
    SELECT unit, hour, accepted, duplicate, late, rejected, 0, next_offset FROM $quality FINAL
    WHERE log = {{log:UInt64}} AND partition = {{partition:UInt16}}
      AND (hour, unit) IN (SELECT toStartOfHour(received_at, 'UTC'), unit FROM ({_NEW}))
)
GROUP BY unit, hour"""

_COUNTED: Final = "SELECT partition, max(next_offset) FROM $quality WHERE log = {log:UInt64} GROUP BY partition"

_LACKING: Final = "SELECT 1 FROM ikm.events WHERE log = {log:UInt64} AND code = '' AND state = 0 LIMIT 1"


class AheadError(Exception):
    """Another process has counted these events already; what it counted stands."""


class Quality:
    """What the sink counts beside its pipes, as one of its group.

    Args:
        store: migrated.
        log_id: the log's epoch.
        topic: the log's, as progress names it.
        is_ours: whether this process is the one of its group that counts; another that does so too does no harm.
    """

    def __init__(self, store: Store, log_id: int, topic: str, *, is_ours: Callable[[], bool]) -> None:
        self._store, self._log, self._topic, self._is_ours = store, log_id, topic, is_ours
        self._free = asyncio.Lock()
        self._has_states = False

    async def run(self) -> None:
        """Count again every 10 s; never returns."""
        while True:
            try:
                if self._is_ours():
                    await self.turn()
            except Exception as error:  # noqa: BLE001 - nothing was written that is not whole; it is tried again
                log.warning("quality_waits", error=str(error)[:300])
            await asyncio.sleep(EVERY_S)

    async def turn(self) -> None:
        """Count what is stored and not counted yet; nothing while events of before are without their states."""
        async with self._free:
            self._has_states = self._has_states or not await lacks_states(self._store, self._log)
            if not self._has_states:
                return
            done = await counted(self._store, self._log)
            for partition, end in (await self._stored()).items():
                await count(self._store, self._log, partition, done.get(partition, 0), end)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """While the block runs nothing is counted."""
        async with self._free:
            yield

    async def _stored(self) -> Mapping[int, int]:
        """By partition up to which offset both its events and its states are stored."""
        events = await progress.read(self._store, self._topic, self._log)
        states = await progress.read(self._store, states_of(self._topic), self._log)
        return {
            partition: min(reached.next_offset, states[partition].next_offset)
            for partition, reached in events.items()
            if partition in states
        }


async def lacks_states(store: Store, log_id: int) -> bool:
    """Whether the store was filled before events had their place in the order of the join."""
    return bool(await store.rows(_LACKING, {"log": log_id}, lane=Lane.CHECK))


async def counted(store: Store, log_id: int, suffix: str = "") -> Mapping[int, int]:
    """By partition the offset below which all events are counted."""
    rows = await store.rows(_of(_COUNTED, suffix), {"log": log_id}, lane=Lane.CHECK)
    return {partition: offset for partition, offset in rows}  # noqa: C416 - typed


async def count(store: Store, log_id: int, partition: int, first: int, end: int, suffix: str = "") -> None:  # noqa: PLR0917
    """Count the events of a partition from one offset to another, whose events and states are stored.

    Args:
        store: migrated.
        log_id: the log's epoch.
        partition: of the log.
        first: all before it are counted.
        end: the offset after the last.
        suffix: of the tables' names, while they are rebuilt.

    Raises:
        AheadError: somebody else has counted on from `first`.
    """
    for start in range(first, end, MOST_EVENTS):
        span = {"log": log_id, "partition": partition, "first": start, "next": min(end, start + MOST_EVENTS)}
        rows = await _counts(store, _NOTHING_BEFORE, span, suffix)
        if any(row[6] for row in rows):
            rows = await _counts(store, _BEFORE, span, suffix)
        if any(row[7] > start for row in rows):
            raise AheadError(f"partition {partition} is counted beyond {start} already")
        crash_point("quality.before_insert")
        if rows:
            place = (log_id, partition, span["next"])
            values = list(zip(*((*place, *row[:6]) for row in rows), strict=True))
            # A token of its own: a block that the engine noted and lost in a crash must not pass for this one.
            token = f"quality:{time.time_ns()}"
            await store.insert(f"{DATABASE}.quality{suffix}", Columns(COLUMNS, values), token)


async def _counts(store: Store, before: str, span: Mapping[str, int], suffix: str) -> list[tuple[Any, ...]]:
    return list(await store.rows(_of(_COUNT.replace("$before", before), suffix), span, lane=Lane.CHECK))


def _of(sql: str, suffix: str) -> str:
    for table in ("events", "responses", "quality"):
        sql = sql.replace(f"${table}", f"{DATABASE}.{table}{suffix}")
    return sql
