"""Figures of the indices on 0..4: IPKP, IPAK, and whatever else is not the IKM, against the definition in fractions."""

from dataclasses import asdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import sqrt
from statistics import fmean, mean, stdev
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.figure import figure, headline
from ikm.index import IKM, INDICES, Index
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.statistics import t_quantile

OTHERS = [index for index in INDICES.values() if index is not IKM]
CONVERSIONS = {
    "linear": lambda score: score * Fraction(4, 6),
    "affine": lambda score: 1 + (score - 1) * Fraction(3, 5),
}
LINES = {"ipkp": {"wbk": "3.20", "wbbm": "3.60"}, "ipak": {"wbk": "3.60", "wbbm": "3.60"}}

Row = dict[str, int]


@st.composite
def answered(draw: st.DrawFn) -> tuple[Index, list[Row]]:
    index = draw(st.sampled_from(OTHERS))
    score = {item.code: st.sampled_from(item.levels) for item in index.items}
    row = st.fixed_dictionaries({}, optional=score).filter(bool)
    return index, draw(st.lists(row, min_size=1, max_size=40))


def card_of(index: Index, rows: list[Row]) -> Scorecard:
    layout = LAYOUTS[index.code]
    card = layout.empty
    for row in rows:
        one = layout.of(row)
        assert one is not None
        card = card.add(one)
    return card


def element_means(index: Index, row: Row, way: str) -> list[Fraction | None]:
    """A respondent's mean in each element: turned first, then converted."""
    means: list[Fraction | None] = []
    for element in index.elements:
        given = [
            Fraction(good) if (item.scale_min, item.scale_max) == (1, 4) else CONVERSIONS[way](Fraction(good))
            for item in element.items
            if item.code in row
            for good in [item.scale_min + item.scale_max - row[item.code] if item.reversed else row[item.code]]
        ]
        means.append(mean(given) if given else None)
    return means


def by_hand(index: Index, rows: list[Row], way: str) -> tuple[list[list[Fraction]], Fraction]:
    """Of each element the respondents' means, and the index: over the weights of the elements that have answers."""
    columns = [
        [one for one in column if one is not None]
        for column in zip(*(element_means(index, row, way) for row in rows), strict=True)
    ]
    answered = [
        (element.weight, mean(column)) for element, column in zip(index.elements, columns, strict=True) if column
    ]
    return columns, sum(weight * value for weight, value in answered) / sum(weight for weight, _ in answered)


def half_up(exact: Fraction, decimals: int) -> float:
    places = Decimal(1).scaleb(-decimals)
    with_digits = Decimal(exact.numerator * 10**30 // exact.denominator) / 10**30  # truncation never makes a tie
    return float(with_digits.quantize(places, ROUND_HALF_UP))


@given(answered())
def test_every_number_is_the_definitions_rounded_half_up_once(given: tuple[Index, list[Row]]) -> None:
    index, rows = given
    result = figure(index, card_of(index, rows))
    exact = {way: by_hand(index, rows, way)[1] for way in CONVERSIONS}
    columns = by_hand(index, rows, "linear")[0]
    assert (result.n, result.value) == (len(rows), half_up(exact["linear"], 2))
    assert (result.mutu, result.kinerja, result.reconciliation) == (None, None, None)
    assert result.missing == tuple(e.code for e, column in zip(index.elements, columns, strict=True) if not column)
    assert result.conversion == "linear"
    assert result.conversions == {way: half_up(value, 2) for way, value in exact.items()}
    for element, column in zip(result.elements, columns, strict=True):
        assert (element.n, element.mutu) == (len(column), None)
        assert element.value == (half_up(mean(column), 2) if column else None)


@given(answered())
def test_a_line_is_reached_by_the_rounded_value_and_disputed_when_the_conversions_differ(
    given: tuple[Index, list[Row]],
) -> None:
    index, rows = given
    values = {way: half_up(by_hand(index, rows, way)[1], 2) for way in CONVERSIONS}
    expected = [
        {
            "code": code,
            "at": float(at),
            "above": values["linear"] >= float(at),
            "disputed": (values["linear"] >= float(at)) is not (values["affine"] >= float(at)),
        }
        for code, at in LINES.get(index.code, {}).items()
    ]
    assert [asdict(line) for line in figure(index, card_of(index, rows)).lines or ()] == expected


@pytest.mark.parametrize(
    ("scores", "linear", "affine", "wbbm", "disputed"),
    [
        ({5: 6, 6: 4}, 3.6, 3.64, True, False),  # 5.4, the brief's own example
        ({5: 61, 6: 39}, 3.59, 3.63, False, True),  # 5.39
        ({5: 243, 6: 157}, 3.6, 3.64, True, False),  # 5.3925: 3.595 is rounded half-up
        ({5: 66, 6: 34}, 3.56, 3.6, False, True),  # 5.34: 3.604 by the other way
        ({5: 10}, 3.33, 3.4, False, False),
    ],
)
def test_near_a_line(scores: dict[int, int], linear: float, affine: float, wbbm: bool, disputed: bool) -> None:
    index = INDICES["ipak"]
    rows = [{item.code: score for item in index.items} for score, count in scores.items() for _ in range(count)]
    result = figure(index, card_of(index, rows))
    assert (result.value, result.conversions) == (linear, {"linear": linear, "affine": affine})
    line = (result.lines or ())[1]
    assert (line.code, line.above, line.disputed) == ("wbbm", wbbm, disputed)


@given(answered())
def test_the_interval_is_that_of_the_respondents_means_within_what_answers_can_reach(
    given: tuple[Index, list[Row]],
) -> None:
    index, rows = given
    low, high = interval(index, rows)
    lowest, highest = (float(end) for end in index.reach)
    assert round(lowest, 2) <= low <= high <= round(highest, 2)
    means = [mean(one for one in element_means(index, row, "linear") if one is not None) for row in rows]
    if len(rows) < 10 or len(set(means)) == 1:
        return
    centre = float(by_hand(index, rows, "linear")[1])
    half = t_quantile(len(rows) - 1) * stdev(map(float, means)) / sqrt(len(rows))
    for found, bound in zip((low, high), (centre - half, centre + half), strict=True):
        assert found == pytest.approx(min(highest, max(lowest, bound)), abs=0.00501)


def interval(index: Index, rows: list[Row]) -> tuple[float, float]:
    found = headline(index, card_of(index, rows)).interval
    assert found is not None
    return found


def test_without_responses_there_is_nothing_to_compare() -> None:
    for index in OTHERS:
        result = figure(index, LAYOUTS[index.code].empty)
        assert (result.n, result.value, result.conversions, result.interval) == (0, None, None, None)
        assert all(line.above is None and line.disputed is None for line in result.lines or ())


def test_low_share_counts_the_lower_half_of_the_raw_scale() -> None:
    index = INDICES["ipak"]
    code = index.items[0].code
    rows: list[Any] = [{code: score} for score in (1, 2, 3, 4, 5, 6, 6, 6)]
    first = figure(index, card_of(index, rows)).elements[0]
    assert (first.low_share, first.sum, first.nrr) == (0.375, 33, 4.125)
    assert fmean([1, 2, 3, 4, 5, 6, 6, 6]) == first.nrr
