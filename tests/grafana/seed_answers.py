"""Two years of answers about the seeded city, as they lie on the log: late, twice, revised, withdrawn, refused too."""

from collections.abc import Iterator, Sequence
from random import Random
from types import SimpleNamespace
from typing import Any, Final

from ikm import wire
from ikm.due import closes_at_ms
from ikm.events import Event, Response, Withdrawal
from ikm.meaning import CHANNELS
from ikm.partition import partition_of
from ikm.period import period_of
from ikm.profile import NAMES
from ikm.questionnaire import DEFAULT_FORM, QUESTIONNAIRES
from ikm.registry import Unit
from ikm.times import MS_PER_HOUR, MS_PER_MINUTE, ZONES, midnight_ms
from ikm.versions import Versions
from runtime.topics import RESPONSES
from tests.grafana.seed_city import ALONE, EMPTY, FALLING, SCARCE

DAY_MS: Final = 24 * MS_PER_HOUR
YEARS_MS: Final = 730 * DAY_MS
ANSWERS: Final = 4_000
COMPARED: Final = {FALLING: (3.8, 2.2), ALONE: (3.0, 3.0)}
"""How those answer that these two surely have, in the last closed period and in the running one."""
SURELY: Final = 40
"""So many in each."""
SOURCES: Final = ("loket", "antrean")

Record = Any
"""What the pipes read of a Kafka record."""


def log(units: Sequence[Unit], now_ms: int, answers: int = ANSWERS) -> dict[int, list[Record]]:
    """By partition its records, in the order of receipt; the same time gives the same ones."""
    people = _People(units, now_ms, answers)
    found: dict[int, list[Record]] = {partition: [] for partition in range(RESPONSES.partitions)}
    for received_ms, event in sorted(people.events(), key=lambda said: said[0]):
        key, value, headers = wire.encode(event, received_ms=received_ms)
        if people.dice.random() < 0.01:
            value = people.dice.choice((value[:-9], value.replace(b'"questionnaire":"', b'"questionnaire":"x')))
        partition = partition_of(event.unit, RESPONSES.partitions)
        found[partition].append(
            SimpleNamespace(
                topic=RESPONSES.name,
                partition=partition,
                offset=len(found[partition]),
                timestamp=received_ms,
                key=key,
                value=value,
                headers=headers,
            )
        )
    return found


class _People:
    def __init__(self, units: Sequence[Unit], now_ms: int, answers: int) -> None:
        self.dice, self._now, self._answers = Random(5), now_ms, answers
        by_code: dict[str, list[Unit]] = {}
        for unit in units:
            by_code.setdefault(unit.code, []).append(unit)
        self._units = {code: Versions(versions) for code, versions in by_code.items() if code != EMPTY}
        self._count = 0

    def events(self) -> Iterator[tuple[int, Event]]:
        often = [code for code in self._units if code not in SCARCE]
        for _ in range(self._answers):
            yield from self._history(self.dice.choice(often), self._some_time())
        for code, count in ((code, count) for code, count in SCARCE.items() if code in self._units):
            for _ in range(count):
                at_ms = self._some_time()
                yield self._received(at_ms), self._answer(code, at_ms, _mood(code), DEFAULT_FORM)
        for code, moods in COMPARED.items():
            if code in self._units:
                yield from self._compared(code, moods)

    def _some_time(self) -> int:
        """Most long ago, and some within each window."""
        back = self.dice.choices((YEARS_MS, 30 * DAY_MS, 7 * DAY_MS, DAY_MS, MS_PER_HOUR), (70, 12, 8, 7, 3))[0]
        return self._now - self.dice.randrange(back)

    def _compared(self, code: str, moods: Sequence[float]) -> Iterator[tuple[int, Event]]:
        unit = self._units[code].at(self._now)
        running = period_of(unit.period, self._now // MS_PER_MINUTE, unit.zone)
        closed = running
        while closes_at_ms(unit, closed) > self._now:
            closed = period_of(unit.period, closed.from_minute - 1, unit.zone)
        for period, mood in zip((closed, running), moods, strict=True):
            start, end = period.from_minute * MS_PER_MINUTE, min(period.to_minute * MS_PER_MINUTE, self._now)
            for _ in range(SURELY):
                at_ms = self.dice.randrange(start, end)
                yield min(at_ms + 2_000, self._now), self._answer(code, at_ms, mood, DEFAULT_FORM)

    def _history(self, code: str, at_ms: int) -> Iterator[tuple[int, Event]]:
        """A response and what becomes of it; nobody answers for a unit that is no more."""
        closed = self._units[code].closed(at_ms)
        if closed is not None and closed.valid_to is not None:
            at_ms = midnight_ms(closed.valid_to, closed.zone) - self.dice.randrange(DAY_MS, 200 * DAY_MS)
        at_ms = self._office_hours(code, at_ms)
        first, received = self._answer(code, at_ms, _mood(code)), self._received(at_ms)
        yield received, first
        fate, later = self.dice.random(), min(received + self.dice.randrange(1, 3 * DAY_MS), self._now)
        if fate < 0.03:
            yield later, first
        elif fate < 0.06:
            revised = self._answer(code, self._office_hours(code, at_ms - DAY_MS), _mood(code))
            yield later, revised.model_copy(update={"id": first.id, "source": first.source, "revision": 2})
        elif fate < 0.08:
            yield later, Withdrawal(unit=code, source=first.source, id=first.id)

    def _office_hours(self, code: str, at_ms: int) -> int:
        """Most answer between 8 and 15 by their own clock; those of the last day whenever they do."""
        zone_ms = ZONES[self._units[code].at(at_ms).zone] * MS_PER_HOUR
        if self.dice.random() < 0.1 or self._now - at_ms < DAY_MS:
            return at_ms
        midnight = (at_ms + zone_ms) // DAY_MS * DAY_MS - zone_ms
        return min(midnight + self.dice.randrange(8 * MS_PER_HOUR, 15 * MS_PER_HOUR), self._now)

    def _received(self, at_ms: int) -> int:
        """At once, or late, or so late (paper forms) that the period is closed."""
        fate, delay = self.dice.random(), self.dice.randrange(5_000)
        if fate < 0.05:
            delay = self.dice.randrange(MS_PER_HOUR, 3 * DAY_MS)
        elif fate < 0.08:
            delay = self.dice.randrange(10 * DAY_MS, 60 * DAY_MS)
        return min(at_ms + delay, self._now)

    def _answer(self, code: str, at_ms: int, mood: float, name: str = "") -> Response:
        dice, self._count = self.dice, self._count + 1
        form = QUESTIONNAIRES[name or dice.choices(("skm", "lengkap", "ipkp", "ipak"), (60, 25, 8, 7))[0]]
        answers: dict[str, int | None] = {}
        for number, item in enumerate(form.items):
            share = (mood - 1) / 3 + dice.gauss(0, 0.2) - 0.02 * (number % 5)
            score = round(item.scale_min + share * (item.scale_max - item.scale_min))
            is_skipped = number and dice.random() < 0.03
            answers[item.code] = None if is_skipped else min(item.scale_max, max(item.scale_min, score))
        told = {question: dice.choice(list(names)) for question, names in NAMES.items() if dice.random() < 0.6}
        return Response(
            id=f"r{self._count}",
            source=dice.choice(SOURCES),
            unit=code,
            service=dice.choice(("ktp", "kk", "umum", None)),
            questionnaire=form.name,
            channel=dice.choice((*CHANNELS, None)),
            submitted_at=at_ms,
            answers=answers,
            respondent=told or None,
            revision=1,
        )


def _mood(code: str) -> float:
    """1..4: every unit has its own, so that each letter occurs."""
    return 2.3 + 1.65 * (sum(code.encode()) % 17) / 16
