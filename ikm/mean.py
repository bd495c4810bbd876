"""What a scorecard says of each element, exactly: how many answered it, and the sum of their means."""

from dataclasses import dataclass
from functools import lru_cache
from math import lcm
from operator import mul

from ikm.index import INDICES, Element, Index
from ikm.scorecard import LAYOUTS, Scorecard


@dataclass(frozen=True, slots=True)
class Means:
    """The elements of a scorecard, in the order of the index.

    Attributes:
        counts: Responses that answered each.
        points: Sum of their means on the index's scale, times `unit`.
        unit: Scale of the points.
    """

    counts: list[int]
    points: list[int]
    unit: int


@dataclass(frozen=True, slots=True)
class Way:
    """How one element is read from a scorecard: the histogram of its one item by `factors`, or its parts by them."""

    cells: slice
    n: int | None
    factors: tuple[int, ...]


def means(index: Index, card: Scorecard, conversion: int = 0) -> Means:
    """The elements of a scorecard.

    Reversed items are turned first, then converted. Raw scales are kept apart in the scorecard, so that a mean inside
    an element is converted as a whole, by any of the index's conversions.

    Args:
        index: Whose weights may be others than those it was loaded with.
        card: Of that index.
        conversion: Which of the index's conversions.
    """
    found, unit = ways(index.code, conversion)
    counts, points = [], []
    for way in found:
        if way.n is None:
            cells = card.histogram[way.cells]
            counts.append(sum(cells))
            points.append(sum(map(mul, way.factors, cells)))
        else:
            counts.append(card.parts[way.n])
            points.append(sum(map(mul, way.factors, card.parts[way.cells])))
    return Means(counts, points, unit)


@lru_cache(maxsize=256)
def ways(code: str, conversion: int) -> tuple[tuple[Way, ...], int]:
    """How each element of an index is read, in their order, and the scale of the points that come of it."""
    index, layout = INDICES[code], LAYOUTS[code]
    lines = [index.conversions[conversion].of(item) for item in index.items]
    unit = layout.part_unit * lcm(*(value.denominator for line in lines for value in line))
    return tuple(_way(code, element, conversion, unit) for element in index.elements), unit


def _way(code: str, element: Element, conversion: int, unit: int) -> Way:
    layout, by = LAYOUTS[code], INDICES[code].conversions[conversion]
    if len(element.items) == 1:
        item = element.items[0]
        slope, intercept = by.of(item)
        factors = tuple(int((slope * item.good(score) + intercept) * unit) for score in item.levels)
        return Way(layout.cells[item.code], None, factors)
    start = layout.part_fields.index((element.code, None, "n"))
    by_scale = {(item.scale_min, item.scale_max): by.of(item) for item in element.items}
    lines = [by_scale[scale] for scale in sorted(by_scale)]
    share = unit // layout.part_unit
    factors = tuple(int(value * share) for slope, intercept in lines for value in (intercept, slope))
    return Way(slice(start + 1, start + 1 + len(factors)), start, factors)
