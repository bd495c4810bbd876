"""From a scorecard to the published figure: integers inside, rounded half-up once, at the end."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor, lcm, sqrt
from typing import Final, Literal

from ikm.index import Element, Index, Line
from ikm.mean import Means, means
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.statistics import sample_size, t_quantile, wilson

Tier = Literal["kosong", "tertutup", "sementara", "memenuhi_sampel", "terbit"]

HIDDEN_BELOW: Final = 10
"""Fewer responses than this are not shown to the public."""
PROVISIONAL_BELOW: Final = 30
"""Fewer responses than this are called provisional."""


@dataclass(frozen=True, slots=True)
class Headline:
    """What an index says about a set of responses, in short.

    Attributes:
        n: Responses.
        value: The index, two decimals; None without responses.
        mutu: Letter of its band; None for an index without letters.
        kinerja: Name of its band.
        complete: Whether every element was answered by somebody.
        missing: Codes of the elements that nobody answered, in the order of the form.
        interval: 95 % interval of the index, two decimals, within what answers can reach.
    """

    n: int
    value: float | None
    mutu: str | None
    kinerja: str | None
    complete: bool
    missing: tuple[str, ...]
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class ElementFigure:
    """One element of a figure.

    Attributes:
        code: Of the element.
        u: Its number on the form.
        name: Official name.
        n: Responses that answered it.
        sum: Of their scores, the best answer highest; where several items feed it, of the respondents' means.
        nrr: Their mean (nilai rata-rata), four decimals; None when nobody answered.
        nrr_weighted: Mean times weight, four decimals.
        value: Mean on the scale of the index, two decimals.
        mutu: Letter of that value; None for an index without letters.
        low_share: Share of scores in the lower half of the scale, 0..1, four decimals.
    """

    code: str
    u: int
    name: str
    n: int
    sum: float
    nrr: float | None
    nrr_weighted: float | None
    value: float | None
    mutu: str | None
    low_share: float | None


@dataclass(frozen=True, slots=True)
class LineFigure:
    """A line and where the index stands to it.

    Attributes:
        code: Of the line.
        at: Where it lies.
        above: Whether the rounded value reaches it; None without responses.
        disputed: Whether another conversion falls on the other side; None without responses.
    """

    code: str
    at: float
    above: bool | None
    disputed: bool | None


@dataclass(frozen=True, slots=True)
class Figure(Headline):
    """A headline with its parts.

    Attributes:
        elements: In the order of the form.
        reconciliation: The index by weights as older reports printed them, four decimals; None unless complete, and for
            an index that was never printed so.
        conversion: Which way to the value was taken; None where there is only one.
        conversions: The value by each way, two decimals; None where there is only one, and without responses.
        lines: What the value is compared with; None for an index without lines.
    """

    elements: tuple[ElementFigure, ...]
    reconciliation: dict[str, float] | None
    conversion: str | None
    conversions: dict[str, float] | None
    lines: tuple[LineFigure, ...] | None


def headline(index: Index, card: Scorecard) -> Headline:
    """The short form, for whoever needs it often."""
    found = means(index, card)
    missing = tuple(e.code for e, n in zip(index.elements, found.counts, strict=True) if not n)
    if len(missing) == len(index.elements):
        return Headline(card.n, None, None, None, complete=False, missing=missing, interval=None)
    above, below = _exact_value(index, found)
    hundredths = _half_up(100 * above, below)
    band = index.band(hundredths)
    return Headline(
        n=card.n,
        value=hundredths / 100,
        mutu=band.mutu if band else None,
        kinerja=band.kinerja if band else None,
        complete=not missing,
        missing=missing,
        interval=_interval(index, card, above / below),
    )


def figure(index: Index, card: Scorecard) -> Figure:
    """The full form."""
    short, found = headline(index, card), means(index, card)
    hundredths = [
        _half_up(100 * above, below)
        for above, below in (
            _exact_value(index, means(index, card, at))
            for at in range(len(index.conversions))
            if short.value is not None
        )
    ]
    several = index.converts and short.value is not None
    return Figure(
        n=short.n,
        value=short.value,
        mutu=short.mutu,
        kinerja=short.kinerja,
        complete=short.complete,
        missing=short.missing,
        interval=short.interval,
        elements=tuple(_element(index, card, found, at) for at in range(len(index.elements))),
        reconciliation=_reconciliation(index, found) if short.complete and index.reconciliation else None,
        conversion=index.conversions[0].name if index.converts else None,
        conversions={c.name: v / 100 for c, v in zip(index.conversions, hundredths, strict=True)} if several else None,
        lines=tuple(_line(line, hundredths) for line in index.lines) or None,
    )


def tier(n: int, population: int | None) -> Tier:
    """How far a figure may be published: the first that holds.

    Args:
        n: Responses.
        population: People served, if it is known.
    """
    if n == 0:
        return "kosong"
    if n < HIDDEN_BELOW:
        return "tertutup"
    if population is not None and n >= sample_size(population):
        return "memenuhi_sampel"
    return "sementara" if n < PROVISIONAL_BELOW else "terbit"


def _line(line: Line, hundredths: list[int]) -> LineFigure:
    """Where the value by each conversion, rounded, lies: on the line is above it."""
    sides = [value >= line.at_hundredths for value in hundredths]
    known = bool(sides)
    return LineFigure(
        code=line.code,
        at=line.at_hundredths / 100,
        above=sides[0] if known else None,
        disputed=len(set(sides)) > 1 if known else None,
    )


def _exact_value(index: Index, found: Means) -> tuple[int, int]:
    """The index as a fraction (above, below): over the weights of the elements that have answers."""
    common = lcm(*(n for n in found.counts if n))
    above = weight_of_answered = 0
    for weight, n, points in zip(index.integer_weights, found.counts, found.points, strict=True):
        if n:
            above += weight * points * (common // n)
            weight_of_answered += weight
    return index.factor * above, common * weight_of_answered * found.unit


def _half_up(above: int, below: int) -> int:
    """The quotient of two positive integers, rounded half-up."""
    return (2 * above + below) // (2 * below)


def _rounded(exact: Fraction, decimals: int) -> float:
    unit: int = 10**decimals
    return _half_up(exact.numerator * unit, exact.denominator) / unit


def _interval(index: Index, card: Scorecard, value: float) -> tuple[float, float]:
    """The 95 % interval around the unrounded index.

    Student's t on the respondents' means; without spread, below ten responses, or where the sums of x do not fit the
    weights, the bounded-mean Wilson form.
    """
    n = card.n
    spread = n * card.sum_xx - card.sum_x * card.sum_x  # n(n-1)s², on the scale of x
    if n < HIDDEN_BELOW or spread <= 0 or not index.equal_weights:
        lowest, highest = (float(end) for end in index.reach)
        low, high = (index.factor * (lowest + (highest - lowest) * y) for y in wilson(_share(index, value), n))
    else:
        half = t_quantile(n - 1) * index.factor * sqrt(spread / (n * n * (n - 1))) / LAYOUTS[index.code].x_unit
        low, high = value - half, value + half
    return _clipped(index, low), _clipped(index, high)


def _share(index: Index, value: float) -> float:
    """Where a value lies between the lowest and the highest one, 0..1."""
    lowest, highest = (float(end) for end in index.reach)
    return min(1.0, max(0.0, (value / index.factor - lowest) / (highest - lowest)))


def _clipped(index: Index, bound: float) -> float:
    lowest, highest = (float(index.factor * end) for end in index.reach)
    return floor(min(highest, max(lowest, bound)) * 100 + 0.5) / 100


def _element(index: Index, card: Scorecard, found: Means, at: int) -> ElementFigure:
    element, n = index.elements[at], found.counts[at]
    if not n:
        return ElementFigure(element.code, element.u, element.name, 0, 0, None, None, None, None, None)
    total = _sum(index, card, found, at)
    hundredths = _half_up(100 * index.factor * found.points[at], n * found.unit)
    band = index.band(hundredths)
    return ElementFigure(
        code=element.code,
        u=element.u,
        name=element.name,
        n=n,
        sum=int(total) if total.denominator == 1 else _rounded(total, 4),
        nrr=_rounded(total / n, 4),
        nrr_weighted=_rounded(total / n * element.weight, 4),
        value=hundredths / 100,
        mutu=band.mutu if band else None,
        low_share=_low_share(index, card, element),
    )


def _sum(index: Index, card: Scorecard, found: Means, at: int) -> Fraction:
    """Sum of the scores of an element: as they were given where one item feeds it, on the index's scale otherwise."""
    element = index.elements[at]
    if len(element.items) > 1:
        return Fraction(found.points[at], found.unit)
    item = element.items[0]
    cells = card.histogram[LAYOUTS[index.code].cells[item.code]]
    return Fraction(sum(item.good(score) * count for score, count in zip(item.levels, cells, strict=True)))


def _low_share(index: Index, card: Scorecard, element: Element) -> float:
    low = answers = 0
    for item in element.items:
        cells = card.histogram[LAYOUTS[index.code].cells[item.code]]
        middle = item.scale_min + item.scale_max
        answers += sum(cells)
        low += sum(count for score, count in zip(item.levels, cells, strict=True) if 2 * item.good(score) < middle)
    return _rounded(Fraction(low, answers), 4)


def _reconciliation(index: Index, found: Means) -> dict[str, float]:
    """The sum of the elements' means by a weight as it was printed."""
    total = sum((Fraction(p, n * found.unit) for p, n in zip(found.points, found.counts, strict=True)), Fraction(0))
    return {printed: _rounded(index.factor * total * Fraction(printed), 4) for printed in index.reconciliation}
