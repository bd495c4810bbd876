from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.grid import DAYS, GRIDS, MONTHS, Grid, coarsest
from ikm.period import KINDS, period_of
from ikm.times import ZONES

HOURS = st.integers(0, 24 * 365 * 130)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def local(hour: int, zone: str) -> datetime:
    return EPOCH + timedelta(hours=hour + ZONES[zone])


@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: grid.name)
@given(hour=HOURS)
def test_an_hour_lies_in_one_piece(grid: Grid, hour: int) -> None:
    first, end = grid.piece(hour)
    assert first <= hour < end
    assert {grid.piece(each) for each in (first, hour, end - 1)} == {(first, end)}
    assert grid.piece(end)[0] == end
    assert grid.piece(first - 1)[1] == first


@given(hour=HOURS)
def test_a_piece_lies_in_one_piece_of_a_coarser_grid(hour: int) -> None:
    for finer, coarser in pairwise(GRIDS):
        first, end = finer.piece(hour)
        assert coarser.piece(first) == coarser.piece(end - 1)


@given(hour=HOURS, zone=st.sampled_from(sorted(ZONES)))
def test_pieces_are_cut_where_local_days_and_months_begin(hour: int, zone: str) -> None:
    here = local(hour, zone)
    assert (coarsest([hour]) is not None) >= (here.hour == 0)
    assert (coarsest([hour]) is MONTHS) >= (here.hour == 0 and here.day == 1)
    cuts = {(EPOCH + timedelta(hours=hour + clock)).hour for clock in (0, *ZONES.values())}
    assert (coarsest([hour]) is None) == (0 not in cuts)


@given(hour=st.integers(24 * 365 * 35, 24 * 365 * 130), zone=st.sampled_from(sorted(ZONES)))
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_period_is_a_sum_of_months(kind: str, hour: int, zone: str) -> None:
    period = period_of(kind, hour * 60, zone)
    assert coarsest([period.from_minute // 60, period.to_minute // 60]) is MONTHS


def test_the_finest_end_decides() -> None:
    new_year, noon = 24 * 365, 24 * 365 + 12
    assert coarsest([new_year, new_year + 24]) is DAYS
    assert coarsest([new_year, noon]) is None
