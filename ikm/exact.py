"""Figures as exact fractions, before anything is rounded: of one scorecard, or the simple mean of several units'."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm

from ikm.index import INDICES, Element, Index
from ikm.mean import Means, means
from ikm.scorecard import LAYOUTS, Scorecard


@dataclass(frozen=True, slots=True)
class ExactElement:
    """One element that somebody answered.

    Attributes:
        n: Responses that answered it.
        sum: Of their scores, the best answer highest; where several items feed it, of the respondents' means on the
            index's scale. None for a mean of units.
        nrr: Their mean.
        value: The mean on the scale of the index.
        low_share: Share of scores in the lower half of the scale.
    """

    n: int
    sum: Fraction | None
    nrr: Fraction
    value: Fraction
    low_share: Fraction


@dataclass(frozen=True, slots=True)
class Exact:
    """A figure.

    Attributes:
        n: Responses.
        values: The index by each of its conversions; empty without responses.
        elements: In the order of the index; None for one that nobody answered.
        reconciliation: The index by weights as older reports printed them; None unless every element was answered, and
            for an index that was never printed so.
    """

    n: int
    values: tuple[Fraction, ...]
    elements: tuple[ExactElement | None, ...]
    reconciliation: Mapping[str, Fraction] | None


def exact(index: Index, card: Scorecard) -> Exact:
    """The figure of a scorecard: over the weights of the elements that have answers."""
    found = [means(index, card, conversion) for conversion in range(len(index.conversions))]
    elements = tuple(_element(index, card, found[0], at) for at in range(len(index.elements)))
    if not any(elements):
        return Exact(card.n, (), elements, None)
    values = tuple(index.factor * _weighted(by, index.integer_weights) for by in found)
    if not (all(elements) and index.reconciliation):
        return Exact(card.n, values, elements, None)
    count = len(index.elements)
    by_printed_weights = index.factor * count * _weighted(found[0], (1,) * count)
    return Exact(card.n, values, elements, {text: by_printed_weights * Fraction(text) for text in index.reconciliation})


def exact_again(index: Index, card: Scorecard) -> Exact:
    """`exact`, remembered: a mean of units is read again and again, and few of them have changed meanwhile."""
    return _remembered(index.code, card) if index is INDICES.get(index.code) else exact(index, card)


@lru_cache(maxsize=2048)
def _remembered(code: str, card: Scorecard) -> Exact:
    return exact(INDICES[code], card)


def mean_of(figures: Iterable[Exact]) -> Exact:
    """The simple mean of the figures of units that have one: each counts the same, whatever its n; n is their sum.

    Args:
        figures: Of one index, at least one; those without responses are passed over.
    """
    every = list(figures)
    counted = [figure for figure in every if figure.values]
    if not counted:
        return Exact(0, (), every[0].elements, None)
    printed = [figure.reconciliation for figure in counted if figure.reconciliation]
    whole = len(printed) == len(counted)
    return Exact(
        n=sum(figure.n for figure in counted),
        values=tuple(_mean(values) for values in zip(*(figure.values for figure in counted), strict=True)),
        elements=tuple(map(_mean_element, zip(*(figure.elements for figure in counted), strict=True))),
        reconciliation={key: _mean([one[key] for one in printed]) for key in printed[0]} if whole else None,
    )


def _mean(values: Sequence[Fraction]) -> Fraction:
    """Over the common denominator: a sum of fractions would shorten one after each addition."""
    common = lcm(*(value.denominator for value in values))
    return Fraction(sum(value.numerator * (common // value.denominator) for value in values), common * len(values))


def _mean_element(elements: tuple[ExactElement | None, ...]) -> ExactElement | None:
    given = [element for element in elements if element is not None]
    if not given:
        return None
    return ExactElement(
        n=sum(element.n for element in given),
        sum=None,
        nrr=_mean([element.nrr for element in given]),
        value=_mean([element.value for element in given]),
        low_share=_mean([element.low_share for element in given]),
    )


def _weighted(found: Means, weights: Sequence[int]) -> Fraction:
    """The weighted mean of the elements that have answers."""
    answered = [(weight, n, points) for weight, n, points in zip(weights, found.counts, found.points, strict=True) if n]
    common = lcm(*(n for _, n, _ in answered))
    above = sum(weight * points * (common // n) for weight, n, points in answered)
    return Fraction(above, common * sum(weight for weight, _, _ in answered) * found.unit)


def _element(index: Index, card: Scorecard, found: Means, at: int) -> ExactElement | None:
    element, n = index.elements[at], found.counts[at]
    if not n:
        return None
    total = _sum(index, card, found, at)
    return ExactElement(
        n=n,
        sum=total,
        nrr=total / n,
        value=Fraction(index.factor * found.points[at], n * found.unit),
        low_share=_low_share(index, card, element),
    )


def _sum(index: Index, card: Scorecard, found: Means, at: int) -> Fraction:
    element = index.elements[at]
    if len(element.items) > 1:
        return Fraction(found.points[at], found.unit)
    item = element.items[0]
    cells = card.histogram[LAYOUTS[index.code].cells[item.code]]
    return Fraction(sum(item.good(score) * count for score, count in zip(item.levels, cells, strict=True)))


def _low_share(index: Index, card: Scorecard, element: Element) -> Fraction:
    low = answers = 0
    for item in element.items:
        cells = card.histogram[LAYOUTS[index.code].cells[item.code]]
        middle = item.scale_min + item.scale_max
        answers += sum(cells)
        low += sum(count for score, count in zip(item.levels, cells, strict=True) if 2 * item.good(score) < middle)
    return Fraction(low, answers)
