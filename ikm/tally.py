"""A response's answers as pages keep them, a nibble per item, and what they add to a scorecard.

By tables for single bytes, made once per questionnaire: whole forms differ too much to be worth remembering.
"""

from collections.abc import Mapping
from operator import getitem
from typing import Final

from ikm.questionnaire import QUESTIONNAIRES, Questionnaire
from ikm.scorecard import CARD_BITS, ELEMENT_CODES, LCM, SCORES, Scorecard, pack

_SUM_SHIFT = 8
_ANSWERED = 1 << CARD_BITS


class Tally:
    """The answers of one questionnaire: nibbles in the order of the form, 0 for a skipped item."""

    __slots__ = ("_cells", "_place", "size")

    def __init__(self, form: Questionnaire) -> None:
        self.size = (len(form.items) + 1) // 2
        self._place = {item.code: 1 << 4 * (2 * self.size - 1 - at) for at, item in enumerate(form.items)}
        by_nibble = [_nibble_cells(item.element) for item in form.items] + [{0: 0}]
        self._cells = tuple(
            {high << 4 | low: more + less for high, more in first.items() for low, less in second.items()}
            for first, second in zip(by_nibble[: 2 * self.size : 2], by_nibble[1::2], strict=True)
        )

    def nibbles(self, answers: Mapping[str, int | None]) -> bytes:
        """The answers of a valid response."""
        place = self._place
        return sum([score * place[code] for code, score in answers.items() if score]).to_bytes(self.size, "big")

    def card(self, nibbles: bytes) -> int:
        """The packed scorecard of one response.

        Raises:
            KeyError: if no valid response has these nibbles.
        """
        return complete(self.cells(nibbles))

    def cells(self, nibbles: bytes) -> int:
        """The packed scorecard of some answers, still without n, x and x²: those of all together `complete` adds.

        Raises:
            KeyError: if no valid response has these nibbles.
        """
        if len(nibbles) != self.size:
            raise KeyError(nibbles)
        return sum(map(getitem, self._cells, nibbles))


def complete(cells: int) -> int:
    """The packed scorecard of one response from the sum of its cells.

    Raises:
        KeyError: if nothing was answered.
    """
    return cells + _MEANS[cells >> CARD_BITS]


def _nibble_cells(element: str) -> dict[int, int]:
    """By score what one answer adds: a cell and, above the scorecard, number and sum of the answers."""
    at = len(SCORES) * ELEMENT_CODES.index(element)
    cells = {0: 0}
    for score in SCORES:
        histogram = [0] * len(Scorecard.EMPTY.histogram)
        histogram[at + score - 1] = 1
        cells[score] = pack(Scorecard(0, 0, 0, tuple(histogram))) + _ANSWERED + (_ANSWERED * score << _SUM_SHIFT)
    return cells


def _means() -> dict[int, int]:
    """By number and sum of the answers: n, x and x² of a respondent, in place of that number and sum."""
    means = {}
    for answered in range(1, len(ELEMENT_CODES) + 1):
        for total in range(answered, answered * max(SCORES) + 1):
            x = LCM * total // answered
            above = answered | total << _SUM_SHIFT
            means[above] = pack(Scorecard(1, x, x * x, Scorecard.EMPTY.histogram)) - (above << CARD_BITS)
    return means


_MEANS: Final = _means()

TALLIES: Final[Mapping[str, Tally]] = {form.id: Tally(form) for form in QUESTIONNAIRES.values()}
"""By questionnaire."""

TALLIES_BY_NUMBER: Final[Mapping[int, Tally]] = {form.number: TALLIES[form.id] for form in QUESTIONNAIRES.values()}
"""By the questionnaire's number in pages."""
