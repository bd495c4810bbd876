"""One simulated respondent after another: which unit, which scores, when; decided by seed and name alone."""

from bisect import bisect_right
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import NamedTuple

from ikm.questionnaire import QUESTIONNAIRES
from producers.city import CityUnit
from producers.opinion import MOODS, score_table
from producers.rush import WEEK_HOURS, busy
from producers.timeline import Moment

ITEMS = QUESTIONNAIRES["skm"].items
CHANNELS = (
    "qr",
    "qr",
    "qr",
    "qr",
    "qr",
    "link",
    "link",
    "link",
    "kiosk",
    "kiosk",
    "kiosk",
    "wa",
    "wa",
    "wa",
    "paper_entry",
    "interview",
)
PROFILES = tuple(
    {"jenis_kelamin": gender, "usia": age}
    for gender in ("L", "P")
    for age in ("<20", "20-29", "20-29", "30-39", "30-39", "40-49", "40-49", ">=50")
)
WITHDRAWN = 0
"""The revision of a draft that is a withdrawal."""
_LATE = 0.05
_LATEST_MS = 3 * 24 * 3_600_000
"""Kiosks without a network flush up to three days later."""
_FILLING_IN_MS = 30_000
_SKIPS_FEE = {"rsud": 102, "puskesmas": 26}
"""Of 256 respondents so many skip the fee: the insured are told to."""
_SKIPS_ONE = 8
_TELLS = 160
"""Of 256 respondents so many say who they are."""


class Draft(NamedTuple):
    """A response before it is put into a form.

    Attributes:
        unit: its place in the city's list.
        id: of the response.
        revision: 1 or more, or `WITHDRAWN`.
        submitted_ms: UTC epoch milliseconds.
        scores: one byte per item in the order of the form, 0 for a skipped one.
        service: code, or an empty string.
        channel: code.
        profile: place in `PROFILES`, or -1 when nothing was told.
    """

    unit: int
    id: str
    revision: int
    submitted_ms: int
    scores: bytes
    service: str
    channel: str
    profile: int


class Respondents:
    """The people of a city: the same seed and name give the same answer, in any order and any process."""

    def __init__(self, seed: int, units: Sequence[CityUnit]) -> None:
        self._prefix = f"{seed}:".encode()
        self._id_prefix = f"{seed}-"
        self._units = tuple(units)
        self._services = tuple(tuple(service.code for service in place.unit.services or ()) for place in self._units)
        self._skips = tuple(_SKIPS_FEE.get(place.kind, 0) for place in self._units)
        self._tables = tuple(_tables(seed, place) for place in self._units)
        self._traffic = tuple(_traffic(self._units, hour) for hour in range(WEEK_HOURS))
        self._fee = next((place for place, item in enumerate(ITEMS) if item.code == "biaya"), 0)

    def dice(self, name: str) -> bytes:
        """48 random bytes that belong to a name."""
        return blake2b(self._prefix + name.encode(), digest_size=48).digest()

    def answer(self, name: str, moment: Moment, dice: bytes) -> Draft:
        """The response of a name that comes at a moment."""
        traffic = self._traffic[moment.hour]
        unit = bisect_right(traffic, int.from_bytes(dice[16:20], "big") % traffic[-1])
        services = self._services[unit]
        return Draft(
            unit,
            self._id_prefix + name,
            1,
            moment.ms - _delay(dice),
            self.scores(unit, dice),
            services[dice[24] % len(services)] if services else "",
            CHANNELS[dice[25] & 15],
            dice[36] & 15 if dice[37] < _TELLS else -1,
        )

    def scores(self, unit: int, dice: bytes) -> bytes:
        """A respondent's scores about a unit; the same dice are the same mood."""
        tables = self._tables[unit][dice[26] % len(MOODS)]
        scores = bytes([table[die] for table, die in zip(tables, dice, strict=False)])
        if dice[27] < self._skips[unit]:
            scores = _without(scores, self._fee)
        if dice[28] < _SKIPS_ONE:
            scores = _without(scores, dice[29] % len(ITEMS))
        return scores


def _without(scores: bytes, place: int) -> bytes:
    return scores[:place] + b"\0" + scores[place + 1 :]


def _delay(dice: bytes) -> int:
    """Milliseconds from the answer to its arrival: seconds for most, up to three days for the late ones."""
    fraction = int.from_bytes(dice[20:24], "big") / 2**32
    if fraction >= _LATE:
        return int((fraction - _LATE) * _FILLING_IN_MS)
    return int((fraction / _LATE) ** 2 * _LATEST_MS)


def _tables(seed: int, place: CityUnit) -> tuple[tuple[bytes, ...], ...]:
    """By mood and item: see `score_table`."""
    return tuple(
        tuple(score_table(seed, place.unit.code, place.kind, mood, item.code) for item in ITEMS) for mood in MOODS
    )


def _traffic(units: Sequence[CityUnit], hour: int) -> list[int]:
    """Running sums of the units' traffic in one hour of the week, in thousandths."""
    return list(accumulate(round(1000 * place.traffic * busy(place.kind)[hour]) for place in units))
