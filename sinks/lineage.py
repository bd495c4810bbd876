"""`standing`, `tree`, `tree_days`: the register as SQL joins it, written whole whenever it, or the hour, is another."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from ikm.lineage import Days, Lineage, Membership, Place, lineage
from ikm.times import MS_PER_HOUR, MS_PER_MINUTE, ZONES
from ikm.versions import Versions
from runtime.clickhouse import DATABASE, Columns, Store
from runtime.clock import Clock
from runtime.logging import logger
from runtime.units import UnitsStore
from sinks.columns import hundredths

log = logger(__name__)

POLL_S: Final = 0.5
_SECONDS: Final = 3600
_STANDING: Final = (
    "unit", "name", "type", "parent", "zone", "zone_hours", "kind", "population", "lat", "lon", "is_open", "depth",
    "period", "from", "to", "always", "others", "services", "targets",
)  # fmt: skip
_TREE: Final = (
    "unit", "scope", "member", "zone_hours", "kind", "population", "since", "until", "since_month", "until_month",
)  # fmt: skip
_DAYS: Final = (
    "unit", "scope", "member", "population", "grain", "period", "is_calendar", "from", "to", "since", "until",
)  # fmt: skip


class Lineages:
    """Keeps the three tables at the register.

    Args:
        store: migrated.
        units: the register, running.
        is_ours: whether this process is the one of its group that writes; another that does so too does no harm.
        clock: says which versions are in force.
    """

    def __init__(self, store: Store, units: UnitsStore, *, is_ours: Callable[[], bool], clock: Clock) -> None:
        self._store, self._units, self._is_ours, self._clock = store, units, is_ours, clock
        self._written: tuple[int, int] | None = None

    async def run(self) -> None:
        """Look again and again; never returns."""
        while True:
            try:
                if self._is_ours() and self._units.is_ready:
                    await self.bring_up()
            except Exception as error:  # noqa: BLE001 - the tables are whole, as they were; it is tried again
                log.warning("lineage_waits", error=repr(error))
            await asyncio.sleep(POLL_S)

    async def bring_up(self) -> None:
        """Write the tables if the register, or the hour (versions begin at midnights), is another than they have."""
        now_ms = self._clock()
        wanted = self._units.position, now_ms // MS_PER_HOUR
        if wanted == self._written:
            return
        versions = {code: found for code in self._units.codes() if (found := self._units.versions(code)) is not None}
        await write_lineage(self._store, versions, now_ms)
        self._written = wanted


async def write_lineage(store: Store, versions: Mapping[str, Versions], now_ms: int) -> None:
    """Replace what the tables hold; each changes as one moment.

    Args:
        store: migrated.
        versions: of every unit, by code.
        now_ms: decides what is in force, UTC epoch milliseconds.
    """
    found = await asyncio.to_thread(lineage, versions, now_ms)
    for name, columns, rows in _tables(found):
        fresh = f"{DATABASE}.{name}_fresh"
        await store.command(f"DROP TABLE IF EXISTS {fresh}")
        await store.command(f"CREATE TABLE {fresh} AS {DATABASE}.{name}")
        if rows:
            await store.insert(fresh, Columns(columns, list(zip(*rows, strict=True))))
        await store.command(f"EXCHANGE TABLES {fresh} AND {DATABASE}.{name}")
        await store.command(f"DROP TABLE {fresh}")


def _tables(found: Lineage) -> Iterator[tuple[str, Sequence[str], list[tuple[Any, ...]]]]:
    yield "standing", _STANDING, [_place(place) for place in found.places]
    yield "tree", _TREE, [row for one in found.memberships for row in _members(one)]
    yield "tree_days", _DAYS, [row for days in found.days for row in _days(days)]


def _place(place: Place) -> tuple[Any, ...]:
    unit, period = place.unit, place.running
    where = unit.location if isinstance(unit.location, dict) else {}
    return (
        unit.code, unit.name, unit.type or "", unit.parent or "", unit.zone, ZONES[unit.zone], unit.period,
        unit.population, _degrees(where.get("lat")), _degrees(where.get("lon")), place.is_open, place.depth,
        period.code, period.from_minute * MS_PER_MINUTE, period.to_minute * MS_PER_MINUTE, place.always,
        [(member, first * _SECONDS, end * _SECONDS, people) for member, first, end, people in place.others],
        {service.code: service.name for service in unit.services or ()},
        [(aim.period, aim.index, aim.n, hundredths(aim.value)) for aim in unit.targets or ()],
    )  # fmt: skip


def _degrees(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _scopes(one: Membership) -> tuple[str, ...]:
    """Whose figures a member's answers are a part of: the unit's own too, where the member is the unit."""
    return ("self", "pooled") if one.member == one.unit.code else ("pooled",)


def _members(one: Membership) -> Iterator[tuple[Any, ...]]:
    times = [hour * _SECONDS for hour in (one.first, one.end, *one.months)]
    for scope in _scopes(one):
        unit = one.unit
        yield unit.code, scope, one.member, ZONES[unit.zone], unit.period, one.population, *times


def _days(days: Days) -> Iterator[tuple[Any, ...]]:
    one, period = days.of, days.period
    for scope in _scopes(one):
        yield (
            one.unit.code, scope, one.member, one.population, days.grain,
            period.code if days.grain == "period" else "", days.is_calendar, period.from_minute * MS_PER_MINUTE,
            period.to_minute * MS_PER_MINUTE, days.first * _SECONDS, days.end * _SECONDS,
        )  # fmt: skip
