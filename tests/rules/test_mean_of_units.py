"""The simple mean of units, as recaps of cities print it: over the exact figures, rounded once."""

from fractions import Fraction
from statistics import mean

from hypothesis import given
from hypothesis import strategies as st

from ikm.figure import mean_figure
from ikm.index import IKM, Index
from ikm.scorecard import LAYOUTS

from .cards import card_of as ikm_card
from .cards import sekadau
from .test_perception import CONVERSIONS, Row, answered, by_hand, card_of, half_up


@given(st.lists(answered(), min_size=1, max_size=6))
def test_a_mean_of_units_is_that_of_their_exact_figures_rounded_once(given: list[tuple[Index, list[Row]]]) -> None:
    index = given[0][0]
    units = [rows for other, rows in given if other is index]
    cards = [card_of(index, rows) for rows in units]
    result = mean_figure(index, [*cards, LAYOUTS[index.code].empty])
    whole = {way: mean(by_hand(index, rows, way)[1] for rows in units) for way in CONVERSIONS}
    assert (result.n, result.value, result.interval) == (sum(map(len, units)), half_up(whole["linear"], 2), None)
    assert result.conversions == {way: half_up(value, 2) for way, value in whole.items()}
    columns = [by_hand(index, rows, "linear")[0] for rows in units]
    for at, element in enumerate(result.elements):
        given_means = [mean(unit[at]) for unit in columns if unit[at]]
        assert element.value == (half_up(mean(given_means), 2) if given_means else None)
        assert element.n == sum(len(unit[at]) for unit in columns)
        assert element.sum is None or not given_means


def test_a_mean_of_units_counts_each_unit_the_same() -> None:
    few, many = sekadau()[:1], sekadau()
    cards = [ikm_card(rows) for rows in (few, many, many)]
    result = mean_figure(IKM, cards)
    exact = [
        25 * sum(Fraction(sum(column), len(rows)) for column in zip(*rows, strict=True)) / 9
        for rows in (few, many, many)
    ]
    assert (result.n, result.value) == (99, half_up(mean(exact), 2))
    assert result.mutu == IKM.band(round(result.value * 100)).mutu
    assert result.reconciliation == {
        "0.11": half_up(mean(exact) * 9 * Fraction(11, 100), 4),
        "0.111": half_up(mean(exact) * 9 * Fraction(111, 1000), 4),
    }
    assert mean_figure(IKM, [LAYOUTS["ikm"].empty]).value is None
