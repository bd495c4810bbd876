"""Offsets: only what is delivered is committed, a hole is never passed over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processors.ledger import Hole, Ledger


def test_nothing_is_committed_before_it_is_acknowledged() -> None:
    ledger = Ledger()
    ledger.start(3, 100)
    ledger.deliver(3, 100, 150)
    assert ledger.committable() == {}
    ledger.acknowledge(3, 120)
    assert ledger.committable() == {3: 120}
    ledger.commit(3, 120)
    assert ledger.committable() == {}
    assert ledger.committed(3) == 120


@pytest.mark.parametrize("first", [99, 101, 0])
def test_a_hole_or_a_repetition_is_found(first: int) -> None:
    ledger = Ledger()
    ledger.start(0, 100)
    with pytest.raises(Hole, match="expected offset 100"):
        ledger.deliver(0, first, first + 5)


def test_a_revoked_partition_is_forgotten() -> None:
    ledger = Ledger()
    ledger.start(0, 0)
    ledger.deliver(0, 0, 10)
    ledger.forget()
    ledger.acknowledge(0, 10)
    ledger.commit(0, 10)
    assert ledger.committable() == {}
    assert not ledger.reads(0)


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 60)), max_size=30))
def test_a_commit_never_runs_ahead_or_back(steps: list[tuple[int, int]]) -> None:
    ledger = Ledger()
    ledger.start(0, 0)
    delivered = last = 0
    for size, lag in steps:
        ledger.deliver(0, delivered, delivered + size)
        delivered += size
        ledger.acknowledge(0, max(0, delivered - lag))
        offset = ledger.committable().get(0, last)
        assert last <= offset <= delivered
        ledger.commit(0, offset)
        last = offset
