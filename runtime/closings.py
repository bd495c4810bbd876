"""Reads closings from ClickHouse's `periods`: of each number the first one on the log."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from ikm.attention import Standing
from ikm.closing import SCOPES, Closing, Scope, label_of
from ikm.index import INDICES
from ikm.times import MS_PER_MINUTE, rfc3339_minute, rfc3339_ms
from runtime.clickhouse import Lane, Store

_FIRST: Final = """
SELECT toString(unit), toString(`index`), toString(scope), toString(period), number,
       toUnixTimestamp64Milli(`from`), toUnixTimestamp64Milli(`to`), toUnixTimestamp64Milli(closed_at),
       toString(closed_by), reason, position, rules, population, tree, toUnixTimestamp64Milli(watermark), scorecard,
       figure
FROM ikm.periods FINAL
WHERE log = {log:UInt64} AND """
_ORDER: Final = """
ORDER BY unit, `index`, period, scope, number, offset LIMIT 1 BY unit, `index`, period, scope, number"""

_FINGERPRINT: Final = """sipHash64(
    log, partition, offset, toString(unit), toString(`index`), toString(scope), toString(period), number,
    toUnixTimestamp64Milli(`from`), toUnixTimestamp64Milli(`to`), toUnixTimestamp64Milli(closed_at),
    toString(closed_by), reason, position, rules, ifNull(population, 0), toString(tree),
    ifNull(toUnixTimestamp64Milli(watermark), 0), scorecard, figure)"""
"""As the table's migration has it."""

_OF_PERIOD: Final = (
    f"{_FIRST}unit = {{unit:String}} AND `index` IN {{indices:Array(String)}} AND period = {{period:String}} "
    f"AND scope IN {{scopes:Array(String)}}{_ORDER}"
)
_UNALTERED: Final = f"{_FIRST}unit IN {{units:Array(String)}} AND fingerprint = {_FINGERPRINT}{_ORDER}"

_LATEST: Final = """
WITH JSONExtract(figure, 'Tuple(n UInt64, value Nullable(Float64), mutu Nullable(String), interval Array(Float64))')
    AS said
SELECT toString(unit), toString(period), said.n, said.value, said.mutu, said.interval FROM ikm.periods FINAL
WHERE log = {log:UInt64} AND `index` = {index:String} AND scope = 'self' AND unit IN {units:Array(String)}
  AND period IN {periods:Array(String)}
ORDER BY unit, period, number DESC, offset LIMIT 1 BY unit, period"""

_ALTERED: Final = f"""
SELECT toString(unit), toString(`index`), toString(period), toString(scope), number FROM ikm.periods FINAL
WHERE log = {{log:UInt64}} AND fingerprint != {_FINGERPRINT} ORDER BY ALL LIMIT 1000"""  # noqa: S608 - our own texts
_UNITS: Final = "SELECT DISTINCT toString(unit) FROM ikm.periods WHERE log = {log:UInt64} ORDER BY 1"
_CLOSED: Final = """SELECT DISTINCT toString(unit), toString(period), toString(scope), toString(`index`)
FROM ikm.periods WHERE log = {log:UInt64} AND number = 0"""


class ClosingsTable:
    """The closings that the store has read from one log.

    Args:
        store: ClickHouse with the sink's tables.
        log: the log's epoch.
    """

    def __init__(self, store: Store, log: int) -> None:
        self._store, self._log = store, log

    async def of_period(
        self, unit: str, period: str, indices: Iterable[str] = INDICES, scopes: Iterable[Scope] = SCOPES
    ) -> Mapping[tuple[Scope, str, int], Closing]:
        """(scope, index, number) -> closing, of one period of a unit."""
        rows = await self._rows(_OF_PERIOD, unit=unit, indices=list(indices), period=period, scopes=list(scopes))
        return {(found.scope, found.index, found.number): found for found in map(_closing, rows)}

    async def latest(
        self, index: str, units: Collection[str], periods: Collection[str]
    ) -> Mapping[str, Mapping[str, Standing | None]]:
        """Unit -> period -> its latest frozen figure in short, of those periods that are closed; None without answers.

        It is one read for a whole organisation, so it brings no scorecards.
        """
        found: dict[str, dict[str, Standing | None]] = {}
        for unit, period, *said in await self._rows(_LATEST, index=index, units=list(units), periods=list(periods)):
            found.setdefault(unit, {})[period] = _standing(*said)
        return found

    async def of_units(self, units: Sequence[str]) -> list[Closing]:
        """All that these units have, by unit, index, period, scope and number; what was altered by hand is left out."""
        return [_closing(row) for row in await self._rows(_UNALTERED, Lane.CHECK, units=list(units))]

    async def altered(self) -> list[tuple[str, str]]:
        """Unit and label of what is not as it was stored, at most 1,000."""
        rows = await self._rows(_ALTERED, Lane.CHECK)
        return [(unit, label_of(*rest)) for unit, *rest in rows]

    async def units(self) -> list[str]:
        """Codes of the units that have any, sorted."""
        return [unit for (unit,) in await self._rows(_UNITS, Lane.CHECK)]

    async def closed(self) -> set[tuple[str, str, Scope, str]]:
        """(unit, period, scope, index) of whatever has a number 0."""
        rows = await self._rows(_CLOSED, Lane.CHECK)
        return {(unit, period, scope, index) for unit, period, scope, index in rows}

    async def _rows(self, sql: str, lane: Lane = Lane.READ, **parameters: Any) -> Sequence[tuple[Any, ...]]:
        return await self._store.rows(sql, {"log": self._log, **parameters}, lane=lane)


def _standing(n: int, value: float | None, mutu: str | None, bounds: Sequence[float]) -> Standing | None:
    return None if value is None else Standing(n, value, (bounds[0], bounds[1]), mutu)


def _closing(row: tuple[Any, ...]) -> Closing:
    unit, index, scope, period, number, from_ms, to_ms, closed_ms, by, reason, position, rules, population = row[:13]
    tree, watermark_ms, scorecard, figure = row[13:]
    return Closing(
        unit=unit,
        index=index,
        scope=scope,
        period=period,
        number=number,
        from_=rfc3339_minute(from_ms // MS_PER_MINUTE),
        to=rfc3339_minute(to_ms // MS_PER_MINUTE),
        closed_at=rfc3339_ms(closed_ms),
        closed_by=by,
        reason=reason or None,
        position=position,
        rules=rules,
        population=population,
        tree=tuple(tree),
        watermark=None if watermark_ms is None else rfc3339_minute(watermark_ms // MS_PER_MINUTE),
        scorecard=json.loads(scorecard),
        figure=json.loads(figure),
    )
