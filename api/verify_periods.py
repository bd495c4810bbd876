"""The truth check of the table `periods`: is each closing of the log there, once, and no other?"""

from collections.abc import Sequence
from typing import Any, Final

from api.difference import Difference
from api.verify_log import LogReader
from runtime.clickhouse import Lane, Store

_LAST: Final = "SELECT max(offset) FROM ikm.periods WHERE log = {log:UInt64}"

_MISSING: Final = """
SELECT number FROM numbers({first:UInt64}, {end:UInt64} - {first:UInt64}) WHERE number NOT IN (
    SELECT offset FROM ikm.periods WHERE log = {log:UInt64} AND partition = 0)
ORDER BY number LIMIT 1000"""

_INVENTED: Final = """
SELECT toString(unit), toString(`index`), toString(period), toString(scope), number, offset, times FROM (
    SELECT *, count() OVER (PARTITION BY offset) AS times FROM ikm.periods FINAL
    WHERE log = {log:UInt64} AND offset <= {last:UInt64}
)
WHERE times > 1 OR partition != 0 OR offset < {first:UInt64} OR offset >= {end:UInt64} ORDER BY ALL LIMIT 1000"""


async def closing_row_differences(store: Store, log: int, reader: LogReader, first: int, end: int) -> list[Difference]:
    """Compare the rows of a store that has the closings' topic up to `end` with its offsets.

    What a row says is held against its fingerprint and against the events elsewhere; here only which rows there are.

    Args:
        store: ClickHouse.
        log: the log's epoch.
        reader: of the log.
        first: the topic's first offset.
        end: its end, as asked before.

    Returns:
        At most 1,000 missing ones and as many that the log has not.
    """
    ((last,),) = await _rows(store, _LAST, log=log)
    now = (await reader.closings_span())[1]
    missing = [number for (number,) in await _rows(store, _MISSING, log=log, first=first, end=end)]
    closings = await reader.closings_at(missing)
    found = [
        Difference(closing.unit, closing.label, f"on the log at offset {offset}", "not in the table periods")
        for offset, closing in closings.items()
    ]
    invented = await _rows(store, _INVENTED, log=log, first=first, end=now, last=last)
    return found + [
        Difference(unit, f"{index} {period} {scope} number {number}", f"one closing at offset {offset}", _what(times))
        for unit, index, period, scope, number, offset, times in invented
    ]


def _what(times: int) -> str:
    return f"{times} rows" if times > 1 else "a row of no record"


async def _rows(store: Store, sql: str, **parameters: Any) -> Sequence[tuple[Any, ...]]:
    return await store.rows(sql, parameters, lane=Lane.CHECK)
