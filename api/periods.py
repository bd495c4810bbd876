"""Calendar figures from ClickHouse: a span of whole hours is the sum of a unit's hour buckets; closings as they are.

Where a span is whole months or days by one of our clocks, it is read from the sums that the sink keeps of them
(`sinks/sums.py`), `$hours` being the coarsest table that has it whole. A read never mixes two tables: the sink fills
them one after the other.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from api.answers import AnswersTable
from api.figures import Hours
from ikm.attention import Standing
from ikm.closing import Closing, Scope
from ikm.grid import coarsest
from ikm.scorecard import LAYOUTS, Scorecard
from runtime.clickhouse import Lane, Store
from runtime.closings import ClosingsTable
from runtime.topics import SCORECARDS

_SUMS: Final = "sum(n), sum(sum_x), sum(sum_xx), sumForEach(histogram), sumForEach(parts)"

_WATERMARK: Final = "maxIf(toUnixTimestamp(assumeNotNull(watermark)), n > 0)"

_WITHIN: Final = """FROM $hours FINAL
WHERE unit = {unit:String} AND `index` = {index:String} AND epoch = {log:UInt64}
  AND hour >= toDateTime({from:UInt32}) AND hour < toDateTime({to:UInt32})"""

_SPAN: Final = f"""
SELECT {_SUMS}, {_WATERMARK} {_WITHIN}"""

_STEPS: Final = f"""
SELECT roundDown(toUnixTimestamp(hour), {{starts:Array(UInt32)}}) AS step, {_SUMS} {_WITHIN} GROUP BY step"""

_OF_UNITS: Final = """FROM $hours FINAL
WHERE `index` = {index:String} AND epoch = {log:UInt64} AND unit IN {units:Array(String)}
  AND hour >= toDateTime({from:UInt32}) AND hour < toDateTime({to:UInt32}) AND (
    unit IN {whole:Array(String)}
    OR arrayExists((u, f, t) -> u = toString(unit) AND f <= toUnixTimestamp(hour) AND toUnixTimestamp(hour) < t,
                   {codes:Array(String)}, {froms:Array(UInt32)}, {tos:Array(UInt32)})
  )"""

_BOTH_CORES: Final = " SETTINGS max_threads = 2"
"""A year of a city is some hundred thousand buckets: a second thread brings it a third sooner. Sums are few."""

_UNITS: Final = f"""
SELECT toString(unit), {_SUMS}, {_WATERMARK} {_OF_UNITS} GROUP BY unit HAVING sum(n) > 0"""

_UNITS_STEPS: Final = f"""
SELECT roundDown(toUnixTimestamp(hour), {{starts:Array(UInt32)}}) AS step,
       if({{apart:Bool}}, toString(unit), '') AS one, {_SUMS} {_OF_UNITS} GROUP BY step, one HAVING sum(n) > 0"""

_LATEST_OF_ALL: Final = """
SELECT toString(unit), toUnixTimestamp(max(assumeNotNull(watermark))) FROM ikm.months FINAL
WHERE `index` = {index:String} AND epoch = {log:UInt64} AND n > 0 GROUP BY unit"""

_RHYTHMS: Final = """
SELECT unit, hours[-1], if(length(hours) > 2, arrayReduce('medianExact', arrayPopFront(arrayDifference(hours))), 0)
FROM (
    SELECT toString(unit) AS unit, arraySort(groupUniqArray(toUnixTimestamp(hour))) AS hours FROM ikm.buckets FINAL
    WHERE `index` = {index:String} AND epoch = {log:UInt64} AND n > 0 GROUP BY unit
)"""

_PROGRESS: Final = """
SELECT partition, source_offset FROM ikm.progress FINAL WHERE topic = {topic:String} AND log = {log:UInt64}"""

_LAST_HOUR: Final = 2**32 // 3600
"""DateTime ends in 2106; a later end of a span means "to the end"."""


class ClickHouseHistory:
    """Reads of the hour buckets of one log; rows of an older log do not count.

    Args:
        store: ClickHouse with the sink's tables.
        log: the log's epoch.
        scorecards: the buckets' topic, as the sink's progress names it.
        copies: `buckets`, `days`, `months` -> a copy of that table as it was at one moment, for `read_units`.
    """

    def __init__(
        self, store: Store, log: int, *, scorecards: str = SCORECARDS.name, copies: Mapping[str, str] | None = None
    ) -> None:
        self._store, self._log, self._scorecards = store, log, scorecards
        self._copies, self._lane = copies or {}, Lane.CHECK if copies else Lane.READ
        self._closings = ClosingsTable(store, log)
        self.answers = AnswersTable(store, log)

    async def read(self, unit: str, index: str, from_hour: int, to_hour: int) -> tuple[Scorecard, int | None]:
        """What was counted in [from, to).

        Args:
            unit: its code.
            index: its code.
            from_hour: first hour, UTC epoch hours.
            to_hour: the hour after the last.

        Returns:
            The scorecard of all services together, and its watermark in UTC epoch minutes, None when nothing counts.
        """
        span = {"from": _second(from_hour), "to": _second(to_hour)}
        sql = _from(_SPAN, (from_hour, to_hour))
        rows = await self._store.rows(sql, self._parameters(unit=unit, index=index, **span))
        n, sum_x, sum_xx, histogram, parts, watermark = rows[0]
        if n == 0:
            return LAYOUTS[index].empty, None
        return Scorecard(n, sum_x, sum_xx, tuple(histogram), tuple(parts)), watermark // 60

    async def read_units(self, index: str, units: Mapping[str, Hours]) -> Mapping[str, tuple[Scorecard, int]]:
        """What several units counted, each in its own hours.

        Args:
            index: its code.
            units: code -> spans [from, to) of UTC epoch hours; most units have the same one span.

        Returns:
            Scorecard of all services together and watermark in UTC epoch minutes of each unit with a response.
        """
        if not units:
            return {}
        sql = self._copied(_from(_UNITS, _ends(units)))
        values = self._parameters(index=index, **_of_units(units))
        rows = await self._store.rows(sql, values, lane=self._lane)
        return {
            unit: (Scorecard(n, sum_x, sum_xx, tuple(histogram), tuple(parts)), watermark // 60)
            for unit, n, sum_x, sum_xx, histogram, parts, watermark in rows
        }

    async def read_units_steps(
        self, index: str, units: Mapping[str, Hours], hours: list[int], *, apart: bool
    ) -> Mapping[int, list[Scorecard]]:
        """What several units counted in each of several spans that follow each other.

        Args:
            index: its code.
            units: as for `read_units`.
            hours: as for `read_steps`.
            apart: a scorecard for each unit, not one for all together.

        Returns:
            First hour -> scorecards with a response.
        """
        if not units:
            return {}
        values = _of_units(units) | {"starts": [_second(hour) for hour in hours[:-1]], "apart": apart}
        found: dict[int, list[Scorecard]] = {}
        sql = _from(_UNITS_STEPS, {*_ends(units), *hours})
        for second, _, n, sum_x, sum_xx, histogram, parts in await self._store.rows(
            sql, self._parameters(index=index, **values)
        ):
            found.setdefault(second // 3600, []).append(Scorecard(n, sum_x, sum_xx, tuple(histogram), tuple(parts)))
        return found

    async def read_steps(self, unit: str, index: str, hours: list[int]) -> Mapping[int, Scorecard]:
        """What was counted in each of several spans that follow each other.

        Args:
            unit: its code.
            index: its code.
            hours: where each span begins, ascending, and where the last one ends, UTC epoch hours.

        Returns:
            First hour -> the scorecard of all services together, for spans that have buckets.
        """
        starts = [_second(hour) for hour in hours[:-1]]
        span = {"from": starts[0], "to": _second(hours[-1]), "starts": starts}
        sql = _from(_STEPS, hours)
        rows = await self._store.rows(sql, self._parameters(unit=unit, index=index, **span))
        return {
            second // 3600: Scorecard(n, sum_x, sum_xx, tuple(histogram), tuple(parts))
            for second, n, sum_x, sum_xx, histogram, parts in rows
        }

    async def closings(self, unit: str, index: str, period: str, scope: Scope = "self") -> Mapping[int, Closing]:
        """By number the closings of a unit's period in an index."""
        found = await self._closings.of_period(unit, period, (index,), (scope,))
        return {closing.number: closing for closing in found.values()}

    async def frozen(
        self, index: str, units: Collection[str], periods: Collection[str]
    ) -> Mapping[str, Mapping[str, Standing | None]]:
        """Unit -> period -> its latest frozen figure in short, of those that are closed."""
        return await self._closings.latest(index, units, periods)

    async def progress(self) -> Mapping[int, int]:
        """Source partition -> position of `responses.v1` up to which all its hours are here, in whole batches."""
        rows = await self._store.rows(_PROGRESS, self._parameters(topic=self._scorecards))
        return {partition: offset for partition, offset in rows}  # noqa: C416 - typed

    async def latest_hours(self, index: str) -> Mapping[str, int]:
        """The last hour with a counted response of every unit that has one, UTC epoch hours."""
        rows = await self._store.rows(_LATEST_OF_ALL, self._parameters(index=index))
        return {unit: second // 3600 for unit, second in rows}

    async def rhythms(self, index: str) -> Mapping[str, tuple[int, float | None]]:
        """Of every unit with an answer: its last hour, and the median gap between its hours, None below two gaps."""
        rows = await self._store.rows(_RHYTHMS, self._parameters(index=index))
        return {unit: (second // 3600, gap / 3600 if gap else None) for unit, second, gap in rows}

    def _copied(self, sql: str) -> str:
        for table, copy in self._copies.items():
            sql = sql.replace(f"ikm.{table} FINAL", copy)
        return sql

    def _parameters(self, **values: Any) -> dict[str, Any]:
        return {"log": self._log, **values}


def _from(sql: str, hours: Collection[int]) -> str:
    """The statement over the coarsest sums that have a piece begin at each of these hours; without any over buckets."""
    grid = coarsest(hours)
    return sql.replace("$hours", f"ikm.{grid.name}") if grid else sql.replace("$hours", "ikm.buckets") + _BOTH_CORES


def _ends(units: Mapping[str, Hours]) -> set[int]:
    return {hour for spans in units.values() for span in spans for hour in span}


def _second(hour: int) -> int:
    return 3600 * min(max(hour, 0), _LAST_HOUR)


def _of_units(units: Mapping[str, Hours]) -> dict[str, Any]:
    """Parameters of `_OF_UNITS`: most units have the whole span, the others are told apart."""
    spans = [(code, _second(start), _second(end)) for code, each in units.items() for start, end in each]
    first, last = min(start for _, start, _ in spans), max(end for _, _, end in spans)
    partial = [span for span in spans if span[1:] != (first, last)]
    return {
        "from": first,
        "to": last,
        "units": list(units),
        "whole": [code for code, *span in spans if span == [first, last]],
        "codes": [code for code, _, _ in partial],
        "froms": [start for _, start, _ in partial],
        "tos": [end for _, _, end in partial],
    }
