"""`days` and `months`: what a unit's buckets come to, for reads of long spans.

A sum is never changed by a difference but added up again from what is stored, so whoever repeats it mends it: after a
crash the round is repeated, and with it the sums. A unit's sums of one index become visible together, as its buckets
do: a response that moved from one piece of time to another is in one of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ikm.grid import DAYS, GRIDS, Grid
from runtime.clickhouse import DATABASE, INSERT_SETTINGS, Store
from runtime.crash import crash_point

Place = tuple[str, str, int]
"""Unit, index, and an hour, UTC epoch hours."""

MOST_PIECES: Final = 1_500
"""In one statement, which carries them as text: a server takes 128 KiB a parameter."""

_SETTINGS: Final = ", ".join(f"{name} = '{value}'" for name, value in INSERT_SETTINGS.items() if "dedup" not in name)

_ADD_UP: Final = """
INSERT INTO $sums SETTINGS $settings, insert_deduplicate = 0
SELECT epoch, unit, `index`, toDateTime(roundDown(toUnixTimestamp(hour), {cuts:Array(UInt32)}), 'UTC') AS first,
       sum(n), sum(sum_x), sum(sum_xx), sumForEach(histogram), sumForEach(parts), maxIf(watermark, n > 0), sum(version)
FROM $parts FINAL
WHERE epoch = {log:UInt64} AND unit IN {units:Array(String)}
  AND hour >= toDateTime({from:UInt32}) AND hour < toDateTime({to:UInt32})
  AND (toString(unit), toString(`index`), toUnixTimestamp(first)) IN (
    SELECT place.1, place.2, arrayJoin(place.3)
    FROM (SELECT arrayJoin(arrayZip({units:Array(String)}, {indices:Array(String)},
                                    {pieces:Array(Array(UInt32))})) AS place)
  )
GROUP BY epoch, unit, `index`, first"""
"""Without deduplication: the engine notes a block before it takes it, and after a kill in between the same sums again,
which the state calls for, would be dropped."""


async def add_up(store: Store, log: int, touched: Iterable[Place], suffix: str = "") -> None:
    """Bring the days, then the months that hold some buckets up to what is stored now.

    Args:
        store: migrated.
        log: the log's epoch.
        touched: the buckets that are new.
        suffix: of the tables' names, while they are rebuilt.
    """
    hours, parts = set(touched), "buckets"
    for grid in GRIDS:
        pieces = _pieces(grid, hours)
        for some in _statements(pieces):
            sql = _ADD_UP.replace("$sums", f"{DATABASE}.{grid.name}{suffix}").replace("$settings", _SETTINGS)
            await store.command(sql.replace("$parts", f"{DATABASE}.{parts}{suffix}"), {"log": log, **_told(grid, some)})
        if grid is DAYS:
            crash_point("sink.between_sums")
        hours = {(unit, index, first) for (unit, index), firsts in pieces.items() for first in firsts}
        parts = grid.name


def _pieces(grid: Grid, places: Iterable[Place]) -> Mapping[tuple[str, str], Sequence[int]]:
    """(unit, index), in order -> first hours of the pieces that these hours lie in."""
    known: dict[int, int] = {}
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for unit, index, hour in places:
        if hour not in known:
            known[hour] = grid.piece(hour)[0]
        found[unit, index].add(known[hour])
    return {place: sorted(found[place]) for place in sorted(found)}


def _statements(pieces: Mapping[tuple[str, str], Sequence[int]]) -> Iterator[Mapping[tuple[str, str], Sequence[int]]]:
    """Cut into what one statement takes; one unit's pieces of one index stay together unless they are more."""
    some: dict[tuple[str, str], Sequence[int]] = {}
    count = 0
    for place, firsts in pieces.items():
        for at in range(0, len(firsts), MOST_PIECES):
            part = firsts[at : at + MOST_PIECES]
            if count + len(part) > MOST_PIECES:
                yield some
                some, count = {}, 0
            some[place] = part
            count += len(part)
    if some:
        yield some


def _told(grid: Grid, pieces: Mapping[tuple[str, str], Sequence[int]]) -> dict[str, Any]:
    """Parameters of `_ADD_UP`: what lies between the cuts is a piece, or nobody asks for it."""
    cuts = {hour for firsts in pieces.values() for first in firsts for hour in grid.piece(first)}
    return {
        "units": [unit for unit, _ in pieces],
        "indices": [index for _, index in pieces],
        "pieces": [[3600 * first for first in firsts] for firsts in pieces.values()],
        "cuts": sorted(3600 * cut for cut in cuts),
        "from": 3600 * min(cuts),
        "to": 3600 * max(cuts),
    }
