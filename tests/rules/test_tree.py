from hypothesis import given
from hypothesis import strategies as st

from ikm.tree import Cycle, Tree
from tests.rules.trees import CODES, DAY_MS, DAYS, INSTANTS, REGISTERS, SOME_DAY_MS, unit

MIDNIGHT = SOME_DAY_MS - 7 * 3_600_000
"""The first day in WIB."""


def day(number: int) -> int:
    return MIDNIGHT + number * DAY_MS


CITY = [
    unit("kota"),
    unit("dinas", parent="kota"),
    unit("badan", parent="kota"),
    unit("loket", parent="dinas"),
    unit("loket", 10, parent="badan"),
]


def test_a_unit_that_moves_keeps_its_past_where_it_was() -> None:
    tree = Tree(CITY)
    assert tree.ancestors("loket", day(10) - 1) == ("dinas", "kota")
    assert tree.ancestors("loket", day(10)) == ("badan", "kota")
    assert tree.descendants("kota", day(0)) == {"dinas", "badan", "loket"}
    assert tree.descendants("dinas", day(10)) == frozenset()
    assert tree.members("dinas", day(5), day(20)) == {
        "dinas": [(day(5), day(20))],
        "loket": [(day(5), day(10))],
    }
    assert tree.members("kota", day(5), day(20))["loket"] == [(day(5), day(20))]


def test_a_merged_unit_joins_the_other_only_after_its_end() -> None:
    tree = Tree([*CITY[:3], unit("loket", 0, 10, parent="dinas", merged_into="badan"), unit("meja", parent="loket")])
    assert tree.ancestors("loket", day(10) - 1) == ("dinas", "kota")
    assert tree.ancestors("loket", day(10)) == ("badan", "kota")
    assert tree.ancestors("meja", day(10)) == ("loket", "badan", "kota")
    assert tree.members("badan", day(0), day(20))["loket"] == [(day(10), day(20))]
    assert tree.descendants("badan", day(20)) == {"loket", "meja"}


def test_a_unit_closed_without_a_merger_leaves_the_tree() -> None:
    tree = Tree([*CITY[:3], unit("loket", 0, 10, parent="dinas"), unit("loket", 15, parent="badan")])
    assert tree.ancestors("loket", day(12)) == ()
    assert tree.members("kota", day(0), day(20))["loket"] == [(day(0), day(10)), (day(15), day(20))]


def test_what_nobody_registered_has_no_parent() -> None:
    tree = Tree([unit("loket", parent="elsewhere")])
    assert tree.ancestors("loket", day(0)) == ("elsewhere",)
    assert tree.parent("elsewhere", day(0)) is None
    assert tree.descendants("elsewhere", day(0)) == {"loket"}
    assert tree.members("nobody", day(0), day(1)) == {"nobody": [(day(0), day(1))]}
    assert tree.members("nobody", day(1), day(1)) == {}
    assert Tree([]).cycles() == ()


def test_cycles_are_found_at_every_instant() -> None:
    ring = [unit("a", parent="b"), unit("b", parent="c"), unit("c"), unit("c", 3, parent="a"), unit("c", 4)]
    assert Tree(ring).cycles() == (Cycle(("a", "b", "c"), day(3)),)
    assert Tree([unit("a", parent="b"), unit("b", parent="a"), unit("b", 5)]).cycles() == (Cycle(("a", "b"), day(0)),)
    assert Tree([unit("a", 0, 3, merged_into="b"), unit("b", parent="a")]).cycles() == (Cycle(("a", "b"), day(3)),)
    swapped = [unit("a", parent="b"), unit("a", 3), unit("b"), unit("b", 3, parent="a")]
    assert Tree(swapped).cycles() == ()


@given(REGISTERS, INSTANTS)
def test_ancestors_and_descendants_are_inverse(register: list, at: int) -> None:
    tree = Tree(register)
    for code in CODES:
        assert tree.descendants(code, at) == {other for other in CODES if code in tree.ancestors(other, at)}
        assert code not in tree.ancestors(code, at)
        assert tree.ancestors(code, at)[:1] == (() if tree.parent(code, at) is None else (tree.parent(code, at),))


@given(REGISTERS, st.sampled_from(CODES), INSTANTS, INSTANTS, INSTANTS)
def test_members_are_the_descendants_of_every_instant(register: list, code: str, begin: int, end: int, at: int) -> None:
    tree = Tree(register)
    members = tree.members(code, begin, end)
    if begin <= at < end:
        inside = {other for other, spans in members.items() if any(first <= at < last for first, last in spans)}
        assert inside == {code, *tree.descendants(code, at)}
    for spans in members.values():
        edges = [edge for span in spans for edge in span]
        assert edges == sorted(set(edges))
        assert begin <= edges[0] < edges[-1] <= end


@given(REGISTERS)
def test_a_cycle_is_reported_when_some_unit_is_its_own_ancestor(register: list) -> None:
    tree = Tree(register)
    hours = range(day(-2), day(DAYS + 4), 3_600_000)
    seen: set[frozenset[str]] = set()
    for hour in hours:
        for code in CODES:
            ring = (code, *tree.ancestors(code, hour))
            if tree.parent(ring[-1], hour) == code:
                seen.add(frozenset(ring))
    assert {frozenset(cycle.units) for cycle in tree.cycles()} == seen


@given(REGISTERS, st.randoms(), INSTANTS)
def test_the_order_of_the_rows_does_not_matter(register: list, random, at: int) -> None:
    one, other = Tree(register), Tree(random.sample(register, len(register)))
    for code in CODES:
        assert one.ancestors(code, at) == other.ancestors(code, at)
        assert one.members(code, day(0), day(DAYS)) == other.members(code, day(0), day(DAYS))
    assert one.cycles() == other.cycles()
