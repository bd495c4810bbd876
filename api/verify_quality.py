# ruff: noqa: S608 - only texts of our own are put into these; values are parameters
"""The truth check of `quality`: what became of every event, by the rule of `ikm.quality` written anew over `events`.

All rows of a partition are true at one position, the greatest among them: what names an earlier one has had no event
since. The sink counts every few seconds, so first it is waited for until it has counted what was archived.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from api.difference import Difference, NotReached
from api.verify_tables import Tables
from ikm.quality import LATE_MS
from ikm.times import rfc3339_minute
from runtime.verify_answer_sql import CANONICAL, IS_WITHDRAWN
from runtime.verify_sql import fill

PATIENCE_S: Final = 30.0
PAUSE_S: Final = 0.25
MOST_EVENTS: Final = 500_000
"""Put into the order of the log by one statement: some 200 bytes each."""

_REACHED: Final = "SELECT partition, max(next_offset) FROM ikm.quality WHERE log = {log:UInt64} GROUP BY partition"

_COPY: Final = """CREATE TABLE $quality ENGINE = Memory SETTINGS compress = 1 AS
SELECT partition, toString(unit) AS unit, toInt64(toUnixTimestamp(hour)) AS hour, next_offset, accepted, duplicate,
       late, rejected
FROM ikm.quality FINAL WHERE log = {log:UInt64}"""
"""One reading of all rows: what was counted together is in it whole or not at all."""

_BEYOND: Final = """
SELECT partition, unit, hour, next_offset FROM $quality
WHERE next_offset > {floor:Array(UInt64)}[partition + 1] ORDER BY unit, hour LIMIT 1000"""

_TABLE: Final = """CREATE TABLE $counted (
    partition UInt16, unit String, hour Int64, accepted UInt64, duplicate UInt64, late UInt64, rejected UInt64
) ENGINE = Memory"""

_COUNT: Final = f"""INSERT INTO $counted
SELECT partition, unit, hour, countIf(is_valid), countIf(is_valid AND place <= earlier), countIf(is_valid AND is_late),
       countIf(NOT is_valid)
FROM (
    SELECT e.partition AS partition, toString(e.unit) AS unit, e.code = '' AS is_valid,
           toUnixTimestamp(toStartOfHour(e.received_at, 'UTC')) AS hour, {IS_WITHDRAWN} AS is_gone,
           (is_valid AND is_gone, e.revision, if(is_valid AND NOT is_gone, SHA256({CANONICAL}), '')) AS place,
           max(place) OVER (PARTITION BY e.unit, e.source, e.id ORDER BY e.offset
                            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier,
           NOT is_gone AND toUnixTimestamp64Milli(e.received_at) - toUnixTimestamp64Milli(e.submitted_at) > {LATE_MS}
               AS is_late
    FROM (
        SELECT * FROM ikm.events FINAL WHERE log = {{log:UInt64}} AND offset < {{floor:Array(UInt64)}}[partition + 1]
          AND sipHash64(id) % {{slices:UInt32}} = {{slice:UInt32}}
    ) AS e
)
GROUP BY partition, unit, hour"""
"""A place is in the order of the join; a refused event has none, so it stands before every other."""

_SUMS: Final = "sum(accepted), sum(duplicate), sum(late), sum(rejected)"
_DIFFERENT: Final = fill(
    """
SELECT unit, hour, anyIf(said, side = 'events') AS expected, anyIf(said, side = 'quality') AS found
FROM (
    SELECT partition, unit, hour, 'events' AS side, $said AS said FROM $counted GROUP BY partition, unit, hour
    UNION ALL
    SELECT partition, unit, hour, 'quality' AS side, $said AS said FROM $quality GROUP BY partition, unit, hour
)
GROUP BY partition, unit, hour HAVING expected != found ORDER BY unit, hour LIMIT 1000""",
    said=f"format('accepted={{}} duplicate={{}} late={{}} rejected={{}}', {_SUMS})",
)


async def quality_differences(
    tables: Tables, log: int, needed: Sequence[int], archived: Callable[[], Awaitable[Sequence[int]]]
) -> tuple[list[Difference], int]:
    """Compare every row of one log with its events.

    Args:
        tables: this check's own.
        log: the log's epoch.
        needed: by partition a position up to which all events are in the store.
        archived: says up to which they are now.

    Returns:
        The differences, at most 1,000 of a kind, and how many rows were compared.

    Raises:
        NotReached: the sink does not count what is needed.
    """
    reached = await _wait_counted(tables, log, needed)
    await tables.run(_COPY, log=log)
    rows = await tables.rows("SELECT partition, max(next_offset), count() FROM $quality GROUP BY partition")
    reached |= {partition: offset for partition, offset, _ in rows}
    floor = [min(reached.get(number, 0), end) for number, end in enumerate(await archived())]
    beyond = [
        Difference(unit, _bucket(hour), f"counted up to {floor[partition]} at most", f"counted up to {offset}")
        for partition, unit, hour, offset in await tables.rows(_BEYOND, floor=floor)
    ]
    await tables.run(_TABLE)
    slices = sum(floor) // MOST_EVENTS + 1
    for number in range(slices):
        await tables.run(_COUNT, log=log, floor=floor, slices=slices, slice=number)
    different = [
        Difference(unit, _bucket(hour), expected or "no row", found or "no row")
        for unit, hour, expected, found in await tables.rows(_DIFFERENT)
    ]
    return beyond + different, sum(count for *_, count in rows)


async def _wait_counted(tables: Tables, log: int, needed: Sequence[int]) -> dict[int, int]:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        reached = await _reached(tables, log)
        behind = [number for number, offset in enumerate(needed) if reached.get(number, 0) < offset]
        if not behind:
            return reached
        if time.monotonic() > deadline:
            have, need = reached.get(behind[0], 0), needed[behind[0]]
            raise NotReached(
                f"what became of events is counted up to {have} of partition {behind[0]}, the archive has them up to "
                f"{need}: is the sink up?"
            )
        await asyncio.sleep(PAUSE_S)


async def _reached(tables: Tables, log: int) -> dict[int, int]:
    return dict(await tables.rows(_REACHED, log=log))


def _bucket(hour: int) -> str:
    return f"quality {rfc3339_minute(hour // 60)}"
