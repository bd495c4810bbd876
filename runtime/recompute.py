"""Closings against a recomputation in SQL from the raw events, each at its own position."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ikm.closing import Closing, is_consistent
from ikm.index import INDICES
from ikm.scorecard import LAYOUTS
from ikm.times import parse_rfc3339
from runtime import verify_sql as sql
from runtime.clickhouse import Columns, Lane, Store

STATEMENTS: Final = {code: sql.statements(index) for code, index in INDICES.items()}
COMPARED: Final = ("n", "sum_x", "sum_xx", "histogram", "parts", "watermark", "value", "mutu", "missing")
"""What a difference shows, in this order."""

_COLUMNS: Final = (
    "code", "unit", "window", "from_s", "to_s", "n", "sum_x", "sum_xx", "histogram", "parts", "watermark", "hundredths",
    "mutu", "missing", "tree", "positions",
)  # fmt: skip

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A closing that is not what the events give; `expected` and `found` in the order of `COMPARED`."""

    closing: Closing
    expected: Sequence[Any]
    found: Sequence[Any]


async def recompute(store: Store, closings: Sequence[Closing], *, log: int, partitions: int) -> list[Mismatch]:
    """Compare closings with the events that lie below their positions.

    Args:
        store: has all those events.
        closings: of this log, by the present rules, of scope self or pooled; any number of one unit.
        log: the log's epoch.
        partitions: of `responses.v1`.

    Returns:
        Those that differ, at most 1,000 of an index; `expected` is empty where the scorecard itself does not give the
        figure.
    """
    unsound = [closing for closing in closings if not is_consistent(closing)]
    sound = {(closing.unit, closing.label): closing for closing in closings if closing not in unsound}
    found = [Mismatch(closing, (), ()) for closing in unsound]
    if not sound:
        return found
    table = f"ikm.closings_{next(_numbers)}_{time.monotonic_ns()}"
    await store.command(sql.fill(sql.FROZEN_TABLE, frozen=table), lane=Lane.CHECK)
    try:
        rows = [_row(closing, partitions) for closing in sound.values()]
        await store.insert(table, Columns(_COLUMNS, list(zip(*rows, strict=True))))
        for code in sorted({closing.index for closing in sound.values()}):
            statement = sql.fill(STATEMENTS[code].frozen, frozen=table)
            differing = await store.rows(statement, {"log": log}, lane=Lane.CHECK)
            found += [Mismatch(sound[unit, label], expected, said) for unit, label, expected, said in differing]
    finally:
        await store.command(f"DROP TABLE IF EXISTS {table}", lane=Lane.CHECK)
    return found


def _row(closing: Closing, partitions: int) -> tuple[Any, ...]:
    said, offsets = closing.said, closing.where.offsets
    card = LAYOUTS[closing.index].from_json(closing.scorecard)
    value = -1 if said.value is None else int(Decimal(str(said.value)) * 100)
    times = (_seconds(closing.from_), _seconds(closing.to))
    sums = (card.n, card.sum_x, card.sum_xx, list(card.histogram), list(card.parts), _seconds(closing.watermark))
    positions = [offsets.get(partition, 0) for partition in range(partitions)]
    figure = (value, said.mutu or "", list(said.missing))
    return (closing.index, closing.unit, closing.label, *times, *sums, *figure, list(closing.tree), positions)


def _seconds(text: str | None) -> int:
    return 0 if text is None else parse_rfc3339(text) // 1000
