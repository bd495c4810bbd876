"""Where hours may be added up for good: days and months, cut wherever one begins by any clock that figures go by.

A local day or month of any zone of Indonesia is so a sum of whole pieces, and an hour lies in one piece only.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from ikm.times import ZONES

_CLOCKS: Final = (0, *ZONES.values())
"""Hours east of UTC; UTC itself for whoever asks in it."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Grid:
    """Pieces of time that follow each other; hours are UTC epoch hours.

    Attributes:
        name: `days` or `months`.
        begin: the first hour of the day or month that an hour lies in, and of the next one, both by one clock.
    """

    name: str
    begin: Callable[[int], tuple[int, int]]

    def piece(self, hour: int) -> tuple[int, int]:
        """First hour and end of the piece that an hour lies in."""
        spans = [(self.begin(hour + clock), clock) for clock in _CLOCKS]
        return max(first - clock for (first, _), clock in spans), min(end - clock for (_, end), clock in spans)


def coarsest(hours: Iterable[int]) -> Grid | None:
    """The coarsest grid whose pieces begin at all these hours; None if not even days do."""
    cuts = list(hours)
    return next((grid for grid in reversed(GRIDS) if all(grid.piece(hour)[0] == hour for hour in cuts)), None)


def _day(hour: int) -> tuple[int, int]:
    first = hour - hour % 24
    return first, first + 24


@lru_cache(maxsize=4096)
def _month_of(day: int) -> tuple[int, int]:
    first = (_EPOCH + timedelta(days=day)).replace(day=1)
    end = (first + timedelta(days=31)).replace(day=1)
    return (first - _EPOCH).days * 24, (end - _EPOCH).days * 24


def _month(hour: int) -> tuple[int, int]:
    return _month_of(hour // 24)


DAYS: Final = Grid("days", _day)
MONTHS: Final = Grid("months", _month)
GRIDS: Final = (DAYS, MONTHS)
"""From the finest to the coarsest: every piece of one is a sum of whole pieces of the one before."""
