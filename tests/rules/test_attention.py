from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.attention import Held, Standing, change, is_silent, ranks, unchanged_since
from ikm.figure import headline
from ikm.index import IKM
from ikm.scorecard import LAYOUTS
from ikm.statistics import t_quantile
from tests.rules.cards import card_of

MONDAY = datetime(2026, 11, 23, 3, tzinfo=UTC)
ZONE = "Asia/Jakarta"


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def standing(low: float, value: float, high: float, n: int = 30) -> Standing:
    return Standing(n, value, (low, high))


STANDINGS = st.tuples(st.integers(2500, 10000), st.integers(0, 900), st.integers(0, 900), st.integers(1, 90)).map(
    lambda t: standing(max(2500, t[0] - t[1]) / 100, t[0] / 100, min(10000, t[0] + t[2]) / 100, t[3])
)


@given(st.lists(STANDINGS, max_size=30))
def test_a_rank_counts_the_units_whose_whole_interval_lies_above(standings: list[Standing]) -> None:
    expected = [1 + sum(other.interval[0] > one.interval[1] for other in standings) for one in standings]

    assert ranks(standings) == expected


def test_touching_intervals_share_a_rank() -> None:
    assert ranks([standing(80, 82, 84), standing(84, 86, 88), standing(84.01, 86, 88)]) == [2, 1, 1]


@given(STANDINGS, STANDINGS)
def test_a_change_turns_around_with_its_ends(one: Standing, other: Standing) -> None:
    there, back = change(one, other), change(other, one)

    assert (there is None) == (min(one.n, other.n) < 30)
    if there is not None and back is not None:
        assert there.interval[0] <= there.difference <= there.interval[1]
        assert there.difference == pytest.approx(-back.difference, abs=0.011)
        assert there.interval[0] == pytest.approx(-back.interval[1], abs=0.011)
        assert not (one == other and there.moved)


def test_a_change_has_the_interval_of_two_independent_means() -> None:
    rows = [(3,) * 9] * 20 + [(4,) * 9] * 20, [(3,) * 9] * 30 + [(2,) * 9] * 10
    both = [headline(IKM, card_of(each)) for each in rows]
    standings = [Standing(h.n, h.value, h.interval) for h in both if h.value is not None and h.interval is not None]

    found = change(*standings)

    squares = [card.n * card.sum_xx - card.sum_x**2 for card in map(card_of, rows)]
    unit = LAYOUTS["ikm"].x_unit / 25
    half = t_quantile(39) * sum(each / (40 * 40 * 39) for each in squares) ** 0.5 / unit
    assert found is not None
    assert found.difference == pytest.approx(-18.75)
    assert found.interval == pytest.approx((-18.75 - half, -18.75 + half), abs=0.02)
    assert found.moved


def test_a_change_that_may_be_none_is_no_movement() -> None:
    found = change(standing(76, 80, 84), standing(77, 83, 89))

    assert found is not None
    assert (found.difference, found.moved) == (3.0, False)


@pytest.mark.parametrize(
    ("last", "gap", "silent"),
    [
        ("2026-11-20T09:00+07:00", 1.0, False),  # Friday to Monday: no whole working day
        ("2026-11-19T09:00+07:00", 1.0, False),  # Friday alone
        ("2026-11-18T23:30+07:00", 1.0, True),  # Thursday and Friday
        ("2026-11-18T09:00+07:00", None, True),
        ("2026-11-18T09:00+07:00", 48.0, False),  # seldom asked: six days
        ("2026-11-16T09:00+07:00", 48.0, True),
        ("2026-11-23T09:59+07:00", None, False),
    ],
)
def test_silence_is_two_working_days_and_three_gaps(last: str, gap: float | None, silent: bool) -> None:
    assert is_silent(ms(last), gap, int(MONDAY.timestamp() * 1000), ZONE) is silent


def test_silence_needs_no_list_of_holidays() -> None:
    last, now = ms("2040-03-05T09:00+07:00"), ms("2040-03-10T09:00+07:00")

    assert is_silent(last, None, now, ZONE)
    assert not is_silent(last, None, now - 86_400_000, ZONE)


@pytest.mark.parametrize(
    ("letters", "held"),
    [
        ("AABB", Held(2, at_least=False)),
        ("BBBB", Held(0, at_least=True)),
        ("AB-B", Held(1, at_least=False)),
        ("B--", Held(0, at_least=True)),
        ("-A", Held(1, at_least=True)),
        ("", None),
        ("--", None),
    ],
)
def test_a_letter_holds_since_it_last_changed(letters: str, held: Held | None) -> None:
    assert unchanged_since([None if letter == "-" else letter for letter in letters]) == held


@given(st.lists(st.sampled_from(["A", "B", None]), max_size=12))
def test_no_other_letter_stands_in_the_run_of_the_last_one(letters: list[str | None]) -> None:
    held = unchanged_since(letters)

    known = [letter for letter in letters if letter is not None]
    if held is None:
        assert known == []
        return
    run, before = letters[held.first :], [letter for letter in letters[: held.first] if letter is not None]
    assert {run[0]} == {known[-1]} == {letter for letter in run if letter is not None}
    assert held.at_least == (before == [])
    assert before == [] or before[-1] != run[0]
