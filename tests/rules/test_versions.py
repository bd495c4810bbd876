from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ikm.times import midnight_ms
from ikm.versions import Versions
from tests.rules.trees import DAY_MS, INSTANTS, REGISTERS, SOME_DAY_MS, unit

MIDNIGHT = SOME_DAY_MS - 7 * 3_600_000
"""The first day in WIB."""


def test_a_version_holds_from_midnight_to_midnight() -> None:
    versions = Versions([unit("a", 0, 3), unit("a", 5, name="again")])
    assert versions.at(MIDNIGHT + 3 * DAY_MS - 1).name == "a"
    assert versions.closed(MIDNIGHT + 3 * DAY_MS - 1) is None
    closed = versions.closed(MIDNIGHT + 3 * DAY_MS)
    assert closed is not None
    assert closed.valid_to is not None
    assert versions.at(MIDNIGHT + 5 * DAY_MS - 1).name == "a"
    assert versions.at(MIDNIGHT + 5 * DAY_MS).name == "again"
    assert versions.closed(MIDNIGHT + 5 * DAY_MS) is None


def test_before_the_first_version_the_first_holds() -> None:
    versions = Versions([unit("a", 0, parent="b"), unit("a", 2, parent="c")])
    assert versions.at(0).parent == "b"
    assert versions.closed(0) is None


def test_a_later_version_ends_an_open_one_and_a_change_of_zone_leaves_no_gap() -> None:
    for until in (None, 4):
        versions = Versions([unit("a", 0, until, zone="Asia/Jayapura"), unit("a", 4, zone="Asia/Jakarta")])
        begin = MIDNIGHT + 4 * DAY_MS
        assert versions.closed(begin - 1) is None
        assert versions.at(begin - 1).zone == "Asia/Jayapura"
        assert versions.at(begin).zone == "Asia/Jakarta"


def test_where_it_stands_through_time() -> None:
    versions = Versions([unit("a", 0, 2, parent="p", merged_into="b"), unit("a", 2, 3, parent="q"), unit("a", 5)])
    days = [((ms - MIDNIGHT) // DAY_MS, parent) for ms, parent in versions.parents()]
    assert days == [(0, "p"), (2, "q"), (3, None), (5, None)]
    merged = Versions([unit("a", 0, 2, parent="p", merged_into="b")])
    assert [parent for _, parent in merged.parents()] == ["p", "b"]


@given(REGISTERS.filter(bool), INSTANTS)
def test_the_parents_follow_from_version_and_closure(register: list, ms: int) -> None:
    versions = Versions([version for version in register if version.code == register[0].code])
    steps = list(versions.parents())
    assert all(before < after for (before, _), (after, _) in pairwise(steps))
    standing = [parent for start, parent in steps if start <= ms] or [steps[0][1]]
    closed = versions.closed(ms)
    assert standing[-1] == (closed.merged_into if closed else versions.at(ms).parent)


@given(REGISTERS.filter(bool), INSTANTS, st.randoms())
def test_the_order_of_the_rows_does_not_matter(register: list, ms: int, random) -> None:
    own = [version for version in register if version.code == register[0].code]
    shuffled = random.sample(own, len(own))
    assert list(Versions(own)) == list(Versions(shuffled))
    assert Versions(own).at(ms) == Versions(shuffled).at(ms)


def test_midnight_is_the_zones_own() -> None:
    day = unit("a").valid_from
    assert [midnight_ms(day, zone) for zone in ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")] == [
        MIDNIGHT, MIDNIGHT - 3_600_000, MIDNIGHT - 7_200_000,
    ]  # fmt: skip
