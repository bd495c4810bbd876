"""The truth check of frozen figures: each against the events below its own position, however much came later."""

from collections.abc import Sequence
from typing import Final

from api.difference import Difference, NotReached, texts
from ikm.closing import Closing
from ikm.position import RULES_VERSION
from runtime.clickhouse import Store
from runtime.closings import ClosingsTable
from runtime.recompute import COMPARED, Mismatch, recompute

_UNITS_AT_ONCE: Final = 50


async def closing_differences(store: Store, log: int, archived: Sequence[int]) -> tuple[list[Difference], int]:
    """Compare every closing of one log that was made by the present rules.

    Args:
        store: ClickHouse with the sink's tables.
        log: the log's epoch.
        archived: by source partition the position up to which all events are in the store.

    Returns:
        The differences, and how many closings were recomputed.

    Raises:
        NotReached: the archive ends before a closing's position.
    """
    table, compared = ClosingsTable(store, log), 0
    found = [
        Difference(unit, label, "the closing as it was stored", "altered") for unit, label in await table.altered()
    ]
    units = await table.units()
    for at in range(0, len(units), _UNITS_AT_ONCE):
        closings = [one for one in await table.of_units(units[at : at + _UNITS_AT_ONCE]) if _can_compare(one, log)]
        for closing in closings:
            _require_archived(closing, archived)
        compared += len(closings)
        found += map(_difference, await recompute(store, closings, log=log, partitions=len(archived)))
    return found, compared


def _can_compare(closing: Closing, log: int) -> bool:
    """Other rules gave other figures, and another log is not here."""
    return closing.where.log == log and closing.rules == RULES_VERSION


def _require_archived(closing: Closing, archived: Sequence[int]) -> None:
    for partition, offset in closing.where.offsets.items():
        if offset > archived[partition]:
            raise NotReached(
                f"the archive of partition {partition} ends at {archived[partition]}, {closing.label} of unit "
                f"{closing.unit} was closed at {offset}: is the sink up?"
            )


def _difference(found: Mismatch) -> Difference:
    closing = found.closing
    if not found.expected:
        return Difference(closing.unit, closing.label, "the figure that its scorecard gives", "another")
    what = f"{closing.label}, {found.member} in it" if found.member else closing.label
    return Difference(closing.unit, what, *texts(COMPARED[: len(found.expected)], found.expected, found.found))
