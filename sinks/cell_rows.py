"""The statements that the writer of `cells` speaks to the store."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ikm.cells import CHANNEL, HOUR, SERVICE, Answer
from ikm.profile import PROFILE
from ikm.scorecard import LAYOUTS
from runtime.clickhouse import DATABASE, INSERT_SETTINGS, Columns, Lane, Store

Key = tuple[str, str, str, int, str, str, int]
"""Unit, scope, index, first hour of a piece of a day (UTC epoch hours), kind, cell, partition."""
Name = tuple[str, str, str]
"""Of a response: unit, source, id."""

COLUMNS: Final = (
    "epoch", "unit", "scope", "index", "day", "dimension", "cell", "partition", "n", "sum_x", "sum_xx", "histogram",
    "parts", "reached", "tree", "step",
)  # fmt: skip
_MOST_NAMES: Final = 1_000
"""In one statement, which carries them as text: a server takes 128 KiB a parameter."""

_SETTINGS: Final = ", ".join(f"{name} = '{value}'" for name, value in INSERT_SETTINGS.items() if "dedup" not in name)
_PROFILE: Final = ", ".join(f"toString(respondent['{question}'])" for question in PROFILE)
_ANSWER: Final = (
    "toUnixTimestamp64Milli(submitted_at), toString(service), toString(channel), "
    f"[{_PROFILE}], toString(questionnaire), answers"
)

_MARKS: Final = """
SELECT partition, reached, tree, step FROM $cells WHERE epoch = {log:UInt64} AND unit = ''
ORDER BY step DESC LIMIT 1 BY partition"""

_STATES: Final = f"""
SELECT toString(unit), toString(source), id, toUInt128(state), withdrawn, {_ANSWER} FROM $responses
WHERE log = {{log:UInt64}} AND (unit, source, id) IN (
    SELECT arrayJoin(arrayZip({{units:Array(String)}}, {{sources:Array(String)}}, {{ids:Array(String)}})))
ORDER BY unit, source, id, version DESC LIMIT 1 BY unit, source, id"""  # noqa: S608 - a list of columns

_CHANGE: Final = """
INSERT INTO $cells SETTINGS $settings, insert_deduplicate = 0
SELECT {log:UInt64}, unit, scope, `index`, day, dimension, cell, partition, sum(n) AS all_n, sum(sum_x) AS all_x,
       sum(sum_xx) AS all_xx, sumForEach(histogram) AS all_histogram, sumForEach(parts) AS all_parts,
       throwIf(least(all_n, all_x, all_xx, arrayMin(arrayPushBack(all_histogram, 0)),
                     arrayMin(arrayPushBack(all_parts, 0))) < 0, 'fewer than none'),
       0, transform(partition, {partitions:Array(UInt16)}, {steps:Array(UInt64)}, toUInt64(0))
FROM (
    SELECT place.1 AS unit, place.2 AS scope, `index`, day, pair.1 AS dimension, pair.2 AS cell, partition,
           n, sum_x, sum_xx, histogram, parts, 1 AS is_changed
    FROM (SELECT places, `index`, day, partition, arrayZip({kinds:Array(String)}, cells) AS pairs, n, sum_x, sum_xx,
                 histogram, parts
          FROM ikm.cell_changes WHERE run = {run:UUID})
    ARRAY JOIN places AS place ARRAY JOIN pairs AS pair
    UNION ALL
    SELECT toString(unit), toString(scope), `index`, day, toString(dimension), toString(cell), partition, toInt64(n),
           toInt64(sum_x), toInt64(sum_xx), CAST(histogram, 'Array(Int64)'), CAST(parts, 'Array(Int64)'), 0
    FROM $cells FINAL
    WHERE epoch = {log:UInt64} AND (unit, scope, `index`, day) IN (
        SELECT place.1, place.2, `index`, day FROM ikm.cell_changes ARRAY JOIN places AS place WHERE run = {run:UUID})
)
GROUP BY unit, scope, `index`, day, dimension, cell, partition HAVING max(is_changed)
UNION ALL
SELECT {log:UInt64}, '', '', '', toDateTime(0, 'UTC'), '', '', mark.1, 0, 0, 0, [], [], mark.2, mark.3, mark.4
FROM (SELECT arrayJoin(arrayZip({partitions:Array(UInt16)}, {reached:Array(UInt64)}, {trees:Array(UInt64)},
                                {steps:Array(UInt64)})) AS mark)"""
"""What there was of the cells that change and what changes them, with the marks: one block, so one moment."""

_UNITS: Final = """
SELECT toString(unit), sum(n) FROM (
    SELECT unit, count() AS n FROM $responses WHERE log = {log:UInt64} GROUP BY unit
    UNION ALL
    SELECT DISTINCT unit, 0 FROM $cells WHERE epoch = {log:UInt64} AND scope = 'self'
)
GROUP BY unit ORDER BY unit"""

_ANSWERS: Final = f"""
SELECT toString(unit), {_ANSWER} FROM $responses FINAL
WHERE log = {{log:UInt64}} AND unit IN {{units:Array(String)}} AND NOT withdrawn
  AND sipHash64(id) % {{slices:UInt32}} = {{slice:UInt32}}"""  # noqa: S608 - a list of columns

_OWN_KEYS: Final = """
SELECT toString(unit), toString(scope), toString(`index`), intDiv(toUnixTimestamp(day), 3600), toString(dimension),
       toString(cell), partition
FROM $cells FINAL
WHERE epoch = {log:UInt64} AND unit IN {units:Array(String)} AND scope = 'self' AND n > 0"""

_POOLED: Final = """
SELECT DISTINCT toString(unit) FROM $cells
WHERE epoch = {log:UInt64} AND scope = 'pooled' AND partition = {partition:UInt16}"""

_POOL: Final = """
INSERT INTO $cells SETTINGS $settings, insert_deduplicate = 0
SELECT epoch, unit, 'pooled', `index`, day, dimension, cell, partition, sum(n), sum(sum_x), sum(sum_xx),
       sumForEach(histogram), sumForEach(parts), 0, 0, {step:UInt64}
FROM (
    SELECT epoch, unit, `index`, day, dimension, cell, partition, toUInt64(0) AS n, toUInt64(0) AS sum_x,
           toUInt64(0) AS sum_xx, arrayMap(v -> toUInt64(0), histogram) AS histogram,
           arrayMap(v -> toUInt64(0), parts) AS parts
    FROM $cells FINAL
    WHERE epoch = {log:UInt64} AND unit IN {all:Array(String)} AND scope = 'pooled' AND partition = {partition:UInt16}
    UNION ALL
    SELECT c.epoch, m.owner, c.`index`, c.day, c.dimension, c.cell, c.partition, c.n, c.sum_x, c.sum_xx,
           arrayMap(v -> toUInt64(v), c.histogram), c.parts
    FROM (
        SELECT * FROM $cells FINAL
        WHERE epoch = {log:UInt64} AND unit IN {members:Array(String)} AND scope = 'self'
          AND partition = {partition:UInt16}
    ) AS c
    INNER JOIN (
        SELECT pair.1 AS member, pair.2 AS owner, toDateTime(pair.3, 'UTC') AS since, toDateTime(pair.4, 'UTC') AS until
        FROM (SELECT arrayJoin(arrayZip({members:Array(String)}, {owners:Array(String)}, {since:Array(UInt32)},
                                        {until:Array(UInt32)})) AS pair)
    ) AS m ON m.member = toString(c.unit)
    WHERE c.day >= m.since AND c.day < m.until
)
GROUP BY epoch, unit, `index`, day, dimension, cell, partition"""
"""What no member brings any more becomes nothing; of what there was and what there is the later step stays."""


_CHANGES: Final = f"{DATABASE}.cell_changes"
_CHANGE_COLUMNS: Final = (
    "partition", "places", "index", "day", "cells", "n", "sum_x", "sum_xx", "histogram", "parts",
)  # fmt: skip
Change = tuple[int, Sequence[tuple[str, str]], str, int, Sequence[str], int, int, int, Sequence[int], Sequence[int]]
"""A row of `cell_changes` but for its run; day in UTC epoch seconds."""
_FEWER: Final = "fewer than none"


class FewerThanNoneError(Exception):
    """Cells or states were altered: the one holds less than the other says was counted."""


@dataclass(frozen=True, slots=True)
class State:
    """Of a response: the place of its event in the order of the join, and what it says, None once withdrawn."""

    place: int
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Mark:
    """Of a partition: up to which offset it is counted, by which tree (`Ancestry.digests`), and its last step."""

    reached: int = -1
    tree: int = 0
    step: int = 0


class CellRows:
    """Reads and writes of one log's cells, and reads of the states that they come from.

    Args:
        store: migrated.
        log: the log's epoch.
        suffix: of the tables' names, while they are rebuilt.
    """

    def __init__(self, store: Store, log: int, suffix: str) -> None:
        self._store, self._log = store, log
        self._names = {"$cells": f"{DATABASE}.cells{suffix}", "$responses": f"{DATABASE}.responses{suffix}"}
        self._names["$settings"] = _SETTINGS

    async def marks(self) -> dict[int, Mark]:
        """By partition."""
        return {partition: Mark(*mark) for partition, *mark in await self._read(_MARKS)}

    async def states(self, names: Sequence[Name]) -> dict[Name, State]:
        """What is stored of responses."""
        found: dict[Name, State] = {}
        for at in range(0, len(names), _MOST_NAMES):
            units, sources, ids = (list(column) for column in zip(*names[at : at + _MOST_NAMES], strict=True))
            for unit, source, name, place, is_withdrawn, *said in await self._read(
                _STATES, units=units, sources=sources, ids=ids
            ):
                found[unit, source, name] = State(place, None if is_withdrawn else _answer(said))
        return found

    async def units(self) -> dict[str, int]:
        """All that states or cells speak of, by code, each with about how many states it has."""
        return {unit: count for unit, count in await self._read(_UNITS)}  # noqa: C416 - typed

    async def answers(self, units: Sequence[str], slices: int, number: int) -> list[tuple[str, Answer]]:
        """What counts now of these units, each with its unit: of so many slices the one of this number, from 0."""
        rows = await self._read(_ANSWERS, units=units, slices=slices, slice=number)
        return [(unit, _answer(said)) for unit, *said in rows]

    async def own_keys(self, units: Sequence[str]) -> list[Key]:
        """The cells of these units themselves that hold something."""
        return [tuple(key) for key in await self._read(_OWN_KEYS, units=units)]

    async def insert(self, cards: Mapping[Key, int], steps: Mapping[int, int], marks: Mapping[int, Mark]) -> None:
        """Bring rows in, with marks, as one block.

        Args:
            cards: packed scorecards.
            steps: by partition.
            marks: by partition.
        """
        rows = [self._row(key, packed, steps[key[-1]]) for key, packed in cards.items()]
        rows += [
            (self._log, "", "", "", 0, "", "", partition, 0, 0, 0, [], [], mark.reached, mark.tree, mark.step)
            for partition, mark in marks.items()
        ]
        if rows:
            # A name of its own: without one the store would drop a block that it had noted before it was killed.
            columns = Columns(COLUMNS, list(zip(*rows, strict=True)))
            await self._store.insert(self._names["$cells"], columns, str(uuid.uuid4()))

    async def change(self, changes: Sequence[Change], marks: Mapping[int, Mark]) -> None:
        """Bring changes into their cells, and marks in, as one moment.

        Args:
            changes: of no more than a million cells.
            marks: of every partition that is spoken of.

        Raises:
            FewerThanNoneError: something would be taken away that is not there; nothing has changed.
        """
        run = str(uuid.uuid4())
        if changes:
            rows = [(run, *change) for change in changes]
            names = ("run", *_CHANGE_COLUMNS)
            await self._store.insert(_CHANGES, Columns(names, list(zip(*rows, strict=True))), run)
        told = {
            "log": self._log,
            "run": run,
            "kinds": [SERVICE, CHANNEL, *PROFILE, HOUR],
            "partitions": list(marks),
            "reached": [mark.reached for mark in marks.values()],
            "trees": [mark.tree for mark in marks.values()],
            "steps": [mark.step for mark in marks.values()],
        }
        try:
            await self._store.command(self._text(_CHANGE), told)
        except Exception as error:
            if _FEWER in str(error):
                raise FewerThanNoneError from error
            raise

    async def pooled(self, partition: int) -> list[str]:
        """The trees that have cells from a partition."""
        return [unit for (unit,) in await self._read(_POOLED, partition=partition)]

    async def pool(
        self, partition: int, step: int, owners: Iterable[str], members: Sequence[tuple[str, str, int, int]]
    ) -> None:
        """Make the cells of trees anew from those of their members.

        Args:
            partition: of the members.
            step: of the rows.
            owners: the trees.
            members: (member, tree, first hour, end) of all of them.
        """
        told = {
            "log": self._log,
            "partition": partition,
            "step": step,
            "all": list(owners),
            "members": [member for member, *_ in members],
            "owners": [owner for _, owner, *_ in members],
            "since": [3600 * first for *_, first, _ in members],
            "until": [3600 * end for *_, end in members],
        }
        await self._store.command(self._text(_POOL), told)

    def _row(self, key: Key, packed: int, step: int) -> tuple[Any, ...]:
        unit, scope, index, day, dimension, cell, partition = key
        card = LAYOUTS[index].unpack(packed)
        return (
            self._log, unit, scope, index, 3600 * day, dimension, cell, partition, card.n, card.sum_x, card.sum_xx,
            card.histogram, card.parts, 0, 0, step,
        )  # fmt: skip

    async def _read(self, sql: str, **told: Any) -> Sequence[tuple[Any, ...]]:
        return await self._store.rows(self._text(sql), {"log": self._log, **told}, lane=Lane.WRITE)

    def _text(self, sql: str) -> str:
        for name, value in self._names.items():
            sql = sql.replace(name, value)
        return sql


def _answer(said: Sequence[Any]) -> Answer:
    submitted_ms, service, channel, profile, questionnaire, digits = said
    return Answer(submitted_ms, service, channel, tuple(profile), questionnaire, digits)
