"""The scorecard: the one aggregate that everything published is made of, exact and mergeable.

Inside the fold a scorecard is one big integer, fields side by side, so that `add`, `remove` and `merge` are one
integer addition or subtraction each. `Layout.unpack` gives the readable form.
"""

import math
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from operator import add, sub
from types import MappingProxyType
from typing import Any, Final, Self

from ikm.index import INDICES, Element, Index
from ikm.questionnaire import Item

_MOST_RESPONSES_BITS: Final = 26
"""A scorecard of fewer than 2**26 responses overflows nowhere; its smallest field would hold 2**32."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Counts and sums of a set of responses in one index, all integers.

    Attributes:
        n: responses that answered at least one item of the index.
        sum_x: sum of x, the respondents' means on the index's scale, times the layout's `x_unit`.
        sum_xx: sum of x squared.
        histogram: for each item of the index, how often each of its scores was given.
        parts: for each element with several items, see `Layout.part_fields`.
    """

    n: int
    sum_x: int
    sum_xx: int
    histogram: tuple[int, ...]
    parts: tuple[int, ...] = ()

    def add(self, other: Self) -> Self:
        """Self and other together; `merge` of two sets, or one response more."""
        return self._combined(add, other)

    merge = add

    def remove(self, other: Self) -> Self:
        """Self without other, which must be part of it.

        Raises:
            ValueError: if other is not part of self.
        """
        left = self._combined(sub, other)
        if min(left.n, left.sum_x, left.sum_xx, *left.histogram, *left.parts) < 0:
            raise ValueError(f"{other} is not part of {self}")
        return left

    def _combined(self, how: Any, other: Self) -> Self:
        return type(self)(
            how(self.n, other.n),
            how(self.sum_x, other.sum_x),
            how(self.sum_xx, other.sum_xx),
            tuple(map(how, self.histogram, other.histogram)),
            tuple(map(how, self.parts, other.parts)),
        )


class Layout:
    """How the scorecards of one index are laid out.

    Packed, little-endian: histogram (32 bits each), n (32), sum_x, sum_xx and parts (64 each).

    Attributes:
        x_unit: scale of x: an integer whatever the number of elements and items answered (2520 for the IKM).
        part_unit: scale of the parts.
        part_fields: of each element with several items: the number of responses that answered it, and per raw scale
            the share of that scale in them and the sum of their means on it, times `part_unit`.
        bits: that a packed scorecard may occupy; a bucket keeps more fields above them.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        several = [element for element in index.elements if len(element.items) > 1]
        self._several = {item.code for element in several for item in element.items}
        self.part_unit = math.lcm(*range(1, 1 + max(len(element.items) for element in index.elements)))
        lines = [index.conversions[0].of(item) for item in index.items]
        self._denominator = math.lcm(*(value.denominator for line in lines for value in line))
        self.x_unit = math.lcm(*range(1, len(index.elements) + 1)) * self.part_unit * self._denominator
        if (self.x_unit * index.reach[1]) ** 2 >= 2 ** (64 - _MOST_RESPONSES_BITS):
            raise ValueError(f"index {index.code}: x² of a respondent, in units of 1/{self.x_unit}, overflows 64 bits")
        starts = [0]
        for item in index.items:
            starts.append(starts[-1] + len(item.levels))
        self.cells: Mapping[str, slice] = MappingProxyType(
            {item.code: slice(*ends) for item, ends in zip(index.items, pairwise(starts), strict=True)}
        )
        self.part_fields: tuple[tuple[str, tuple[int, int] | None, str], ...] = tuple(
            field for element in several for field in _part_fields(element)
        )
        self._fields = struct.Struct(f"<{starts[-1]}IIQQ{len(self.part_fields)}Q")
        self._n_at = 32 * starts[-1]
        self.bits = 8 * self._fields.size
        self.mask = (1 << self.bits) - 1
        self.empty = Scorecard(0, 0, 0, (0,) * starts[-1], (0,) * len(self.part_fields))
        self._json = self._template()

    def of(self, scores: Mapping[str, int]) -> Scorecard | None:
        """The scorecard of one response, or None if it answered nothing of this index.

        Args:
            scores: by item; items of other indices are passed over.
        """
        given = [(item, scores[item.code]) for item in self.index.items if scores.get(item.code)]
        if not given:
            return None
        alone = [self.points(item, score) for item, score in given if item.code not in self._several]
        card = self.respondent(
            len(alone), sum(alone), {item.code: score for item, score in given if item.code in self._several}
        )
        for item, score in given:
            card = card.add(self.cell(item, score))
        return card

    def total(self, cards: Iterable[Scorecard]) -> Scorecard:
        """Several sets of responses together."""
        return reduce(Scorecard.add, (card for card in cards if card.n), self.empty)

    def cell(self, item: Item, score: int) -> Scorecard:
        """What one answer adds to the histogram, and nothing else."""
        histogram = list(self.empty.histogram)
        histogram[self.cells[item.code].start + score - item.scale_min] = 1
        return replace(self.empty, histogram=tuple(histogram))

    def points(self, item: Item, score: int) -> int:
        """A score on the index's scale, by the first conversion, times the common denominator."""
        slope, intercept = self.index.conversions[0].of(item)
        return int((slope * item.good(score) + intercept) * self._denominator)

    def respondent(self, elements: int, points: int, several: Mapping[str, int]) -> Scorecard:
        """What one respondent comes to, beside the histogram.

        Args:
            elements: number of elements answered that one item feeds.
            points: sum of their points.
            several: scores by item of the elements that several items feed: the mean inside the element comes first.
        """
        parts, total = dict.fromkeys(self.part_fields, 0), points * self.part_unit
        for element in self.index.elements:
            given = [(item, several[item.code]) for item in element.items if item.code in several]
            if not given:
                continue
            elements += 1
            share = self.part_unit // len(given)
            parts[element.code, None, "n"] += 1
            for item, score in given:
                total += share * self.points(item, score)
                parts[element.code, _scale(item), "share"] += share
                parts[element.code, _scale(item), "sum"] += share * item.good(score)
        x = total * (self.x_unit // (self.part_unit * self._denominator)) // elements
        return replace(self.empty, n=1, sum_x=x, sum_xx=x * x, parts=tuple(parts.values()))

    def pack(self, card: Scorecard) -> int:
        """The big integer that stands for a scorecard."""
        fields = self._fields.pack(*card.histogram, card.n, card.sum_x, card.sum_xx, *card.parts)
        return int.from_bytes(fields, "little")

    def unpack(self, packed: int) -> Scorecard:
        """The scorecard that a big integer stands for.

        Raises:
            OverflowError: if it is negative or wider than a scorecard.
        """
        values = self._fields.unpack(packed.to_bytes(self._fields.size, "little"))
        cells = len(self.empty.histogram)
        n, sum_x, sum_xx, *parts = values[cells:]
        return Scorecard(n, sum_x, sum_xx, values[:cells], tuple(parts))

    def n(self, packed: int) -> int:
        """`unpack(packed).n`, without the rest."""
        return packed >> self._n_at & 0xFFFF_FFFF

    def json(self, packed: int) -> str:
        """`json.dumps(to_json(unpack(packed)))` without spaces, several times faster."""
        return self._json % self._fields.unpack(packed.to_bytes(self._fields.size, "little"))

    def to_json(self, card: Scorecard) -> dict[str, Any]:
        """The form that travels: `{"items":{item:[of its lowest score, …]},"n","sum_x","sum_xx","parts":[…]}`.

        `parts` is left out when no element has several items.
        """
        items = {code: list(card.histogram[cells]) for code, cells in self.cells.items()}
        parts = {"parts": list(card.parts)} if card.parts else {}
        return {"items": items, "n": card.n, "sum_x": card.sum_x, "sum_xx": card.sum_xx, **parts}

    def from_json(self, value: Mapping[str, Any]) -> Scorecard:
        """The inverse of `to_json`.

        Raises:
            KeyError: an item is missing.
        """
        histogram = tuple(count for code in self.cells for count in value["items"][code])
        return Scorecard(value["n"], value["sum_x"], value["sum_xx"], histogram, tuple(value.get("parts", ())))

    def _template(self) -> str:
        items = ",".join(f'"{item.code}":[{_numbers(len(item.levels))}]' for item in self.index.items)
        parts = f',"parts":[{_numbers(len(self.part_fields))}]' if self.part_fields else ""
        return f'{{"items":{{{items}}},"n":%d,"sum_x":%d,"sum_xx":%d{parts}}}'


def _part_fields(element: Element) -> list[tuple[str, tuple[int, int] | None, str]]:
    scales = sorted({_scale(item) for item in element.items})
    return [(element.code, None, "n")] + [(element.code, scale, what) for scale in scales for what in ("share", "sum")]


def _scale(item: Item) -> tuple[int, int]:
    return item.scale_min, item.scale_max


def _numbers(count: int) -> str:
    return ",".join(["%d"] * count)


LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType({code: Layout(index) for code, index in INDICES.items()})
"""By index."""
