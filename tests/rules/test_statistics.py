from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.statistics import Sample, Z, sample_progress, sample_size, t_quantile, wilson

T_TABLE = {
    1: 12.706204736,
    2: 4.302652730,
    3: 3.182446305,
    4: 2.776445105,
    5: 2.570581836,
    9: 2.262157163,
    10: 2.228138852,
    20: 2.085963447,
    29: 2.045229642,
    30: 2.042272456,
    60: 2.000297822,
    100: 1.983971519,
}

# Cells of the table of Krejcie and Morgan (1970).
SAMPLES = {10: 10, 15: 14, 20: 19, 50: 44, 100: 80, 150: 108, 200: 132, 300: 169, 400: 196, 500: 217, 700: 248,
           1000: 278, 1200: 291, 2000: 322, 3000: 341, 5000: 357, 10_000: 370, 50_000: 381, 75_000: 382,
           1_000_000: 384}  # fmt: skip


@pytest.mark.parametrize(("df", "expected"), T_TABLE.items())
def test_students_t_to_nine_digits(df, expected):
    assert t_quantile(df) == pytest.approx(expected, abs=1e-9)


def test_students_t_falls_smoothly_to_the_normal_quantile():
    values = [t_quantile(df) for df in range(1, 500)]
    steps = [one - other for one, other in pairwise(values)]
    assert all(one > other > 0 for one, other in pairwise(steps))
    assert t_quantile(10**6) == pytest.approx(1.959966, abs=1e-6)
    assert t_quantile(10**15) == pytest.approx(Z, abs=1e-6)


def test_students_t_needs_a_degree_of_freedom():
    with pytest.raises(ValueError, match="degree"):
        t_quantile(0)


@pytest.mark.parametrize(("population", "expected"), SAMPLES.items())
def test_sample_sizes_of_the_printed_table(population, expected):
    assert sample_size(population) == expected


@given(st.integers(1, 10**12), st.integers(0, 10**6))
def test_a_share_is_1_only_when_the_sample_is_met(population, n):
    sample = sample_progress(population, n)
    assert sample.needed == sample_size(population)
    assert 0 <= sample.share <= min(1, n / sample.needed)
    assert (sample.share == 1) is (n >= sample.needed)


def test_a_share_is_rounded_down():
    assert sample_progress(100, 79) == Sample(80, 0.9875)
    assert sample_progress(1_000_000, 383) == Sample(384, 0.9973)


@pytest.mark.parametrize(("y", "n"), [(0.0, 1), (1.0, 1), (0.5, 9), (0.72, 40)])
def test_the_wilson_form_solves_its_equation(y, n):
    for bound in wilson(y, n):
        assert abs(y - bound) == pytest.approx(Z * sqrt(max(0.0, bound * (1 - bound)) / n), abs=1e-9)
