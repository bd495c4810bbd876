"""The rows of `standing`, `tree` and `tree_days`: who writes them and who checks them agree on what they say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ikm.lineage import Days, Lineage, Membership, Place
from ikm.times import MS_PER_MINUTE, ZONES

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


@dataclass(frozen=True, slots=True)
class LineageRows:
    """What one table must hold.

    Attributes:
        table: its name, without the database.
        columns: all of its columns.
        rows: in the order of the columns; times as `runtime.clickhouse.Columns` wants them.
    """

    table: str
    columns: Sequence[str]
    rows: Sequence[tuple[Any, ...]]


def lineage_rows(found: Lineage) -> Iterator[LineageRows]:
    """The three tables, one after the other."""
    yield LineageRows("standing", _STANDING, [_place(place) for place in found.places])
    yield LineageRows("tree", _TREE, [row for one in found.memberships for row in _members(one)])
    yield LineageRows("tree_days", _DAYS, [row for days in found.days for row in _days(days)])


def _place(place: Place) -> tuple[Any, ...]:
    unit, period = place.unit, place.running
    where = unit.location if isinstance(unit.location, dict) else {}
    return (
        unit.code, unit.name, unit.type or "", unit.parent or "", unit.zone, ZONES[unit.zone], unit.period,
        unit.population, _degrees(where.get("lat")), _degrees(where.get("lon")), place.is_open, place.depth,
        period.code, period.from_minute * MS_PER_MINUTE, period.to_minute * MS_PER_MINUTE, place.always,
        [(member, first * _SECONDS, end * _SECONDS, people) for member, first, end, people in place.others],
        {service.code: service.name for service in unit.services or ()},
        [(aim.period, aim.index, aim.n, _hundredths(aim.value)) for aim in unit.targets or ()],
    )  # fmt: skip


def _degrees(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _hundredths(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


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
