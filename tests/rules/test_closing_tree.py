"""The closing of a tree: who counts in it, over which days, and what it says of each unit."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.closing import SCOPES, Closing
from ikm.figure import figure, mean_figure
from ikm.freeze import Act, Counted, Share, closing_of, is_consistent
from ikm.index import IKM
from ikm.members import Member, Members, alone, members_of, population_of
from ikm.period import parse_period
from ikm.position import Position
from ikm.registry import Unit
from ikm.tree import Tree
from tests.rules.cards import LAYOUT
from tests.web.answers import card

PERIOD = parse_period("2026-TW1", "Asia/Jakarta")
WHOLE = ((PERIOD.from_minute, PERIOD.to_minute),)
DAY = 24 * 60


def unit(code: str, parent: str | None = None, population: int | None = None, **fields: object) -> Unit:
    values = {"name": code, "zone": "Asia/Jakarta", "period": "triwulan"} | fields
    return Unit(code=code, parent=parent, population=population, **values)


def members(*units: Unit, of: str = "top") -> Members:
    standing = {one.code: one for one in units}
    return members_of(standing[of], PERIOD, Tree(units), standing.get)


def test_a_unit_counts_while_it_stands_below_in_days_of_its_own_zone() -> None:
    units = (
        unit("top", population=5),
        unit("a", "top", 100),
        unit("b", "a", zone="Asia/Jayapura"),
        unit("came", "top", 7, valid_from=date(2026, 2, 1), zone="Asia/Jayapura"),
        unit("came", "elsewhere"),
        unit("left", "elsewhere", valid_from=date(2026, 3, 1)),
        unit("left", "top"),
        unit("later", "top", valid_from=date(2026, 4, 1)),
        unit("later", "elsewhere"),
        unit("elsewhere"),
    )
    feb, march = PERIOD.from_minute + 31 * DAY, PERIOD.from_minute + 59 * DAY
    found = members(*units)
    assert list(found) == ["top", "a", "b", "came", "left"]
    assert {code: one.spans for code, one in found.items() if one.spans != WHOLE} == {
        "came": ((feb - 120, PERIOD.to_minute),),
        "left": ((PERIOD.from_minute, march),),
    }
    assert [one.population for one in found.values()][:3] == [5, 100, None]
    assert members(*units, of="b") == alone(units[2], PERIOD)


@given(st.lists(st.tuples(st.none() | st.integers(1, 900), st.integers(0, 3)), max_size=6))
def test_the_people_of_a_tree_are_known_where_all_who_answered_are(people: list[tuple[int | None, int]]) -> None:
    found = population_of(people)
    unknown = [n for population, n in people if population is None]
    if any(unknown) or len(unknown) == len(people):
        assert found is None
    else:
        assert found == sum(population for population, _ in people if population)


CARDS = {"top": card(), "a": card(*[(3,) * 9] * 3), "b": card((4,) * 9), "c": card((0, 1, *(2,) * 7))}
MARCH = ((PERIOD.from_minute + 59 * DAY, PERIOD.to_minute),)
TREE = {"top": Member(WHOLE, None), "a": Member(WHOLE, 100), "b": Member(MARCH, 50), "c": Member(WHOLE, 10),
        "silent": Member(MARCH, 40)}  # fmt: skip


def closing(scope: str) -> Closing:
    shares = {code: Share(one, 29_000_000 + number) for number, (code, one) in enumerate(CARDS.items()) if one.n}
    counted = Counted(shares, Position(7, {1: 5, 3: 41}))
    of = TREE if scope != "self" else alone(unit("top", population=5), PERIOD)
    return closing_of(unit("top", population=5), "ikm", PERIOD, counted, Act("sink", 5), members=of, scope=scope)


@pytest.mark.parametrize("scope", ["pooled", "mean"])
def test_a_tree_travels_with_what_each_unit_had(scope: str) -> None:
    made = Closing.model_validate_json(closing(scope).model_dump_json())
    assert made == closing(scope)
    assert (made.scope, made.tree, made.population) == (scope, tuple(TREE), 200)
    assert made.responses == {"top": 0, "a": 3, "b": 1, "c": 1, "silent": 0}
    assert made.cards == {**CARDS, "silent": LAYOUT.empty}
    assert made.spans == {code: member.spans for code, member in TREE.items()}
    assert made.watermark == "2025-02-19T21:23:00Z"
    assert is_consistent(made)
    assert made.label == f"ikm 2026-TW1 {scope} number 0"


def test_its_figures_are_those_of_all_respondents_and_of_the_units() -> None:
    cards = [one for one in CARDS.values() if one.n]
    assert closing("pooled").said == figure(IKM, LAYOUT.total(cards))
    assert closing("mean").said == mean_figure(IKM, cards)
    assert closing("pooled").said.value != closing("mean").said.value
    assert closing("self").said.n == 0
    assert closing("self").tree == ("top",)


@pytest.mark.parametrize("scope", ["pooled", "mean"])
@pytest.mark.parametrize(
    "change",
    [
        lambda said: said["units"]["a"].update(n=4),
        lambda said: said["units"].pop("b"),
        lambda said: said["units"].update(stranger=said["units"]["b"]),
        lambda said: said["units"].update(silent=said["units"].pop("b")) or said["units"]["silent"].update(n=2),
        lambda said: said.pop("units"),
        lambda said: said.update(sum_x=said["sum_x"] + 1),
        lambda said: said["spans"].update(stranger=said["spans"]["b"]),
        lambda said: said["spans"].update(b=[["x", "y"]]),
    ],
)
def test_a_tree_whose_parts_do_not_give_it_is_not_consistent(scope: str, change) -> None:
    made = closing(scope)
    change(made.scorecard)
    assert not is_consistent(made)


def test_a_figure_of_another_scope_is_not_consistent() -> None:
    pooled, mean = closing("pooled"), closing("mean")
    assert not is_consistent(mean.model_copy(update={"figure": pooled.figure}))
    assert not is_consistent(pooled.model_copy(update={"figure": mean.figure}))
    assert set(SCOPES) == {"self", "pooled", "mean"}
