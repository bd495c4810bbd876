"""The register as rows that SQL can join: which unit is what now, and whose answers count in whose figures when.

Answers count with the ancestors that a unit had when they were submitted (`ikm.tree`). Months are those of `ikm.grid`:
where a unit came or went within one, or a period has days of its own, days count. Hours are UTC epoch hours.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ikm.grid import MONTHS
from ikm.period import Period, period_of
from ikm.registry import Unit
from ikm.times import EARLIEST_MS, MS_PER_HOUR, MS_PER_MINUTE
from ikm.tree import Tree
from ikm.versions import Versions

FIRST_HOUR: Final = 0
LAST_HOUR: Final = 2**32 // 3600
"""As far as seconds of 32 bits reach: before and after every answer."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A unit's member over [first, end): itself, or one below it.

    Attributes:
        unit: the version in force.
        member: its code.
        population: people that the member serves, as known now.
        first: `FIRST_HOUR` or a midnight of a zone.
        end: the hour after the last.
    """

    unit: Unit
    member: str
    population: int | None
    first: int
    end: int

    @property
    def months(self) -> tuple[int, int]:
        """Where its whole months begin and where they end; (x, x) if there is none."""
        first, end = MONTHS.piece(self.first), MONTHS.piece(self.end)
        begins = self.first if self.first in (FIRST_HOUR, first[0]) else first[1]
        return begins, self.end if self.end == LAST_HOUR else max(end[0], begins)

    def rest(self) -> Iterator[tuple[int, int]]:
        """[first, end) of what lies beside them."""
        begins, ends = self.months
        for first, end in ((self.first, min(begins, self.end)), (max(ends, self.first), self.end)):
            if first < end:
                yield first, end


@dataclass(frozen=True, slots=True)
class Days:
    """Hours [first, end) of a member that belong to a month or a period of a unit beside whole months.

    Attributes:
        grain: `month` or `period`.
        is_calendar: whether the calendar has the period, not the unit alone.
    """

    of: Membership
    grain: str
    period: Period
    is_calendar: bool
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """A unit in the version that is in force.

    Attributes:
        is_open: whether it takes answers.
        depth: how many units it stands below.
        running: the period of its calendar that runs.
        always: people served by the members that count at any time, itself among them.
        others: (member, first hour, end, people served) of members that count for some time only.
    """

    unit: Unit
    is_open: bool
    depth: int
    running: Period
    always: int
    others: Sequence[tuple[str, int, int, int]]


@dataclass(frozen=True, slots=True)
class Lineage:
    """All of it, at one position of the register and one instant."""

    places: Sequence[Place]
    memberships: Sequence[Membership]
    days: Sequence[Days]


def lineage(versions: Mapping[str, Versions], now_ms: int) -> Lineage:
    """The register's rows.

    Args:
        versions: of every unit, by code.
        now_ms: decides what is in force, UTC epoch milliseconds.
    """
    tree = Tree(version for each in versions.values() for version in each)
    standing = {code: each.at(now_ms) for code, each in versions.items()}
    memberships = [one for code in sorted(standing) for one in _memberships(standing[code], tree, standing)]
    by_unit = defaultdict(list)
    for one in memberships:
        by_unit[one.unit.code].append(one)
    places = [
        _place(
            unit,
            by_unit[code],
            len(tree.ancestors(code, now_ms)),
            now_ms,
            is_open=versions[code].closed(now_ms) is None,
        )
        for code, unit in sorted(standing.items())
    ]
    return Lineage(places, memberships, [day for one in memberships for day in _days(one)])


def _memberships(unit: Unit, tree: Tree, standing: Mapping[str, Unit]) -> Iterator[Membership]:
    for member, spans in tree.members(unit.code, FIRST_HOUR, LAST_HOUR * MS_PER_HOUR).items():
        below = standing.get(member)
        for first, end in spans:
            hours = first // MS_PER_HOUR, end // MS_PER_HOUR
            yield Membership(unit, member, None if below is None else below.population, *hours)


def _place(unit: Unit, members: Sequence[Membership], depth: int, now_ms: int, *, is_open: bool) -> Place:
    whole = [one for one in members if (one.first, one.end) == (FIRST_HOUR, LAST_HOUR)]
    return Place(
        unit=unit,
        is_open=is_open,
        depth=depth,
        running=period_of(unit.period, now_ms // MS_PER_MINUTE, unit.zone),
        always=sum(one.population or 0 for one in whole),
        others=[
            (one.member, one.first, one.end, one.population)
            for one in members
            if one.population and (one.first, one.end) != (FIRST_HOUR, LAST_HOUR)
        ],
    )


def _days(one: Membership) -> Iterator[Days]:
    for first, end in one.rest():
        at = max(first, EARLIEST_MS // MS_PER_HOUR)
        while at < end:
            month = period_of("bulanan", 60 * at, one.unit.zone)
            until = min(end, month.to_minute // 60)
            yield Days(one, "month", month, is_calendar=True, first=at, end=until)
            running = period_of(one.unit.period, 60 * at, one.unit.zone)
            yield Days(one, "period", running, is_calendar=True, first=at, end=until)
            at = until
    for own in one.unit.periods or ():
        period = own.in_zone(one.unit.zone)
        if period_of(one.unit.period, period.from_minute, one.unit.zone) == period:
            continue
        first, end = max(one.first, period.from_minute // 60), min(one.end, period.to_minute // 60)
        if first < end:
            yield Days(one, "period", period, is_calendar=False, first=first, end=end)
