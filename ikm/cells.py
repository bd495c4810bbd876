"""Cells: what an index comes to by service, by channel and by each question of the respondents' profile.

Each cell has a scorecard of its own. A response is in one cell of each kind; who did not say is in the cell `UNSAID`,
so the cells of a kind together are always all responses.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from ikm.meaning import CHANNELS
from ikm.profile import NAMES, PROFILE
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.tally import TALLIES

SERVICE: Final = "service"
CHANNEL: Final = "channel"
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {SERVICE: "Layanan", CHANNEL: "Kanal"} | {question: question.replace("_", " ").capitalize() for question in PROFILE}
)
"""By what cells are told apart, with the name of each kind."""

UNSAID: Final = ""
UNSAID_NAME: Final = "Tidak disebutkan"

Counted = tuple[str, str, str, int]
"""What was said of the kind, as it was sent; the questionnaire; the answers (`Tally.digits`); how many said just so."""


def scorecards(index: str, kind: str, counted: Iterable[Counted]) -> dict[str, Scorecard]:
    """The scorecard of each cell with a response in the index."""
    totals: dict[str, int] = {}
    for said, form, digits, count in counted:
        card = _packed(index, form, digits)
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
def _packed(index: str, form: str, digits: str) -> int:
    """The packed scorecard of one response; 0 if it answered nothing of the index."""
    tally = TALLIES[form]
    return dict(tally.cards(tally.cells(bytes.fromhex(digits)))).get(index, 0)
