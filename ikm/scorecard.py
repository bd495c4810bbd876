"""The scorecard: the one aggregate that everything published is made of, exact and mergeable.

Inside the fold a scorecard is one big integer, fields side by side, so that `add`, `remove` and `merge` are one
integer addition or subtraction each. `unpack` gives the readable form.

Field layout, little-endian: 36 counts of 32 bits (element in form order, then score 1..4), n (32), sum_x (64),
sum_xx (64). A field can't run over into its neighbour below 2**32 responses per scorecard.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from ikm.index import IKM

ELEMENT_CODES: tuple[str, ...] = tuple(element.code for element in IKM.elements)
SCORES = (1, 2, 3, 4)
LCM = math.lcm(*range(1, len(ELEMENT_CODES) + 1))
"""Scale of x, a respondent's mean over the elements answered: an integer whatever their number (2520 for nine)."""

_CELLS = len(ELEMENT_CODES) * len(SCORES)
_FIELDS = struct.Struct(f"<{_CELLS}IIQQ")
_N_SHIFT = 32 * _CELLS
_SUM_X_SHIFT = _N_SHIFT + 32
_SUM_XX_SHIFT = _SUM_X_SHIFT + 64
CARD_BITS = _SUM_XX_SHIFT + 64
"""Bits that a packed scorecard may occupy; a bucket keeps more fields above them."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Counts and sums of a set of responses, all integers.

    Attributes:
        n: responses.
        sum_x: sum of x, the respondents' means times 2520.
        sum_xx: sum of x squared.
        histogram: 36 counts: for each element in form order, of the scores 1, 2, 3, 4.
    """

    n: int
    sum_x: int
    sum_xx: int
    histogram: tuple[int, ...]

    EMPTY: ClassVar["Scorecard"]

    @classmethod
    def of(cls, scores: Sequence[int]) -> Self:
        """The scorecard of one response: nine scores in form order, 0 for an element not answered."""
        answered = [score for score in scores if score]
        x = LCM * sum(answered) // len(answered)
        histogram = tuple(int(score == level) for score in scores for level in SCORES)
        return cls(1, x, x * x, histogram)

    def add(self, other: "Scorecard") -> "Scorecard":
        """Self and other together; `merge` of two sets, or one response more."""
        return unpack(pack(self) + pack(other))

    merge = add

    def remove(self, other: "Scorecard") -> "Scorecard":
        """Self without other, which must be part of it.

        Raises:
            ValueError: if other is not part of self.
        """
        try:
            return unpack(pack(self) - pack(other))
        except (OverflowError, struct.error) as error:
            raise ValueError(f"{other} is not part of {self}") from error

    def to_json(self) -> dict[str, Any]:
        """The form that travels: `{"n","sum_x","sum_xx","items":{element:[of 1, of 2, of 3, of 4]}}`."""
        items = {code: list(self.histogram[4 * i : 4 * i + 4]) for i, code in enumerate(ELEMENT_CODES)}
        return {"n": self.n, "sum_x": self.sum_x, "sum_xx": self.sum_xx, "items": items}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        histogram = tuple(count for code in ELEMENT_CODES for count in value["items"][code])
        return cls(value["n"], value["sum_x"], value["sum_xx"], histogram)


Scorecard.EMPTY = Scorecard(0, 0, 0, (0,) * _CELLS)


def pack(card: Scorecard) -> int:
    """The big integer that stands for a scorecard."""
    return int.from_bytes(_FIELDS.pack(*card.histogram, card.n, card.sum_x, card.sum_xx), "little")


def unpack(packed: int) -> Scorecard:
    """The scorecard that a big integer stands for.

    Raises:
        OverflowError: if it is negative or wider than a scorecard.
    """
    *histogram, n, sum_x, sum_xx = _FIELDS.unpack(packed.to_bytes(_FIELDS.size, "little"))
    return Scorecard(n, sum_x, sum_xx, tuple(histogram))


_JSON = '{"n":%d,"sum_x":%d,"sum_xx":%d,"items":{' + ",".join(f'"{c}":[%d,%d,%d,%d]' for c in ELEMENT_CODES) + "}}"


def packed_json(packed: int) -> str:
    """`json.dumps(unpack(packed).to_json())` without spaces, several times faster."""
    *histogram, n, sum_x, sum_xx = _FIELDS.unpack(packed.to_bytes(_FIELDS.size, "little"))
    return _JSON % (n, sum_x, sum_xx, *histogram)
