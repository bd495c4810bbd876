"""Cells: what an index comes to by service, by channel and by each question of the respondents' profile.

Each cell has a scorecard of its own. A response is in one cell of each kind; who did not say is in the cell `UNSAID`,
so the cells of a kind together are always all responses.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from ikm.meaning import CHANNELS
from ikm.profile import NAMES, PROFILE
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.tally import TALLIES
from ikm.times import MS_PER_HOUR

SERVICE: Final = "service"
CHANNEL: Final = "channel"
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {SERVICE: "Layanan", CHANNEL: "Kanal"} | {question: question.replace("_", " ").capitalize() for question in PROFILE}
)
"""By what cells are told apart, with the name of each kind."""

HOUR: Final = "hour"
"""By the hour of the day, UTC, two digits: told apart like a kind, and shown by local hour and day of the week."""

UNSAID: Final = ""
UNSAID_NAME: Final = "Tidak disebutkan"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a response counts by, and what it says.

    Attributes:
        submitted_ms: UTC epoch milliseconds.
        service: code, or "".
        channel: one of `CHANNELS`, or "".
        profile: what was said to each question of `PROFILE`, in their order; "" for nothing.
        questionnaire: its name.
        digits: the answers (`Tally.digits`).
    """

    submitted_ms: int
    service: str
    channel: str
    profile: tuple[str, ...]
    questionnaire: str
    digits: str

    @property
    def hour(self) -> int:
        """UTC epoch hours."""
        return self.submitted_ms // MS_PER_HOUR

    @property
    def cells(self) -> Iterator[tuple[str, str]]:
        """(kind, cell) of every kind, and of the hour."""
        yield SERVICE, self.service
        yield CHANNEL, self.channel
        for (question, known), said in zip(PROFILE.items(), self.profile, strict=True):
            yield question, known.get(said, UNSAID)
        yield HOUR, f"{self.hour % 24:02}"

    @property
    def cards(self) -> Mapping[str, int]:
        """The packed scorecard of each index of which an item was answered."""
        return _packed(self.questionnaire, self.digits)


Counted = tuple[str, str, str, int]
"""What was said of the kind, as it was sent; the questionnaire; the answers (`Tally.digits`); how many said just so."""


def scorecards(index: str, kind: str, counted: Iterable[Counted]) -> dict[str, Scorecard]:
    """The scorecard of each cell with a response in the index."""
    totals: dict[str, int] = {}
    for said, form, digits, count in counted:
        card = _packed(form, digits).get(index)
        if card:
            cell = PROFILE[kind].get(said, UNSAID) if kind in PROFILE else said
            totals[cell] = totals.get(cell, 0) + count * card
    layout = LAYOUTS[index]
    return {cell: layout.unpack(total) for cell, total in totals.items()}


def named(kind: str, cells: Collection[str], services: Mapping[str, str]) -> dict[str, str]:
    """Every cell of a kind with its name, in the order in which it is shown.

    Args:
        kind: which.
        cells: those with a response; others are in the list too if the form, or the register, has them.
        services: code -> name of the services that the register has, in its order.
    """
    known = services if kind == SERVICE else CHANNELS if kind == CHANNEL else NAMES[kind]
    others = {cell: cell for cell in sorted(set(cells) - set(known) - {UNSAID})}
    return {**known, **others, UNSAID: UNSAID_NAME}


@lru_cache(maxsize=65_536)
def _packed(form: str, digits: str) -> Mapping[str, int]:
    """The packed scorecards of one response, by index."""
    tally = TALLIES[form]
    return dict(tally.cards(tally.cells(bytes.fromhex(digits))))
