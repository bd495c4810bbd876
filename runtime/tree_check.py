"""The trees of closings against a recomputation in SQL from the register, which knows nothing of `ikm.tree`."""

import itertools
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ikm.closing import Closing
from ikm.members import Spans
from ikm.registry import Unit
from ikm.times import parse_rfc3339
from runtime import verify_tree_sql as sql
from runtime.clickhouse import Columns, Lane, Store
from runtime.verify_sql import fill

REGISTER_COLUMNS: Final = ("unit", "valid_from", "valid_to", "merged_into", "parent", "zone", "period")
_OF: Final = "SELECT owner, member, since, until FROM $members WHERE owner IN {owners:Array(String)} ORDER BY ALL"

_numbers = itertools.count(1)


async def wrong_trees(store: Store, closings: Sequence[Closing], register: Iterable[Unit]) -> list[Closing]:
    """The closings of pooled and mean figures that do not count whom the register says.

    Args:
        store: ClickHouse, for its engine alone.
        closings: of any scope.
        register: all versions of all units, as they were when the closings were made.
    """
    trees = [closing for closing in closings if closing.scope != "self"]
    if not trees:
        return []
    check = f"{next(_numbers)}_{time.monotonic_ns()}"
    tables = {name: f"ikm.trees_{name}_{check}" for name in ("register", "members")}
    try:
        await store.command(fill(sql.REGISTER_TABLE, **tables), lane=Lane.CHECK)
        rows = [register_row(unit) for unit in register]
        if rows:
            await store.insert(tables["register"], Columns(REGISTER_COLUMNS, list(zip(*rows, strict=True))))
        await store.command(fill(sql.MEMBERS, **tables), lane=Lane.CHECK)
        owners = sorted({closing.unit for closing in trees})
        stood = await store.rows(fill(_OF, **tables), {"owners": owners}, lane=Lane.CHECK)
    finally:
        for table in tables.values():
            await store.command(f"DROP TABLE IF EXISTS {table}", lane=Lane.CHECK)
    return [closing for closing in trees if closing.spans != _spans(closing, stood)]


def _spans(closing: Closing, stood: Sequence[tuple[Any, ...]]) -> Mapping[str, Spans]:
    """When each unit counts within the closing's period, minutes; what follows without a gap is one span."""
    first, end = (parse_rfc3339(text) // 60_000 for text in (closing.from_, closing.to))
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for owner, member, since, until in stood:
        start, stop = max(since // 60, first), min(until // 60, end)
        if owner != closing.unit or start >= stop:
            continue
        joins = bool(found[member]) and found[member][-1][1] == start
        found[member].append((found[member].pop()[0] if joins else start, stop))
    return {member: tuple(spans) for member, spans in found.items()}


def register_row(unit: Unit) -> tuple[str | None, ...]:
    """A version of a unit as a row of the table `$register`, in the order of `REGISTER_COLUMNS`."""
    until = None if unit.valid_to is None else str(unit.valid_to)
    return unit.code, str(unit.valid_from), until, unit.merged_into or "", unit.parent or "", unit.zone, unit.period
