"""Intervals and samples, with the standard library alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import atan, cos, exp, lgamma, log1p, pi, sin, sqrt
from typing import Final

Z: Final = 1.959964
"""The normal quantile of a two-sided 95 % interval, as it is printed and as the Wilson form takes it."""

_CONFIDENCE: Final = 0.95
_EXACT_Z: Final = 1.959963984540054
_SERIES_BELOW: Final = 200
_TOLERANCE: Final = 1e-13


def t_quantile(df: int) -> float:
    """The 0.975 quantile of Student's t, accurate to 1e-9.

    Args:
        df: Degrees of freedom, at least 1.

    Raises:
        ValueError: There are no degrees of freedom.
    """
    if df < 1:
        raise ValueError(f"Student's t needs at least 1 degree of freedom, not {df}")
    return _from_series(df) if df < _SERIES_BELOW else _expanded(df)


def t_terms() -> Iterator[tuple[int, float, float, float, float, float]]:
    """What a quantile is made of: (df, t, g1, g2, g3, g4), of which the greatest df that is not above one's own holds.

    The quantile is t + (g1 + (g2 + (g3 + g4 / df) / df) / df) / df, in this order, in double precision.
    """
    for df in range(1, _SERIES_BELOW):
        yield df, _from_series(df), 0.0, 0.0, 0.0, 0.0
    yield _SERIES_BELOW, *_EXPANSION


def _terms(z: float) -> tuple[float, float, float, float, float]:
    """Fisher's expansion about the normal quantile; its error is below 1e-10 from 200 degrees of freedom on.

    Source: Abramowitz and Stegun, 26.7.5.
    """
    z2 = z * z
    g1 = z * (z2 + 1) / 4
    g2 = z * ((5 * z2 + 16) * z2 + 3) / 96
    g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384
    g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92_160
    return z, g1, g2, g3, g4


_EXPANSION: Final = _terms(_EXACT_Z)


def _expanded(df: int) -> float:
    t, g1, g2, g3, g4 = _EXPANSION
    v = float(df)
    return t + (g1 + (g2 + (g3 + g4 / v) / v) / v) / v


@lru_cache(maxsize=_SERIES_BELOW)
def _from_series(df: int) -> float:
    """Newton's method on the finite series; from below it rises to the root, because the curve is concave."""
    t = _EXACT_Z
    density = exp(lgamma((df + 1) / 2) - lgamma(df / 2)) / sqrt(df * pi)
    while True:
        slope = 2 * density * exp(-(df + 1) / 2 * log1p(t * t / df))
        step = (_CONFIDENCE - _within(t, df)) / slope
        t += step
        if abs(step) < _TOLERANCE * t:
            return t


def _within(t: float, df: int) -> float:
    """Probability that |T| <= t: the finite series of Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    angle = atan(t / sqrt(df))
    cosine = cos(angle)
    odd = df % 2
    term = cosine if odd else 1.0
    total = term if df > 1 else 0.0
    for k in range(3 if odd else 2, df - 1, 2):
        term *= cosine * cosine * (k - 1) / k
        total += term
    return (angle + sin(angle) * total) * 2 / pi if odd else sin(angle) * total


def wilson(y: float, n: int) -> tuple[float, float]:
    """The Wilson form of an interval for a mean that is bounded by 0 and 1 (95 %).

    Args:
        y: The mean, 0..1.
        n: How many it is the mean of, at least 1.

    Returns:
        Lower and upper bound.
    """
    z2 = Z * Z
    shrink = 1 + z2 / n
    centre = (y + z2 / (2 * n)) / shrink
    half = Z / shrink * sqrt(y * (1 - y) / n + z2 / (4 * n * n))
    return centre - half, centre + half


SPREAD: Final = 96_025
"""3.841·0.25 of the sample's formula, times 100,000 to stay in integers."""
PRECISION: Final = 250
"""0.05² of it, likewise."""


def sample_size(population: int) -> int:
    """Answers that a population needs, rounded to nearest (Krejcie and Morgan, as the regulation prints it).

    s = 3.841·N·0.25 / (0.05²·(N-1) + 3.841·0.25).
    """
    above, below = SPREAD * population, PRECISION * (population - 1) + SPREAD
    return (2 * above + below) // (2 * below)


@dataclass(frozen=True, slots=True)
class Sample:
    """How far a sample has come.

    Attributes:
        needed: answers that the population needs.
        share: of them that are there, 0..1, rounded down to four decimals: 1 only when all are.
    """

    needed: int
    share: float


def sample_progress(population: int, n: int) -> Sample:
    """How far `n` answers have come towards the sample of a population."""
    needed = sample_size(population)
    return Sample(needed, min(10_000 * n // needed, 10_000) / 10_000)
