"""Buckets put straight into the store, with the sums that follow, and a register beside them."""

from collections.abc import Iterable, Mapping, Sequence

from ikm.registry import Unit
from ikm.scorecard import Scorecard
from ikm.versions import Versions
from runtime.clickhouse import Columns, Store
from sinks import progress
from sinks.buckets import COLUMNS
from sinks.lineage import write_lineage
from sinks.sums import add_up

LOG = 7
Buckets = Mapping[tuple[str, str, int], Scorecard]
"""(unit, index, UTC epoch hour) -> what was counted."""


async def put(store: Store, buckets: Buckets) -> None:
    """Store buckets of one service, add them up, and say that the log is this one."""
    rows = [
        (unit, index, 3600 * hour, "", 0, card.n, card.sum_x, card.sum_xx, list(card.histogram), list(card.parts),
         3600 * hour, LOG, 1, number, 0)
        for number, ((unit, index, hour), card) in enumerate(buckets.items())
    ]  # fmt: skip
    for at in range(0, len(rows), 50_000):
        await store.insert("ikm.buckets", Columns(COLUMNS, list(zip(*rows[at : at + 50_000], strict=True))))
    await add_up(store, LOG, buckets)
    await progress.write(store, LOG, [progress.Reached("scorecards", 0, len(rows), len(rows))], 0)


async def register(store: Store, units: Iterable[Unit], now_ms: int) -> None:
    """Write the register's tables from versions of units."""
    versions: dict[str, list[Unit]] = {}
    for unit in units:
        versions.setdefault(unit.code, []).append(unit)
    await write_lineage(store, {code: Versions(each) for code, each in versions.items()}, now_ms)


async def dicts(store: Store, sql: str, **parameters: object) -> Sequence[dict[str, object]]:
    """Rows of a query by the names of their columns."""

    def call(client: object) -> list[dict[str, object]]:
        return list(client.query(sql, parameters=parameters).named_results())  # type: ignore[attr-defined]

    return await store.run(call)
