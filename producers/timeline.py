"""Where each simulated answer lies in time and what it is called: a pure function of its number."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from producers.rush import RushClock, hour_of_week


class Moment(NamedTuple):
    """UTC epoch milliseconds, and the hour of the week 0..167 whose traffic decides who answers."""

    ms: int
    hour: int


class Timeline(Protocol):
    """Numbers answers and places them in time; two runs that agree on a number agree on all of it."""

    def moment(self, number: int) -> Moment:
        """When answer `number` comes; never earlier than the one before it."""

    def key(self, number: int) -> str:
        """The name of answer `number`, the same in every run."""


class Batch:
    """`count` answers over a span, denser in rush hours; named by number alone.

    Its week begins with its start, whatever the calendar says: so another start moves the times and nothing else.
    """

    def __init__(self, clock: RushClock, start_ms: int, span_ms: int, count: int) -> None:
        self._clock = clock
        self._monday = clock.to_wall(0)
        self._shift = start_ms - self._monday
        self._step = clock.from_wall(self._monday + span_ms) / max(count, 1)

    def moment(self, number: int) -> Moment:
        """See `Timeline`."""
        ms = self._clock.to_wall(self._step * number)
        return Moment(ms + self._shift, hour_of_week(ms))

    def key(self, number: int) -> str:
        """See `Timeline`."""
        return f"batch-{number}"


@dataclass(frozen=True, slots=True)
class Past:
    """So many answers a week since ever, denser in rush hours: whoever asks for a stretch of it gets the same ones."""

    clock: RushClock
    per_week: int

    def moment(self, number: int) -> Moment:
        """See `Timeline`."""
        ms = self.clock.to_wall(number / self.per_week)
        return Moment(ms, hour_of_week(ms))

    def key(self, number: int) -> str:
        """See `Timeline`."""
        return f"past-{number}"

    def numbers(self, from_ms: int, to_ms: int) -> range:
        """The numbers of the answers that come in [from, to)."""
        return range(self._first(from_ms), self._first(to_ms))

    def _first(self, ms: int) -> int:
        number = int(self.clock.from_wall(ms) * self.per_week)
        while self.moment(number).ms < ms:
            number += 1
        return number


@dataclass(frozen=True, slots=True)
class Live:
    """An answer every 1/rate seconds since 1970, named by its moment."""

    rate: float

    def moment(self, number: int) -> Moment:
        """See `Timeline`."""
        ms = self._micros(number) // 1000
        return Moment(ms, hour_of_week(ms))

    def key(self, number: int) -> str:
        """See `Timeline`."""
        return f"live-{self._micros(number)}"

    def first(self, ms: int) -> int:
        """The first number that comes at or after a UTC epoch millisecond."""
        number = int(ms * self.rate / 1000)
        while self._micros(number) < ms * 1000:
            number += 1
        return number

    def _micros(self, number: int) -> int:
        return int(number * 1_000_000 / self.rate)
