import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.position import Position, Sequence

OFFSETS = st.dictionaries(st.integers(0, 2**31), st.integers(0, 2**63 - 1), max_size=20)
POSITIONS = st.builds(Position, st.integers(0, 2**63 - 1), OFFSETS)
SEQUENCES = st.builds(Sequence, *(st.integers(0, 2**63 - 1) for _ in range(4)))


@given(POSITIONS)
def test_a_position_travels_as_url_safe_text(position):
    assert Position.decode(position.encode()) == position
    assert re.fullmatch(r"[A-Za-z0-9_-]+", position.encode())


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{0,40}"))
def test_any_text_is_a_position_or_a_value_error(text):
    with suppress(ValueError):
        position = Position.decode(text)
        assert Position.decode(position.encode()) == position


@pytest.mark.parametrize("text", ["", "abc", "MTIz=x", "é", "MTIzOzE", "a" * 200_000])
def test_what_is_no_position(text):
    with pytest.raises(ValueError, match="not a position"):
        Position.decode(text)


@given(st.integers(1, 9), OFFSETS, OFFSETS)
def test_merging_keeps_the_later_place_of_each_partition(log, one, other):
    merged = Position(log, one).merge(Position(log, other))
    assert merged == Position(log, other).merge(Position(log, one))
    assert dict(merged.offsets) == {p: max(one.get(p, 0), other.get(p, 0)) for p in one.keys() | other.keys()}


def test_positions_of_two_logs_do_not_merge():
    with pytest.raises(ValueError, match="two logs"):
        Position(1, {}).merge(Position(2, {}))


@given(SEQUENCES, SEQUENCES)
def test_a_sequence_travels_as_text_and_compares_left_to_right(one, other):
    assert Sequence.parse(one.text()) == one
    assert (one < other) is (tuple(one) < tuple(other))


@pytest.mark.parametrize("text", ["", "1.2.3", "1.2.3.4.5", "1.2.3.x", "-1.2.3.4", "1.2.3.٤", "1.2.3.4\n"])
def test_what_is_no_sequence(text):
    with pytest.raises(ValueError, match="not a sequence"):
        Sequence.parse(text)
