"""Scorecards for tests, made the slow and plain way."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from ikm.scorecard import LAYOUTS, Scorecard

from .samples import ITEMS

SEKADAU = Path(__file__).parents[2] / "producers" / "samples" / "sekadau_2019_s1.csv"


LAYOUT = LAYOUTS["ikm"]
EMPTY = LAYOUT.empty


def one(scores: Sequence[int]) -> Scorecard:
    """The scorecard of one respondent: nine scores, 0 for a question that was skipped."""
    card = LAYOUT.of(dict(zip(ITEMS, scores, strict=True)))
    assert card is not None
    return card


def card_of(rows: Iterable[Sequence[int]]) -> Scorecard:
    """The scorecard of some respondents: nine scores each, 0 for a question that was skipped."""
    card = EMPTY
    for row in rows:
        card = card.add(one(row))
    return card


def card_with(n: int, total: int) -> Scorecard:
    """A scorecard of n respondents who answered everything, with a given sum of all 9n scores."""
    per_element, over = divmod(total, 9)
    histogram: list[int] = []
    for at in range(9):
        low, high = divmod(per_element + (at < over), n)
        cells = [0, 0, 0, 0]
        cells[low - 1] = n - high
        if high:
            cells[low] = high
        histogram += cells
    return Scorecard(n, 2520 * total // 9, 0, tuple(histogram))


def sekadau() -> list[list[int]]:
    """The 49 real respondents."""
    with SEKADAU.open(encoding="utf-8", newline="") as file:
        return [[int(row[f"u{u}"]) for u in range(1, 10)] for row in csv.DictReader(file)]
