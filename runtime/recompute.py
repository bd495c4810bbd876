"""Closings against a recomputation in SQL from the raw events, each at its own position."""

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ikm.closing import Closing
from ikm.figure import headline
from ikm.freeze import is_consistent
from ikm.index import INDICES
from ikm.members import Spans
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import parse_rfc3339
from runtime import verify_sql as sql
from runtime.clickhouse import Columns, Lane, Store

STATEMENTS: Final = {code: sql.statements(index) for code, index in INDICES.items()}
COMPARED: Final = ("n", "sum_x", "sum_xx", "histogram", "parts", "watermark", "value", "mutu", "missing")
"""What a difference shows, in this order."""

_FROZEN: Final = (
    "code", "unit", "window", "from_s", "to_s", "n", "sum_x", "sum_xx", "histogram", "parts", "watermark", "hundredths",
    "mutu", "missing", "reading",
)  # fmt: skip
_READINGS: Final = ("code", "reading", "unit", "starts", "ends", "positions")
_MEMBERS: Final = (
    "code", "owner", "window", "reading", "unit", "n", "sum_x", "sum_xx", "histogram", "parts",
)  # fmt: skip

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A closing that is not what the events give.

    Attributes:
        closing: which.
        expected: in the order of `COMPARED`; of a member only its sums. Empty where the scorecard does not give the
            figure.
        found: likewise.
        member: the unit of its tree that differs; "" for all of it.
    """

    closing: Closing
    expected: Sequence[Any]
    found: Sequence[Any]
    member: str = ""


async def recompute(store: Store, closings: Sequence[Closing], *, log: int, partitions: int) -> list[Mismatch]:
    """Compare closings with the events that lie below their positions.

    Args:
        store: has all those events.
        closings: of this log, by the present rules; any number of one unit.
        log: the log's epoch.
        partitions: of `responses.v1`.

    Of a tree each unit's scorecard is recomputed, in the spans that the closing says, and what they come to together.
    Figures of all of them are what `ikm` makes of scorecards that the events give.

    Returns:
        Those that differ, at most 1,000 of an index.
    """
    unsound = [closing for closing in closings if not is_consistent(closing)]
    sound = {(closing.unit, closing.label): closing for closing in closings if closing not in unsound}
    found = [Mismatch(closing, (), ()) for closing in unsound]
    if not sound:
        return found
    check = f"{next(_numbers)}_{time.monotonic_ns()}"
    tables = {name: f"ikm.closings_{name}_{check}" for name in ("frozen", "readings", "members", "sums")}

    async def run(statement: str) -> Sequence[tuple[Any, ...]]:
        return await store.rows(sql.fill(statement, **tables), {"log": log}, lane=Lane.CHECK)

    async def drop(*names: str) -> None:
        for name in names:
            await store.command(f"DROP TABLE IF EXISTS {tables[name]}", lane=Lane.CHECK)

    try:
        await _fill(store, tables, list(sound.values()), partitions)
        for code in sorted({closing.index for closing in sound.values()}):
            await store.command(sql.fill(STATEMENTS[code].counted, **tables), {"log": log}, lane=Lane.CHECK)
            for unit, label, expected, said in await run(STATEMENTS[code].frozen):
                found.append(Mismatch(sound[unit, label], expected, said))
            for unit, label, member, expected, said in await run(STATEMENTS[code].members):
                found.append(Mismatch(sound[unit, label], expected, said, member))
            await drop("sums")
    finally:
        await drop(*tables)
    return found


async def _fill(store: Store, tables: Mapping[str, str], closings: Sequence[Closing], partitions: int) -> None:
    for statement in (sql.FROZEN_TABLE, sql.READINGS_TABLE, sql.MEMBERS_TABLE):
        await store.command(sql.fill(statement, **tables), lane=Lane.CHECK)
    readings: dict[_Reading, int] = {}
    numbered = [(closing, readings.setdefault(_reading(closing, partitions), len(readings))) for closing in closings]
    await _insert(store, tables["frozen"], _FROZEN, (_frozen_row(*one) for one in numbered))
    units = (row for reading, number in readings.items() for row in _reading_rows(reading, number))
    await _insert(store, tables["readings"], _READINGS, units)
    trees = (one for one in numbered if one[0].scope != "self")
    await _insert(store, tables["members"], _MEMBERS, (row for one in trees for row in _member_rows(*one)))


async def _insert(store: Store, table: str, names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    columns = list(zip(*rows, strict=True))
    if columns:
        await store.insert(table, Columns(names, columns))


_Reading = tuple[str, tuple[tuple[str, Spans], ...], tuple[int, ...]]
"""Index, units with their spans, position by partition: closings that agree in these are made of the same responses."""


def _reading(closing: Closing, partitions: int) -> _Reading:
    offsets = closing.where.offsets
    positions = tuple(offsets.get(partition, 0) for partition in range(partitions))
    return closing.index, tuple(closing.spans.items()), positions


def _reading_rows(reading: _Reading, number: int) -> Iterator[tuple[Any, ...]]:
    code, units, positions = reading
    for unit, spans in units:
        starts, ends = ([60 * minute for minute in minutes] for minutes in zip(*spans, strict=True))
        yield code, number, unit, starts, ends, list(positions)


def _frozen_row(closing: Closing, reading: int) -> tuple[Any, ...]:
    """All units together; of a mean, which SQL has no integers for, what its respondents pooled come to."""
    card = LAYOUTS[closing.index].from_json(closing.scorecard)
    said = headline(INDICES[closing.index], card) if closing.scope == "mean" else closing.said
    value = -1 if said.value is None else int(Decimal(str(said.value)) * 100)
    times = (_seconds(closing.from_), _seconds(closing.to))
    figure = (_seconds(closing.watermark), value, said.mutu or "", list(said.missing))
    return (closing.index, closing.unit, closing.label, *times, *_sums(card), *figure, reading)


def _member_rows(closing: Closing, reading: int) -> Iterator[tuple[Any, ...]]:
    for unit, card in closing.cards.items():
        yield closing.index, closing.unit, closing.label, reading, unit, *_sums(card)


def _sums(card: Scorecard) -> tuple[Any, ...]:
    return card.n, card.sum_x, card.sum_xx, list(card.histogram), list(card.parts)


def _seconds(text: str | None) -> int:
    return 0 if text is None else parse_rfc3339(text) // 1000
