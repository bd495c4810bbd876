"""From a scorecard to the published figure: integers inside, rounded half-up once, at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, lcm, sqrt
from typing import Final, Literal

from ikm.index import Element, Index
from ikm.scorecard import LCM, SCORES, Scorecard
from ikm.statistics import sample_size, t_quantile, wilson

Tier = Literal["kosong", "tertutup", "sementara", "memenuhi_sampel", "terbit"]

HIDDEN_BELOW: Final = 10
"""Fewer responses than this are not shown to the public."""
PROVISIONAL_BELOW: Final = 30
"""Fewer responses than this are called provisional."""

_LOW_SCORES: Final = len(SCORES) // 2
_LOWEST, _HIGHEST = SCORES[0], SCORES[-1]


@dataclass(frozen=True, slots=True)
class Headline:
    """What an index says about a set of responses, in short.

    Attributes:
        n: Responses.
        value: The index, 25.00..100.00; None without responses.
        mutu: Letter of its band.
        kinerja: Name of its band.
        complete: Whether every element was answered by somebody.
        missing: Codes of the elements that nobody answered, in the order of the form.
        interval: 95 % interval of the index, two decimals, within 25..100.
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
        sum: Of their scores.
        nrr: Their mean (nilai rata-rata), four decimals; None when nobody answered.
        nrr_weighted: Mean times weight, four decimals.
        value: Mean on the scale of the index, two decimals.
        mutu: Letter of that value.
        low_share: Share of scores in the lower half of the scale, 0..1, four decimals.
    """

    code: str
    u: int
    name: str
    n: int
    sum: int
    nrr: float | None
    nrr_weighted: float | None
    value: float | None
    mutu: str | None
    low_share: float | None


@dataclass(frozen=True, slots=True)
class Figure(Headline):
    """A headline with its parts.

    Attributes:
        elements: In the order of the form.
        reconciliation: The index by weights as older reports printed them, four decimals; None unless complete.
    """

    elements: tuple[ElementFigure, ...]
    reconciliation: dict[str, float] | None


def headline(index: Index, card: Scorecard) -> Headline:
    """The short form, for whoever needs it often."""
    counts, sums = _counts_and_sums(card)
    missing = tuple(e.code for e, n in zip(index.elements, counts, strict=True) if not n) if 0 in counts else ()
    if len(missing) == len(counts) or not card.n:
        return Headline(card.n, None, None, None, complete=False, missing=missing, interval=None)
    above, below = _exact_value(index, counts, sums)
    hundredths = _half_up(100 * above, below)
    band = index.band(hundredths)
    return Headline(
        n=card.n,
        value=hundredths / 100,
        mutu=band.mutu,
        kinerja=band.kinerja,
        complete=not missing,
        missing=missing,
        interval=_interval(index, card, above / below),
    )


def figure(index: Index, card: Scorecard) -> Figure:
    """The full form."""
    short = headline(index, card)
    counts, sums = _counts_and_sums(card)
    cells = card.histogram
    return Figure(
        n=short.n,
        value=short.value,
        mutu=short.mutu,
        kinerja=short.kinerja,
        complete=short.complete,
        missing=short.missing,
        interval=short.interval,
        elements=tuple(
            _element(index, element, cells[len(SCORES) * at : len(SCORES) * (at + 1)])
            for at, element in enumerate(index.elements)
        ),
        reconciliation=_reconciliation(index, counts, sums) if short.complete else None,
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


def _counts_and_sums(card: Scorecard) -> tuple[list[int], list[int]]:
    """Answers and sum of scores per element, in the order of the form."""
    ones, twos, threes, fours = (card.histogram[at :: len(SCORES)] for at in range(len(SCORES)))
    counts = [a + b + c + d for a, b, c, d in zip(ones, twos, threes, fours, strict=True)]
    sums = [a + 2 * b + 3 * c + 4 * d for a, b, c, d in zip(ones, twos, threes, fours, strict=True)]
    return counts, sums


def _exact_value(index: Index, counts: Sequence[int], sums: Sequence[int]) -> tuple[int, int]:
    """The index as a fraction (above, below): over the weights of the elements that have answers."""
    common = lcm(*(n for n in counts if n))
    above = weight_of_answered = 0
    for weight, n, total in zip(index.integer_weights, counts, sums, strict=True):
        if n:
            above += weight * total * (common // n)
            weight_of_answered += weight
    return index.scale_factor * above, common * weight_of_answered


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
    spread = n * card.sum_xx - card.sum_x * card.sum_x  # n(n-1)s², on the scale of LCM
    if n < HIDDEN_BELOW or spread <= 0 or not index.equal_weights:
        reach = _HIGHEST - _LOWEST
        low, high = (index.scale_factor * (_LOWEST + reach * y) for y in wilson(_share(index, value), n))
    else:
        half = t_quantile(n - 1) * index.scale_factor * sqrt(spread / (n * n * (n - 1))) / LCM
        low, high = value - half, value + half
    return _clipped(index, low), _clipped(index, high)


def _share(index: Index, value: float) -> float:
    """Where a value lies between the lowest and the highest one, 0..1."""
    return min(1.0, max(0.0, (value / index.scale_factor - _LOWEST) / (_HIGHEST - _LOWEST)))


def _clipped(index: Index, bound: float) -> float:
    within = min(float(index.scale_factor * _HIGHEST), max(float(index.scale_factor * _LOWEST), bound))
    return floor(within * 100 + 0.5) / 100


def _element(index: Index, element: Element, cells: Sequence[int]) -> ElementFigure:
    n = sum(cells)
    total = sum(score * count for score, count in zip(SCORES, cells, strict=True))
    if not n:
        return ElementFigure(element.code, element.u, element.name, 0, 0, None, None, None, None, None)
    mean = Fraction(total, n)
    hundredths = _half_up(100 * index.scale_factor * total, n)
    return ElementFigure(
        code=element.code,
        u=element.u,
        name=element.name,
        n=n,
        sum=total,
        nrr=_rounded(mean, 4),
        nrr_weighted=_rounded(mean * element.weight, 4),
        value=hundredths / 100,
        mutu=index.band(hundredths).mutu,
        low_share=_rounded(Fraction(sum(cells[:_LOW_SCORES]), n), 4),
    )


def _reconciliation(index: Index, counts: Sequence[int], sums: Sequence[int]) -> dict[str, float]:
    means = sum((Fraction(total, n) for total, n in zip(sums, counts, strict=True)), Fraction(0))
    return {printed: _rounded(index.scale_factor * means * Fraction(printed), 4) for printed in index.reconciliation}
