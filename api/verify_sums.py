"""The sums of days and months against the buckets that they are made of."""

import asyncio
from typing import Final

from api.difference import Difference, texts
from ikm.times import rfc3339_minute
from runtime.clickhouse import Lane, Store
from runtime.verify_sql import fill

TRIES: Final = 10
PAUSE_S: Final = 0.5
"""The sink adds up right after it has stored buckets: what differs only because it is at it is equal a moment later."""

_CARD: Final = ("n", "sum_x", "sum_xx", "histogram", "parts", "watermark")
_SUMS: Final = """(sum(n), sum(sum_x), sum(sum_xx), sumForEach(histogram), sumForEach(parts),
            toUnixTimestamp(maxIf(assumeNotNull(watermark), n > 0))) AS card"""

_ASKED: Final = "epoch = {log:UInt64} AND (empty({units:Array(String)}) OR unit IN {units:Array(String)})"
_DIFFERING: Final = """
SELECT if(e.known, e.unit, f.unit) AS unit, if(e.known, e.code, f.code) AS code, if(e.known, e.first, f.first) AS first,
       e.card AS expected, f.card AS found
FROM (
    SELECT true AS known, toString(unit) AS unit, toString(`index`) AS code, toUnixTimestamp($piece) AS first, $card
    FROM ikm.buckets FINAL WHERE $asked
    GROUP BY unit, code, first
) AS e
FULL OUTER JOIN (
    SELECT toString(unit) AS unit, toString(`index`) AS code, toUnixTimestamp(hour) AS first, $card
    FROM $sums FINAL WHERE $asked
    GROUP BY unit, code, first
) AS f ON e.unit = f.unit AND e.code = f.code AND e.first = f.first
WHERE expected != found
ORDER BY unit, code, first
LIMIT 1000"""

_ZONES: Final = ("UTC", "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
_DAYS: Final = ", ".join(f"toStartOfDay(hour, '{zone}')" for zone in _ZONES)
_MONTHS: Final = ", ".join(f"toDateTime(toStartOfMonth(hour, '{zone}'), '{zone}')" for zone in _ZONES)
_PIECES: Final = {"days": f"greatest({_DAYS})", "months": f"greatest({_MONTHS})"}
"""By the engine's own calendar, which the sink does not ask."""


async def sum_differences(store: Store, log: int) -> list[Difference]:
    """Compare every sum of one log with its buckets.

    Args:
        store: ClickHouse with the sink's tables.
        log: the log's epoch.
    """
    return [one for table in _PIECES for one in await _differences(store, log, table)]


async def _differences(store: Store, log: int, table: str) -> list[Difference]:
    sql = fill(_DIFFERING, card=_SUMS, asked=_ASKED, sums=f"ikm.{table}", piece=_PIECES[table])
    units: list[str] = []
    for number in range(TRIES):
        await asyncio.sleep(PAUSE_S if number else 0)
        rows = await store.rows(sql, {"log": log, "units": units}, lane=Lane.CHECK)
        units = sorted({unit for unit, *_ in rows})
        if not units:
            break
    return [
        Difference(unit, f"{code} {table} {rfc3339_minute(first // 60)}", *texts(_CARD, expected, found))
        for unit, code, first, expected, found in rows
    ]
