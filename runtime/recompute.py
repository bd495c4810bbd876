"""Closings against a recomputation in SQL from the raw events, each at its own position."""

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ikm.closing import Closing, is_consistent
from ikm.figure import headline
from ikm.index import INDICES
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import parse_rfc3339
from runtime import verify_sql as sql
from runtime.clickhouse import Columns, Lane, Store

STATEMENTS: Final = {code: sql.statements(index) for code, index in INDICES.items()}
COMPARED: Final = ("n", "sum_x", "sum_xx", "histogram", "parts", "watermark", "value", "mutu", "missing")
"""What a difference shows, in this order."""

_COLUMNS: Final = (
    "code", "unit", "window", "from_s", "to_s", "n", "sum_x", "sum_xx", "histogram", "parts", "watermark", "hundredths",
    "mutu", "missing", "positions",
)  # fmt: skip
_MEMBER_COLUMNS: Final = (
    "code", "owner", "window", "unit", "n", "sum_x", "sum_xx", "histogram", "parts", "starts", "ends",
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
    suffix = f"{next(_numbers)}_{time.monotonic_ns()}"
    tables = {"frozen": f"ikm.closings_{suffix}", "members": f"ikm.closings_members_{suffix}"}
    try:
        await _fill(store, tables, list(sound.values()), partitions)
        for code in sorted({closing.index for closing in sound.values()}):
            whole, members = [
                await store.rows(sql.fill(statement, **tables), {"log": log}, lane=Lane.CHECK)
                for statement in (STATEMENTS[code].frozen, STATEMENTS[code].members)
            ]
            found += [Mismatch(sound[unit, label], expected, said) for unit, label, expected, said in whole]
            found += [
                Mismatch(closing, expected, said, member)
                for unit, label, member, expected, said in members
                if (closing := sound[unit, label]).scope != "self"
            ]
    finally:
        for table in tables.values():
            await store.command(f"DROP TABLE IF EXISTS {table}", lane=Lane.CHECK)
    return found


async def _fill(store: Store, tables: Mapping[str, str], closings: Sequence[Closing], partitions: int) -> None:
    for table in (sql.FROZEN_TABLE, sql.MEMBERS_TABLE):
        await store.command(sql.fill(table, **tables), lane=Lane.CHECK)
    rows = [_row(closing, partitions) for closing in closings]
    await store.insert(tables["frozen"], Columns(_COLUMNS, list(zip(*rows, strict=True))))
    members = [row for closing in closings for row in _member_rows(closing)]
    await store.insert(tables["members"], Columns(_MEMBER_COLUMNS, list(zip(*members, strict=True))))


def _row(closing: Closing, partitions: int) -> tuple[Any, ...]:
    """All units together; of a mean, which SQL has no integers for, what its respondents pooled come to."""
    offsets, card = closing.where.offsets, LAYOUTS[closing.index].from_json(closing.scorecard)
    said = headline(INDICES[closing.index], card) if closing.scope == "mean" else closing.said
    value = -1 if said.value is None else int(Decimal(str(said.value)) * 100)
    times = (_seconds(closing.from_), _seconds(closing.to))
    positions = [offsets.get(partition, 0) for partition in range(partitions)]
    figure = (_seconds(closing.watermark), value, said.mutu or "", list(said.missing))
    return (closing.index, closing.unit, closing.label, *times, *_sums(card), *figure, positions)


def _member_rows(closing: Closing) -> Iterator[tuple[Any, ...]]:
    cards = closing.cards
    for unit, spans in closing.spans.items():
        starts, ends = ([60 * minute for minute in minutes] for minutes in zip(*spans, strict=True))
        yield (closing.index, closing.unit, closing.label, unit, *_sums(cards[unit]), starts, ends)


def _sums(card: Scorecard) -> tuple[Any, ...]:
    return card.n, card.sum_x, card.sum_xx, list(card.histogram), list(card.parts)


def _seconds(text: str | None) -> int:
    return 0 if text is None else parse_rfc3339(text) // 1000
