"""From a scorecard to the published figure: integers inside, rounded half-up once, at the end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor, lcm, sqrt
from types import MappingProxyType
from typing import Final, Literal

from ikm.exact import Exact, ExactElement, exact, exact_again, mean_of
from ikm.index import Index, Line
from ikm.mean import Means, means
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.statistics import sample_size, t_quantile, wilson

Tier = Literal["kosong", "tertutup", "sementara", "memenuhi_sampel", "terbit"]

TIER_NAMES: Final[Mapping[Tier, str]] = MappingProxyType(
    {
        "kosong": "Belum ada data",
        "tertutup": "Data belum cukup",
        "sementara": "Sementara",
        "terbit": "Terbit",
        "memenuhi_sampel": "Memenuhi sampel",
    }
)
"""As people read them."""
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
        sum: Of their scores, the best answer highest; where several items feed it, of the respondents' means. None for
            a mean of units.
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
    sum: float | None
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
    return _published(index, exact(index, card), headline(index, card).interval)


def mean_figure(index: Index, cards: Iterable[Scorecard]) -> Figure:
    """The simple mean of the exact figures of units, rounded once; it has no interval.

    Args:
        index: Which.
        cards: Of each unit, at least one; units without responses don't count.
    """
    return _published(index, mean_of(exact_again(index, card) for card in cards), None)


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


def _published(index: Index, found: Exact, interval: tuple[float, float] | None) -> Figure:
    hundredths = [_half_up(100 * value.numerator, value.denominator) for value in found.values]
    missing = tuple(e.code for e, one in zip(index.elements, found.elements, strict=True) if one is None)
    band = index.band(hundredths[0]) if hundredths else None
    several = index.converts and hundredths
    printings = found.reconciliation
    return Figure(
        n=found.n,
        value=hundredths[0] / 100 if hundredths else None,
        mutu=band.mutu if band else None,
        kinerja=band.kinerja if band else None,
        complete=not missing,
        missing=missing,
        interval=interval,
        elements=tuple(_element(index, one, at) for at, one in enumerate(found.elements)),
        reconciliation={printed: _rounded(value, 4) for printed, value in printings.items()} if printings else None,
        conversion=index.conversions[0].name if index.converts else None,
        conversions={c.name: v / 100 for c, v in zip(index.conversions, hundredths, strict=True)} if several else None,
        lines=tuple(_line(line, hundredths) for line in index.lines) or None,
    )


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
        lowest, highest = index.ends
        low, high = (index.factor * (lowest + (highest - lowest) * y) for y in wilson(_share(index, value), n))
    else:
        half = t_quantile(n - 1) * index.factor * sqrt(spread / (n * n * (n - 1))) / LAYOUTS[index.code].x_unit
        low, high = value - half, value + half
    return _clipped(index, low), _clipped(index, high)


def _share(index: Index, value: float) -> float:
    """Where a value lies between the lowest and the highest one, 0..1."""
    lowest, highest = index.ends
    return min(1.0, max(0.0, (value / index.factor - lowest) / (highest - lowest)))


def _clipped(index: Index, bound: float) -> float:
    lowest, highest = index.ends
    return floor(min(index.factor * highest, max(index.factor * lowest, bound)) * 100 + 0.5) / 100


def _element(index: Index, found: ExactElement | None, at: int) -> ElementFigure:
    element = index.elements[at]
    if found is None:
        return ElementFigure(element.code, element.u, element.name, 0, 0, None, None, None, None, None)
    hundredths = _half_up(100 * found.value.numerator, found.value.denominator)
    band = index.band(hundredths)
    return ElementFigure(
        code=element.code,
        u=element.u,
        name=element.name,
        n=found.n,
        sum=_sum(found.sum),
        nrr=_rounded(found.nrr, 4),
        nrr_weighted=_rounded(found.nrr * element.weight, 4),
        value=hundredths / 100,
        mutu=band.mutu if band else None,
        low_share=_rounded(found.low_share, 4),
    )


def _sum(exact: Fraction | None) -> float | None:
    """A sum of scores is an integer, one of means may not be."""
    if exact is None:
        return None
    return exact.numerator if exact.denominator == 1 else _rounded(exact, 4)
