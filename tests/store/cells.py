"""What `cells` holds, and what it must hold."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ikm.events import Event, Response
from ikm.grid import DAYS
from ikm.index import INDICES
from ikm.profile import PROFILE
from ikm.registry import Unit
from ikm.scorecard import Scorecard
from ikm.tree import Tree
from runtime.clickhouse import Lane, Store
from tests.fold import scratch

Cells = dict[tuple[str, str, str, int, str, str], Scorecard]
"""By unit, scope, index, first hour of a piece of a day, dimension and cell."""


async def held(store: Store, log: int) -> Cells:
    rows = await store.rows(
        "SELECT toString(unit), toString(scope), toString(`index`), intDiv(toUnixTimestamp(day), 3600), "
        "toString(dimension), toString(cell), sum(n), sum(sum_x), sum(sum_xx), sumForEach(histogram), "
        "sumForEach(parts) FROM ikm.cells FINAL WHERE epoch = {log:UInt64} AND n > 0 GROUP BY 1, 2, 3, 4, 5, 6",
        {"log": log},
        lane=Lane.CHECK,
    )
    return {
        (unit, scope, index, day, kind, cell): Scorecard(n, sum_x, sum_xx, tuple(histogram), tuple(parts))
        for unit, scope, index, day, kind, cell, n, sum_x, sum_xx, histogram, parts in rows
    }


def wanted(events: Iterable[Event], units: Iterable[Unit] = ()) -> Cells:
    """From scratch."""
    units = list(units)
    tree = Tree(units)
    parents = {unit.parent for unit in units} | {unit.merged_into for unit in units}
    counted: dict[Any, list[Response]] = defaultdict(list)
    for response in scratch.counted(events):
        hour = response.submitted_at // 3_600_000
        above = tree.ancestors(response.unit, response.submitted_at)
        owners = [(response.unit, "self"), *((owner, "pooled") for owner in above)]
        if response.unit in parents:
            owners.append((response.unit, "pooled"))
        cells = {"service": response.service or "", "channel": response.channel or "", "hour": f"{hour % 24:02}"}
        for question, spellings in PROFILE.items():
            cells[question] = spellings.get((response.respondent or {}).get(question, ""), "")
        for owner in owners:
            for cell in cells.items():
                counted[(*owner, DAYS.piece(hour)[0], *cell)].append(response)
    found = {
        (unit, scope, code, *place): scratch.scorecard(index, responses)
        for (unit, scope, *place), responses in counted.items()
        for code, index in INDICES.items()
    }
    return {key: card for key, card in found.items() if card.n}
