"""When people answer: rush hours by kind of unit, in the city's own zone, and the clock that runs fast in them."""

from bisect import bisect_right
from collections.abc import Mapping
from functools import lru_cache
from itertools import accumulate

HOUR_MS = 3_600_000
WEEK_HOURS = 168
WEEK_MS = WEEK_HOURS * HOUR_MS
ZONE_HOURS = 8
"""The invented city lies in Asia/Makassar (UTC+8)."""
_MONDAY_OFFSET_MS = 3 * 24 * HOUR_MS
"""1970-01-01 was a Thursday: so much later than the Monday before it."""

_OFFICE = "000000014896357621111000"
_CLINIC = "000000149985443211111000"
_NIGHT_AND_DAY = "211111247887566554444332"
_QUIET = "000000001111111111111000"
_SHUT = "000000000000000000000000"

_DAYS: Mapping[str, tuple[str, str, str]] = {
    "perangkat_daerah": (_OFFICE, _QUIET, _SHUT),
    "uptd": (_OFFICE, _QUIET, _SHUT),
    "bagian": (_OFFICE, _SHUT, _SHUT),
    "puskesmas": (_CLINIC, _CLINIC, _QUIET),
    "kelurahan": (_OFFICE, _QUIET, _SHUT),
    "mpp": (_OFFICE, _OFFICE, _QUIET),
    "rsud": (_NIGHT_AND_DAY, _NIGHT_AND_DAY, _NIGHT_AND_DAY),
    "perusahaan_daerah": (_OFFICE, _QUIET, _QUIET),
}
"""By kind: how busy each local hour 0..23 is (a digit) on a weekday, on Saturday, on Sunday."""

_AT_HOME = 0.05
"""Somebody always fills a form in from a link, whatever the hour."""


def hour_of_week(ms: int) -> int:
    """The city's local hour since Monday 00:00, 0..167, of a UTC epoch millisecond."""
    return (ms + ZONE_HOURS * HOUR_MS + _MONDAY_OFFSET_MS) // HOUR_MS % WEEK_HOURS


@lru_cache
def busy(kind: str) -> tuple[float, ...]:
    """How busy a kind of unit is in each of the 168 local hours of a week, relative to the others."""
    weekday, saturday, sunday = _DAYS[kind]
    week = weekday * 5 + saturday + sunday
    return tuple(int(digit) + _AT_HOME for digit in week)


class RushClock:
    """A clock that runs fast while the city is busy: equal steps of it are equally many answers."""

    def __init__(self, traffic_by_kind: Mapping[str, float]) -> None:
        hours = [
            sum(busy(kind)[hour] * traffic for kind, traffic in traffic_by_kind.items()) for hour in range(WEEK_HOURS)
        ]
        total = sum(hours)
        self._share = [hour / total for hour in hours]
        self._before = [0.0, *accumulate(self._share)][:WEEK_HOURS]
        self._origin = -_MONDAY_OFFSET_MS - ZONE_HOURS * HOUR_MS

    def to_wall(self, weeks: float) -> int:
        """The UTC epoch millisecond at which so many weeks' worth of answers (since a Monday in 1969) have come."""
        week, part = divmod(weeks, 1.0)
        hour = bisect_right(self._before, part) - 1
        fraction = min((part - self._before[hour]) / self._share[hour], 1.0)
        return self._origin + int(week) * WEEK_MS + int((hour + fraction) * HOUR_MS)

    def from_wall(self, ms: int) -> float:
        """The inverse of `to_wall`."""
        week, rest = divmod(ms - self._origin, WEEK_MS)
        hour, part = divmod(rest, HOUR_MS)
        return float(week + self._before[hour] + self._share[hour] * part / HOUR_MS)
