"""The steps of a trend: hours, days, months or periods of a unit's own calendar."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Final

from ikm.errors import Code, Fault, Refused
from ikm.period import period_of
from ikm.show import shown
from ikm.times import EARLIEST_MS, LATEST_MS, MS_PER_HOUR, MS_PER_MINUTE, ZONES, parse_rfc3339, rfc3339_minute

MOST_STEPS: Final = 2_000
"""A trend has no more."""
DEFAULT_STEPS: Final[Mapping[str, int]] = MappingProxyType({"hour": 48, "day": 30, "month": 12, "period": 8})
"""By what a trend can go, and how many steps it has when no span is asked for."""

_MINUTES: Final = {"hour": 60, "day": 24 * 60}


@dataclass(frozen=True, slots=True)
class Step:
    """A step, [from, to) in UTC epoch minutes; `code` names it where it is a period or a month."""

    code: str | None
    from_minute: int
    to_minute: int


@dataclass(frozen=True, slots=True)
class Steps:
    """A calendar cut into steps.

    Attributes:
        by: `hour`, `day`, `month` or `period`.
        zone: whose midnights count.
        kind: how often the unit publishes (`ikm.period.KINDS`); only a trend by period looks at it.
    """

    by: str
    zone: str
    kind: str

    def at(self, minute: int) -> Step:
        """The step that a UTC minute lies in.

        Raises:
            ValueError: a month or period outside 2004 to 2148.
        """
        if self.by in _MINUTES:
            length, east = _MINUTES[self.by], 60 * ZONES[self.zone]
            start = (minute + east) // length * length - east
            return Step(None, start, start + length)
        period = period_of("bulanan" if self.by == "month" else self.kind, minute, self.zone)
        return Step(period.code, period.from_minute, period.to_minute)

    def latest(self, now_minute: int) -> list[Step]:
        """The last steps, as many as `DEFAULT_STEPS` says, the current one included; none before 2004."""
        found = [self.at(now_minute)]
        while len(found) < DEFAULT_STEPS[self.by] and found[-1].from_minute > self._local(EARLIEST_MS):
            found.append(self.at(found[-1].from_minute - 1))
        return found[::-1]

    def between(self, from_text: str, to_text: str) -> list[Step]:
        """The steps of a span, both ends RFC 3339.

        Raises:
            Refused: an end is no time, lies outside 2004 to 2099 or within a step, the span is empty, or it has more
                than `MOST_STEPS`.
        """
        ends, faults = [], list[Fault]()
        for field, text in (("from", from_text), ("to", to_text)):
            try:
                ends.append(self._end(field, text))
            except Refused as refused:
                faults += refused.faults
        if faults:
            raise Refused(faults)
        if ends[0] >= ends[1]:
            message = f"to ({shown(to_text)}) is not after from ({shown(from_text)}): send a later one."
            raise Refused([Fault("to", Code.CONTRADICTION, message)])
        found = list(islice(self._walk(*ends), MOST_STEPS + 1))
        if len(found) > MOST_STEPS:
            message = (
                f"from {shown(from_text)} to {shown(to_text)} are more than {MOST_STEPS:,} steps by {self.by}: shorten "
                "the span or take longer steps."
            )
            raise Refused([Fault("from", Code.OUT_OF_SCALE, message)])
        return found

    def _walk(self, from_minute: int, to_minute: int) -> Iterator[Step]:
        while from_minute < to_minute:
            step = self.at(from_minute)
            yield step
            from_minute = step.to_minute

    def _end(self, field: str, text: str) -> int:
        ms = parse_rfc3339(text, field)
        minute = ms // MS_PER_MINUTE
        if not self._local(EARLIEST_MS) <= minute <= self._local(LATEST_MS):
            message = f"{field} is {shown(text)}: send a local time from 2004-01-01 to 2100-01-01."
            raise Refused([Fault(field, Code.TIME_OUT_OF_RANGE, message)])
        step = self.at(minute)
        if ms != step.from_minute * MS_PER_MINUTE:
            message = (
                f"{field} is {shown(text)}, where no {self.by} begins in {self.zone}: the nearest are "
                f"{rfc3339_minute(step.from_minute)} and {rfc3339_minute(step.to_minute)}."
            )
            raise Refused([Fault(field, Code.OUT_OF_SCALE, message)])
        return minute

    def _local(self, ms: int) -> int:
        """The UTC minute at which the clocks of the zone show what UTC's show at `ms`."""
        return (ms - ZONES[self.zone] * MS_PER_HOUR) // MS_PER_MINUTE
