"""The truth check of `standing`, `tree` and `tree_days`: the register of the log as rows, against those in the store.

The tables do not say of which moment they are. Their rows change with the register and at midnights of a zone, and the
sink follows both within a moment. So what differs is looked at again, until the register and the hour have stood still
for longer than the sink takes.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from api.difference import Difference, NotReached
from api.verify_log import LogReader
from api.verify_tables import Tables
from ikm.lineage import Lineage, lineage
from ikm.registry import Unit
from ikm.times import MS_PER_HOUR
from ikm.versions import Versions
from runtime.clickhouse import DATABASE
from runtime.lineage_rows import LineageRows, lineage_rows

SETTLES_S: Final = 5.0
"""The sink looks twice a second, and writes some ten thousand rows in less than one."""
PATIENCE_S: Final = 60.0
PAUSE_S: Final = 0.5

_DIFFERENT: Final = """
SELECT unit, said, sum(times) AS n FROM (
    SELECT toString(unit) AS unit, $said AS said, 1 AS times FROM $lineage
    UNION ALL
    SELECT toString(unit) AS unit, $said AS said, -1 AS times FROM $stored
)
GROUP BY unit, said HAVING n != 0 ORDER BY unit, said, n LIMIT 1000"""
"""Rows that stand there too seldom (n > 0) or too often."""

_PLACE: Final = {"scope", "grain", "member", "since"}
"""Columns that tell a unit's rows apart."""

_Row = Mapping[str, str]


async def lineage_differences(
    tables: Tables, reader: LogReader, now_ms: Callable[[], int]
) -> tuple[list[Difference], int]:
    """Compare every row with the register that the log has.

    Args:
        tables: this check's own.
        reader: of the log.
        now_ms: the instant that decides which versions are in force, UTC epoch milliseconds.

    Returns:
        The differences, at most 1,000 of a table, and how many rows were compared.

    Raises:
        NotReached: the register does not stand still.
    """
    begun = since = time.monotonic()
    seen: tuple[int, int] | None = None
    while True:
        instant = now_ms()
        place = await reader.register_end(), instant // MS_PER_HOUR
        if place != seen:
            seen, since = place, time.monotonic()
            found = await asyncio.to_thread(_lineage, await reader.register(place[0]), instant)
        wanted = list(lineage_rows(found))
        differences = [one for rows in wanted for one in await _differences(tables, rows)]
        if not differences or time.monotonic() - since > SETTLES_S:
            return differences, sum(len(rows.rows) for rows in wanted)
        if time.monotonic() - begun > PATIENCE_S:
            raise NotReached(f"the register has changed all the while for {PATIENCE_S:g} s: compare once it is applied")
        await asyncio.sleep(PAUSE_S)


def _lineage(register: Mapping[str, tuple[int, Unit]], now_ms: int) -> Lineage:
    versions: dict[str, list[Unit]] = defaultdict(list)
    for _, unit in register.values():
        versions[unit.code].append(unit)
    return lineage({code: Versions(each) for code, each in versions.items()}, now_ms)


async def _differences(tables: Tables, wanted: LineageRows) -> list[Difference]:
    stored = f"{DATABASE}.{wanted.table}"
    said = ", ".join(f"ifNull(toString(`{name}`), '-')" for name in wanted.columns)
    await tables.run("DROP TABLE IF EXISTS $lineage")
    await tables.run(f"CREATE TABLE $lineage AS {stored} ENGINE = Memory")
    await tables.insert("lineage", wanted.columns, wanted.rows)
    rows = await tables.rows(_DIFFERENT.replace("$said", f"[{said}]").replace("$stored", stored))
    sides: dict[tuple[str, str], tuple[list[_Row], list[_Row]]] = defaultdict(lambda: ([], []))
    for unit, values, n in rows:
        row = dict(zip(wanted.columns, values, strict=True))
        where = " ".join([wanted.table, *(value for name, value in row.items() if name in _PLACE)])
        sides[unit, where][n < 0].extend([row] * abs(n))
    return [Difference(unit, where, *_texts(*both)) for (unit, where), both in sides.items()]


def _texts(expected: Sequence[_Row], found: Sequence[_Row]) -> tuple[str, str]:
    """What two sides of a place say, as far as it differs."""
    if len(expected) == len(found) == 1:
        names = [name for name, value in expected[0].items() if found[0][name] != value]
        return _text(names, expected[0]), _text(names, found[0])
    return _count(expected), _count(found)


def _text(names: Iterable[str], row: _Row) -> str:
    return " ".join(f"{name}={row[name] or '-'}" for name in names)


def _count(rows: Sequence[_Row]) -> str:
    return "; ".join(_text(row, row) for row in rows[:3]) or "no such row"
