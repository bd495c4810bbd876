"""The units that count in a figure over a period: the unit itself, and those that stood below it for some of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ikm.period import Period
from ikm.registry import Unit
from ikm.times import MS_PER_MINUTE
from ikm.tree import Tree

Spans = tuple[tuple[int, int], ...]
"""[from, to) in UTC epoch minutes, in order and apart."""


@dataclass(frozen=True, slots=True)
class Member:
    """A unit that counts.

    Attributes:
        spans: what was submitted in these counts, and nothing else of the unit.
        population: people served, as known now.
    """

    spans: Spans
    population: int | None


Members = Mapping[str, Member]
"""By code; the unit itself first."""


def alone(unit: Unit, period: Period) -> Members:
    """The unit without any other."""
    return {unit.code: Member(((period.from_minute, period.to_minute),), unit.population)}


def members_of(unit: Unit, period: Period, tree: Tree, standing: Callable[[str], Unit | None]) -> Members:
    """The unit, and each that stood below it at any time of the period, by code.

    Args:
        unit: whose tree.
        period: of its calendar.
        tree: as the register has it now.
        standing: the version of a unit that is in force, None where nothing is registered.
    """
    found = dict(alone(unit, period))
    spans = tree.members(unit.code, period.from_minute * MS_PER_MINUTE, period.to_minute * MS_PER_MINUTE)
    for code in sorted(spans.keys() - {unit.code}):
        below = standing(code)
        minutes = tuple((start // MS_PER_MINUTE, end // MS_PER_MINUTE) for start, end in spans[code])
        found[code] = Member(minutes, None if below is None else below.population)
    return found


def population_of(people: Iterable[tuple[int | None, int]]) -> int | None:
    """People served by several units together, for the size of the sample.

    A part of the people would make the sample too small: so it is unknown where a unit with responses does not say how
    many it serves. One that got none and says none, such as an office that only leads others, adds nobody.

    Args:
        people: of each unit its population and its responses.
    """
    known = list(people)
    if any(population is None and n for population, n in known):
        return None
    return sum(population or 0 for population, _ in known) or None
