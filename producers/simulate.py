"""The simulated city's events: new answers, duplicates, late ones, revisions and withdrawals, some before the answer.

Everything about event number n follows from the seed and n, so a repeat changes nothing and a restart goes on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ikm.events import Event
from producers.city import CityUnit, city
from producers.draft_form import DraftForm, Encoded
from producers.respondents import WITHDRAWN, Draft, Respondents
from producers.rush import HOUR_MS, RushClock
from producers.timeline import Batch, Moment, Timeline

MONTH_MS = 30 * 24 * HOUR_MS
_REACH = 16
"""A correction looks so many numbers further for an answer to correct."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of all events, 0..1; the rest are new answers. `early` is the share of corrections that come first."""

    duplicates: float = 0.10
    revisions: float = 0.05
    withdrawals: float = 0.02
    early: float = 0.25


class Emission(NamedTuple):
    """An event and when it reaches the edge (UTC epoch milliseconds)."""

    received_ms: int
    event: Event


def rush_clock(units: Sequence[CityUnit]) -> RushClock:
    """The clock of a city's rush hours."""
    traffic: dict[str, float] = {}
    for place in units:
        traffic[place.kind] = traffic.get(place.kind, 0.0) + place.traffic
    return RushClock(traffic)


def events(
    seed: int,
    start_ms: int,
    count: int,
    *,
    span_ms: int = MONTH_MS,
    mix: Mix | None = None,
    units: Sequence[CityUnit] | None = None,
) -> Iterator[Emission]:
    """`count` events over a span, in the order of receipt; the same arguments give the same events.

    Args:
        seed: chooses the people and their opinions.
        start_ms: the first receipt, UTC epoch milliseconds; another one moves the times and changes nothing else.
        count: how many events.
        span_ms: over how long they are spread.
        mix: shares of duplicates, revisions and withdrawals.
        units: the city; default the 156 units.
    """
    return _batch(seed, start_ms, count, span_ms=span_ms, mix=mix, units=units).emissions(range(count))


def encoded(
    seed: int,
    start_ms: int,
    count: int,
    *,
    span_ms: int = MONTH_MS,
    mix: Mix | None = None,
    units: Sequence[CityUnit] | None = None,
) -> Iterator[Encoded]:
    """The events of `events` as records for `responses.v1`, about twice as fast: for loads of millions."""
    return _batch(seed, start_ms, count, span_ms=span_ms, mix=mix, units=units).encoded(range(count))


def _batch(
    seed: int, start_ms: int, count: int, *, span_ms: int, mix: Mix | None, units: Sequence[CityUnit] | None
) -> "Simulation":
    units = city() if units is None else units
    return Simulation(seed, Batch(rush_clock(units), start_ms, span_ms, count), units, mix)


class Simulation:
    """The events of one timeline: what happens at a number depends on seed and number alone."""

    def __init__(self, seed: int, timeline: Timeline, units: Sequence[CityUnit], mix: Mix | None = None) -> None:
        mix = mix or Mix()
        self._people = Respondents(seed, units)
        self._form = DraftForm([place.unit.code for place in units])
        self._timeline = timeline
        self._early = round(mix.early * 256)
        shares = (mix.duplicates, mix.revisions, mix.withdrawals)
        self._duplicated, self._revised, self._withdrawn = (round(sum(shares[:upto]) * 65_536) for upto in (1, 2, 3))

    def emissions(self, numbers: Iterable[int]) -> Iterator[Emission]:
        """The events of some numbers, in their order."""
        for number in numbers:
            moment = self._timeline.moment(number)
            yield Emission(moment.ms, self._form.event(self._draft(number, moment)))

    def encoded(self, numbers: Iterable[int]) -> Iterator[Encoded]:
        """The same as records."""
        for number in numbers:
            moment = self._timeline.moment(number)
            yield self._form.encoded(self._draft(number, moment), moment.ms)

    def _draft(self, number: int, moment: Moment) -> Draft:
        name = self._timeline.key(number)
        dice = self._people.dice(name)
        role = _role(dice)
        if role < self._withdrawn:
            first = self._answer_near(number, dice, ahead=role >= self._duplicated and dice[32] < self._early)
            if first is not None:
                return self._again(first, role, moment, dice)
        return self._people.answer(name, moment, dice)

    def _answer_near(self, number: int, dice: bytes, *, ahead: bool) -> Draft | None:
        """A new answer a little before a number, or after it: what is to be repeated, corrected or withdrawn."""
        step = 1 if ahead else -1
        near = number + step * (1 + dice[33])
        for other in range(near, near + step * _REACH, step):
            name = self._timeline.key(other)
            others = self._people.dice(name)
            if other >= 0 and _role(others) >= self._withdrawn:
                return self._people.answer(name, self._timeline.moment(other), others)
        return None

    def _again(self, first: Draft, role: int, moment: Moment, dice: bytes) -> Draft:
        if role < self._duplicated:
            return first
        if role >= self._revised:
            return first._replace(revision=WITHDRAWN)
        moved = HOUR_MS * (1 + dice[35] % 5) if dice[34] & 1 else 0
        return first._replace(
            revision=2 + (dice[35] & 1),
            submitted_ms=min(first.submitted_ms, moment.ms) - moved,
            scores=self._people.scores(first.unit, dice),
        )


def _role(dice: bytes) -> int:
    """0..65535; what it stands for is in the limits of the mix."""
    return dice[30] << 8 | dice[31]
