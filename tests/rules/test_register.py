from hypothesis import given
from hypothesis import strategies as st

from ikm.register import conflicts, unknown_units
from ikm.tree import Tree
from tests.rules.trees import REGISTERS, unit


def places(findings) -> list[tuple[int, str]]:
    return [(number, fault.field) for number, fault in findings]


def test_versions_that_overlap_are_found_at_the_one_that_is_given() -> None:
    early, late = unit("a", 0, 5), unit("a", 3)
    assert places(conflicts([early], [late])) == [(0, "valid_to")]
    assert places(conflicts([late], [early])) == [(0, "valid_from")]
    assert places(conflicts([late, early], [])) == [(1, "valid_to")]
    assert places(conflicts([unit("b")], [early, late])) == []
    assert places(conflicts([unit("a", 0, 3), late], [])) == []
    assert places(conflicts([unit("a"), late], [])) == []
    assert places(conflicts([unit("a", 0, 3)], [early, late])) == []


def test_a_cycle_names_its_units_and_the_version_that_closes_it() -> None:
    [(number, fault)] = conflicts([unit("c"), unit("b", 3, parent="a")], [unit("a", parent="b"), unit("b")])
    assert (number, fault.field, fault.code.value) == (1, "parent", "contradiction")
    assert "a below b below a from 2020-01-04 on" in fault.message
    [(number, fault)] = conflicts([unit("a", 0, 3, merged_into="b")], [unit("b", parent="a")])
    assert (number, fault.field) == (0, "merged_into")
    assert "from 2020-01-04 on" in fault.message


def test_a_cycle_that_stands_already_stops_nobody_else() -> None:
    assert places(conflicts([unit("c", parent="a")], [unit("a", parent="b"), unit("b", parent="a")])) == []


def test_whom_nobody_knows() -> None:
    units = [unit("a", parent="x"), unit("b", 0, 2, parent="a", merged_into="y"), unit("c", parent="d")]
    assert places(unknown_units(units, [unit("d")])) == [(0, "parent"), (1, "merged_into")]


@given(REGISTERS, st.integers(0, 14))
def test_what_is_accepted_has_no_cycle_whatever_stood_and_came(register: list, cut: int) -> None:
    standing, come = register[:cut], register[cut:]
    if not Tree(standing).cycles() and not places(conflicts(come, standing)):
        assert Tree(register).cycles() == ()


@given(REGISTERS, st.randoms())
def test_the_order_of_the_rows_does_not_matter(register: list, random) -> None:
    shuffled = random.sample(register, len(register))

    def found(units: list) -> set:
        return {(units[number].key, fault) for number, fault in conflicts(units, [])}

    assert found(register) == found(shuffled)
