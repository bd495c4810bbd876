"""A response's answers as pages keep them, a nibble per item, and what they add to the scorecards of the indices.

By tables for single bytes, made once per questionnaire: whole forms differ too much to be worth remembering.
"""

from collections.abc import Mapping
from functools import lru_cache
from operator import getitem
from typing import Final

from ikm.questionnaire import QUESTIONNAIRES, Item, Questionnaire
from ikm.scorecard import LAYOUTS, Layout

Cards = tuple[tuple[str, int], ...]
"""Packed scorecards by index; only of indices of which an item was answered."""

_MARK_BITS: Final = 16
"""Of each count and each sum that a response's x is worked out from: no form comes near."""


class _Marks:
    """What x of a response is worked out from, side by side above the histogram of an index while answers are summed.

    First the number and the sum of the elements that one item feeds, then of each item of the others how often it was
    answered (once, or not) and its score: x needs a mean inside those first.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._alone = {e.items[0].code: e for e in layout.index.elements if len(e.items) == 1}
        self._others = [item for e in layout.index.elements if len(e.items) > 1 for item in e.items]
        self.complete = lru_cache(maxsize=65_536)(self._complete)

    @property
    def bits(self) -> int:
        """Room for all of them."""
        return _MARK_BITS * (2 + len(self._others))

    def of(self, item: Item, score: int) -> int:
        """The marks of one answer."""
        if item.code in self._alone:
            return 1 | self._layout.points(item, score) << _MARK_BITS
        return score << _MARK_BITS * (2 + self._others.index(item))

    def _complete(self, marks: int) -> int:
        """What stands in their place in a packed scorecard: n, x, x² and parts of the respondent."""
        fields = [marks >> _MARK_BITS * at & 0xFFFF for at in range(2 + len(self._others))]
        several = {item.code: score for item, score in zip(self._others, fields[2:], strict=True) if score}
        card = self._layout.respondent(fields[0], fields[1], several)
        return self._layout.pack(card) - (marks << self._layout.bits)


class Tally:
    """The answers of one questionnaire: nibbles in the order of the form, 0 for a skipped item."""

    __slots__ = ("_cells", "_indices", "_place", "size")

    def __init__(self, form: Questionnaire) -> None:
        self.size = (len(form.items) + 1) // 2
        self._place = {item.code: 1 << 4 * (2 * self.size - 1 - at) for at, item in enumerate(form.items)}
        self._indices: list[tuple[str, Layout, _Marks, int, int]] = []
        start = 0
        for code, layout in LAYOUTS.items():
            if layout.cells.keys() & form.by_code.keys():
                marks = _Marks(layout)
                width = layout.bits + marks.bits
                self._indices.append((code, layout, marks, start, (1 << width) - 1))
                start += width
        by_nibble = [self._nibble_cells(item) for item in form.items] + [{0: 0}]
        self._cells = tuple(
            {high << 4 | low: more + less for high, more in first.items() for low, less in second.items()}
            for first, second in zip(by_nibble[: 2 * self.size : 2], by_nibble[1::2], strict=True)
        )

    def nibbles(self, answers: Mapping[str, int | None]) -> bytes:
        """The answers of a valid response."""
        place = self._place
        return sum([score * place[code] for code, score in answers.items() if score]).to_bytes(self.size, "big")

    def digits(self, answers: Mapping[str, int | None]) -> str:
        """The answers as text, a digit each in the order of the form, 0 for a skipped item; their number is even."""
        return self.nibbles(answers).hex()

    def cells(self, nibbles: bytes) -> int:
        """What some answers add to all indices, side by side; what their respondent comes to, `cards` adds.

        Raises:
            KeyError: if no valid response has these nibbles.
        """
        if len(nibbles) != self.size:
            raise KeyError(nibbles)
        return sum(map(getitem, self._cells, nibbles))

    def cards(self, cells: int) -> Cards:
        """The scorecards of one response from the sum of the cells of its answers."""
        if len(self._indices) == 1:
            code, layout, marks, _, _ = self._indices[0]
            return ((code, cells + marks.complete(cells >> layout.bits)),)
        found = []
        for code, layout, marks, start, mask in self._indices:
            own = cells >> start & mask
            if own:
                found.append((code, own + marks.complete(own >> layout.bits)))
        return tuple(found)

    def _nibble_cells(self, item: Item) -> dict[int, int]:
        """By score what one answer adds."""
        cells = {0: 0}
        for score in item.levels:
            cells[score] = 0
            for _, layout, marks, start, _ in self._indices:
                if item.code in layout.cells:
                    own = layout.pack(layout.cell(item, score)) + (marks.of(item, score) << layout.bits)
                    cells[score] += own << start
        return cells


TALLIES: Final[Mapping[str, Tally]] = {name: Tally(form) for name, form in QUESTIONNAIRES.items()}
"""By questionnaire."""

TALLIES_BY_NUMBER: Final[Mapping[int, Tally]] = {form.number: TALLIES[name] for name, form in QUESTIONNAIRES.items()}
"""By the questionnaire's number in pages."""
