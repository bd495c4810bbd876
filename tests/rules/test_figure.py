from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import sqrt
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.figure import figure, headline, tier
from ikm.index import IKM, Element
from ikm.statistics import t_quantile

from .cards import EMPTY, card_of, card_with, sekadau
from .samples import ITEMS

ROWS = st.lists(st.lists(st.integers(0, 4), min_size=9, max_size=9).filter(any), min_size=1, max_size=60)


def half_up(exact: Fraction, decimals: int) -> float:
    places = Decimal(1).scaleb(-decimals)
    with_digits = Decimal(exact.numerator * 10**30 // exact.denominator) / 10**30  # truncation never makes a tie
    return float(with_digits.quantize(places, ROUND_HALF_UP))


def by_hand(rows):
    """The definition, element by element, in fractions."""
    columns = [[score for score in column if score] for column in zip(*rows, strict=True)]
    means = [Fraction(sum(column), len(column)) for column in columns if column]
    return columns, means, 25 * sum(means) / len(means)


@given(ROWS)
def test_every_number_is_the_definitions_rounded_half_up_once(rows):
    columns, means, exact = by_hand(rows)
    result = figure(IKM, card_of(rows))
    assert result.n == len(rows)
    assert result.value == half_up(exact, 2)
    assert result.missing == tuple(code for code, column in zip(ITEMS, columns, strict=True) if not column)
    assert result.complete is (not result.missing)
    for element, column in zip(result.elements, columns, strict=True):
        assert (element.n, element.sum) == (len(column), sum(column))
        if not column:
            assert (element.nrr, element.nrr_weighted, element.value, element.mutu, element.low_share) == (None,) * 5
            continue
        mean = Fraction(sum(column), len(column))
        assert element.nrr == half_up(mean, 4)
        assert element.nrr_weighted == half_up(mean / 9, 4)
        assert element.value == half_up(25 * mean, 2)
        assert element.low_share == half_up(Fraction(sum(score <= 2 for score in column), len(column)), 4)
    if result.complete:
        assert result.reconciliation == {
            "0.11": half_up(25 * sum(means) * Fraction(11, 100), 4),
            "0.111": half_up(25 * sum(means) * Fraction(111, 1000), 4),
        }
    else:
        assert result.reconciliation is None


@given(ROWS)
def test_the_interval_is_that_of_the_respondents_means(rows):
    n = len(rows)
    low, high = headline(IKM, card_of(rows)).interval
    centre = float(by_hand(rows)[2])
    means = [fmean(score for score in row if score) for row in rows]
    if n < 10 or len({Fraction(sum(row), sum(map(bool, row))) for row in rows}) == 1:
        z, y = 1.959964, (centre / 25 - 1) / 3
        middle = (y + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(y * (1 - y) / n + z * z / (4 * n * n))
        expected = [25 * (1 + 3 * bound) for bound in (middle - half, middle + half)]
    else:
        half = t_quantile(n - 1) * 25 * stdev(means) / sqrt(n)
        expected = [centre - half, centre + half]
    for found, bound in zip((low, high), expected, strict=True):
        assert found == pytest.approx(min(100, max(25, bound)), abs=0.00501)
    assert 25 <= low <= high <= 100


def test_the_headline_is_the_figures():
    card = card_of(sekadau())
    full, short = figure(IKM, card), headline(IKM, card)
    assert all(getattr(full, field) == getattr(short, field) for field in short.__dataclass_fields__)


def test_the_49_respondents_of_sekadau():
    result = figure(IKM, card_of(sekadau()))
    assert (result.n, result.value, result.mutu, result.kinerja, result.complete) == (49, 78.74, "B", "Baik", True)
    assert result.interval == (76.26, 81.23)
    assert result.reconciliation == {"0.11": 77.9541, "0.111": 78.6628}
    assert [element.sum for element in result.elements] == [138, 139, 150, 177, 159, 163, 161, 143, 159]


@pytest.mark.parametrize(
    ("total", "value", "mutu"), [(158_949, 88.31, "A"), (137_889, 76.61, "B"), (116_991, 65.00, "C")]
)
def test_ties_go_up_into_the_better_band(total, value, mutu):
    result = headline(IKM, card_with(5000, total))
    assert (result.value, result.mutu) == (value, mutu)
    below = headline(IKM, card_with(5000, total - 1))
    assert below.value == round(value - 0.01, 2)
    assert below.mutu > mutu


@pytest.mark.parametrize(("score", "value", "mutu"), [(1, 25.0, "D"), (2, 50.0, "D"), (3, 75.0, "C"), (4, 100.0, "A")])
def test_one_answer_throughout(score, value, mutu):
    result = headline(IKM, card_of([[score] * 9] * 40))
    assert (result.value, result.mutu) == (value, mutu)
    assert result.interval[0] <= value <= result.interval[1]
    assert result.interval != (value, value)


def test_the_mean_of_means_and_not_the_grand_mean():
    rows = [[4, 0, 0, 0, 0, 0, 0, 0, 0]] * 3 + [[0, 1, 0, 0, 0, 0, 0, 0, 0]]
    result = headline(IKM, card_of(rows))
    assert result.value == 62.5  # the grand mean would give 81.25
    assert result.missing == ITEMS[2:]


def test_no_response_has_no_index_and_no_letter():
    result = figure(IKM, EMPTY)
    assert (result.n, result.value, result.mutu, result.kinerja, result.interval) == (0, None, None, None, None)
    assert (result.complete, result.missing, result.reconciliation) == (False, ITEMS, None)
    assert [(element.n, element.sum, element.nrr) for element in result.elements] == [(0, 0, None)] * 9


def test_unequal_weights_are_exact_too():
    weights = [Fraction(1, 3), *[Fraction(1, 12)] * 8]
    elements = tuple(
        Element(e.code, e.u, e.name, weight, e.items) for e, weight in zip(IKM.elements, weights, strict=True)
    )
    index = replace(IKM, elements=elements)
    assert headline(index, card_of([[4, 1, 1, 1, 1, 1, 1, 1, 1]])).value == 50.0
    assert headline(index, card_of([[4, 0, 0, 0, 0, 0, 0, 0, 1]])).value == 85.0


def test_weights_of_older_reports_cap_the_index():
    top = figure(IKM, card_of([[4] * 9] * 10))
    assert top.reconciliation == {"0.11": 99.0, "0.111": 99.9}


@pytest.mark.parametrize(
    ("n", "population", "expected"),
    [
        (0, None, "kosong"),
        (0, 5, "kosong"),
        (1, None, "tertutup"),
        (9, 9, "tertutup"),
        (10, 10, "memenuhi_sampel"),
        (10, None, "sementara"),
        (29, None, "sementara"),
        (29, 1000, "sementara"),
        (30, None, "terbit"),
        (277, 1000, "terbit"),
        (278, 1000, "memenuhi_sampel"),
    ],
)
def test_tiers(n, population, expected):
    assert tier(n, population) == expected


def legacy(means, weight, product_decimals):
    products = (half_up(Fraction(mean) * Fraction(weight), product_decimals) for mean in means)
    return sum(Fraction(str(product)) for product in products)


def test_the_printed_example_with_fourteen_elements_is_a_matter_of_its_weights():
    means = ["3.45", "2.65", "3.53", "2.31", "1.55", "3.12", "2.13"]
    means += ["2.43", "3.21", "1.45", "1.93", "2.31", "3.03", "1.56"]
    assert half_up(25 * legacy(means, "0.071", 3), 2) == 61.55
    assert half_up(25 * sum(map(Fraction, means)) / 14, 2) == 61.89
