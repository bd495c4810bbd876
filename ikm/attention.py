"""Which units of an organisation ask for attention: silent ones, those that moved, and where each one stands."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from math import floor, sqrt
from typing import Final

from ikm.calendar import UnknownYear, working_days_between
from ikm.figure import PROVISIONAL_BELOW
from ikm.times import MS_PER_HOUR, local_day

SILENT_WORKING_DAYS: Final = 2
SILENT_GAPS: Final = 3
_DAYS_WITH_A_WEEKEND: Final = 4
"""Where the holidays of a year are not known: two working days and a weekend."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A published index in short: responses, value and 95 % interval, both as they were rounded, and its letter."""

    n: int
    value: float
    interval: tuple[float, float]
    mutu: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The current index minus an earlier one, two decimals, with the 95 % interval of the difference."""

    difference: float
    interval: tuple[float, float]

    @property
    def moved(self) -> bool:
        """Whether the interval excludes 0."""
        return self.interval[0] > 0 or self.interval[1] < 0


def change(before: Standing | None, now: Standing | None) -> Change | None:
    """How far an index went since an earlier period; None unless both have 30 responses or more.

    The interval comes from those of both figures by squares (Zou and Donner 2008), so it holds for frozen figures too,
    and for those without spread, whose intervals are not symmetric.
    """
    if before is None or now is None or min(before.n, now.n) < PROVISIONAL_BELOW:
        return None
    difference = now.value - before.value
    below = sqrt((now.value - now.interval[0]) ** 2 + (before.interval[1] - before.value) ** 2)
    above = sqrt((now.interval[1] - now.value) ** 2 + (before.value - before.interval[0]) ** 2)
    return Change(_two(difference), (_two(difference - below), _two(difference + above)))


def ranks(standings: Sequence[Standing]) -> list[int]:
    """The rank of each: 1 + how many lie above it with their whole interval; many share a rank."""
    lows = sorted(one.interval[0] for one in standings)
    highs = [one.interval[1] for one in standings]
    return [1 + len(lows) - bisect_left(lows, high + _HALF_A_HUNDREDTH) for high in highs]


_HALF_A_HUNDREDTH: Final = 0.005


def is_silent(last_ms: int, median_gap_hours: float | None, now_ms: int, zone: str) -> bool:
    """Whether a unit has had no response for longer than two working days and three times its median gap.

    Args:
        last_ms: when the last response was submitted, UTC epoch milliseconds.
        median_gap_hours: between its responses; None when there are too few to tell.
        now_ms: the present, UTC epoch milliseconds.
        zone: of the unit, whose days count; only whole working days do.
    """
    if now_ms - last_ms <= SILENT_GAPS * (median_gap_hours or 0) * MS_PER_HOUR:
        return False
    last, yesterday = local_day(last_ms, zone), local_day(now_ms, zone) - timedelta(days=1)
    if yesterday <= last:
        return False
    try:
        return working_days_between(last, yesterday) >= SILENT_WORKING_DAYS
    except UnknownYear:
        return (yesterday - last).days >= _DAYS_WITH_A_WEEKEND


@dataclass(frozen=True, slots=True)
class Held:
    """Since when a letter holds: the step in which its run begins, and whether nothing else is known before that."""

    first: int
    at_least: bool


def unchanged_since(letters: Sequence[str | None]) -> Held | None:
    """Where the run of the last letter begins, steps without a letter passed over; None when there is no letter.

    Args:
        letters: step by step, the newest last.
    """
    known = [at for at, letter in enumerate(letters) if letter is not None]
    if not known:
        return None
    run = list(takewhile(lambda at: letters[at] == letters[known[-1]], reversed(known)))
    return Held(run[-1], at_least=len(run) == len(known))


def _two(value: float) -> float:
    return floor(value * 100 + 0.5) / 100
