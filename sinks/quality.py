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

COLUMNS: Final = ("log", "next_offset", "partition", "unit", "hour", "accepted", "duplicate", "late", "rejected")

_NEW: Final = """SELECT partition, unit, source, id, offset, received_at, submitted_at, type, code, state
    FROM $events FINAL WHERE log = {log:UInt64} AND ($new)"""

_REACHED: Final = f"""SELECT unit, source, id, first_offset, 1 AS is_known FROM $responses FINAL
    WHERE log = {{log:UInt64}} AND (unit, source, id) IN (SELECT unit, source, id FROM ({_NEW}) WHERE code = '')"""

_IS_SETTLED: Final = "(is_known AND offset >= first_offset)"

_NOTHING_BEFORE: Final = "SELECT '' AS unit, '' AS source, '' AS id, toUInt128(0) AS top WHERE 0"
_BEFORE: Final = f"""SELECT unit, source, id, max(state) AS top FROM $events
    WHERE log = {{log:UInt64}} AND ($old) AND code = ''
      AND (unit, source, id) IN (
        SELECT unit, source, id FROM ({_NEW}) AS n LEFT JOIN ({_REACHED}) AS r USING (unit, source, id)
        WHERE code = '' AND NOT {_IS_SETTLED})
    GROUP BY unit, source, id"""

_COUNT: Final = f"""
SELECT partition, toString(unit), toUnixTimestamp(hour), sum(accepted), sum(duplicate), sum(late), sum(rejected),
       sum(unsettled), max(reached)
FROM (
    SELECT partition, unit, toStartOfHour(received_at, 'UTC') AS hour, toUInt64(code = '') AS accepted,
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
    SELECT partition, unit, hour, accepted, duplicate, late, rejected, 0, next_offset FROM $quality FINAL
    WHERE log = {{log:UInt64}}
      AND (hour, unit, partition) IN (SELECT toStartOfHour(received_at, 'UTC'), unit, partition FROM ({_NEW}))
)
GROUP BY partition, unit, hour"""

_COUNTED: Final = "SELECT partition, max(next_offset) FROM $quality WHERE log = {log:UInt64} GROUP BY partition"

_LACKING: Final = "SELECT 1 FROM ikm.events WHERE log = {log:UInt64} AND code = '' AND state = 0 LIMIT 1"


_UNSETTLED: Final = 7
"""Where a row of `_COUNT` says how many events were not settled by the states alone; before it are the columns."""

Spans = Mapping[int, tuple[int, int]]
"""By partition an offset and the one after the last."""


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
            await count(self._store, self._log, await self._stored())

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


async def count(store: Store, log_id: int, ends: Mapping[int, int], suffix: str = "") -> None:
    """Count on in each partition.

    Args:
        store: migrated.
        log_id: the log's epoch.
        ends: by partition up to where; the events before that are stored, and their states.
        suffix: of the tables' names, while they are rebuilt.

    Raises:
        AheadError: somebody else has counted on meanwhile.
    """
    done = await counted(store, log_id, suffix)
    firsts = {partition: done.get(partition, 0) for partition in ends}
    while left := {partition: first for partition, first in firsts.items() if first < ends[partition]}:
        most = max(MOST_EVENTS // len(left), 1)
        spans = {partition: (first, min(first + most, ends[partition])) for partition, first in left.items()}
        await count_spans(store, log_id, spans, suffix)
        firsts |= {partition: end for partition, (_, end) in spans.items()}


async def count_spans(store: Store, log_id: int, spans: Spans, suffix: str = "") -> None:
    """Count the events of some spans, all before them being counted; raises AheadError as `count` does."""
    rows = await _counts(store, log_id, _NOTHING_BEFORE, spans, suffix)
    if any(row[_UNSETTLED] for row in rows):
        rows = await _counts(store, log_id, _BEFORE, spans, suffix)
    for partition, *_, reached in rows:
        if reached > spans[partition][0]:
            raise AheadError(f"partition {partition} is counted up to {reached}, beyond {spans[partition][0]}, already")
    crash_point("quality.before_insert")
    if rows:
        values = list(zip(*((log_id, spans[row[0]][1], *row[:_UNSETTLED]) for row in rows), strict=True))
        # A token of its own: a block that the engine noted and lost in a crash must not pass for this one.
        await store.insert(f"{DATABASE}.quality{suffix}", Columns(COLUMNS, values), f"quality:{time.time_ns()}")


async def _counts(store: Store, log_id: int, before: str, spans: Spans, suffix: str) -> list[tuple[Any, ...]]:
    """By partition, unit and hour what is counted with the events of the spans."""
    new = (f"partition = {p} AND offset >= {first} AND offset < {end}" for p, (first, end) in spans.items())
    old = (f"partition = {p} AND offset < {first}" for p, (first, _) in spans.items())
    sql = _COUNT.replace("$before", before).replace("$new", " OR ".join(new)).replace("$old", " OR ".join(old))
    return list(await store.rows(_of(sql, suffix), {"log": log_id}, lane=Lane.CHECK))


def _of(sql: str, suffix: str) -> str:
    for table in ("events", "responses", "quality"):
        sql = sql.replace(f"${table}", f"{DATABASE}.{table}{suffix}")
    return sql
