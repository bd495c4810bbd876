"""What the public sees beside the live headline: frames, scorecards as they were at some moment.

Elements, distribution, services, channels and profile of a unit come to the public from a frame, never from the live
scorecard: whoever reads before and after one answer would hold that answer. A frame is replaced by the live scorecard
only when the two differ by at least `STEP` responses.

How many responses lie between two scorecards is judged from the scorecards alone, as the least number that explains
them (`least_difference`). So it makes no difference whether responses came, were revised, were withdrawn or aged out
of a window, how often one of them was revised, or in which process; what is read back after a restart is enough.
Counting events would not do: five revisions of one response, or four that change nothing counted and a new one, are
five events and one respondent.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import sub
from typing import Final

from ikm.figure import HIDDEN_BELOW
from ikm.scorecard import Layout, Scorecard

STEP: Final = 5
"""Two frames are the same or differ by at least so many responses."""

PUBLIC_STEPS: Final = frozenset({"month", "period"})
"""The steps of a trend that are whole periods: the public reads no other spans of time than those and the windows."""

SMALL_CELL: Final = 5
"""A cell with fewer responses is never shown."""


def least_difference(layout: Layout, one: Scorecard, other: Scorecard) -> int:
    """The least number of responses by which two sets with these scorecards differ.

    One response that is in one set only, or in both with other answers, moves n by at most one, and at most one answer
    into and one out of the histogram of each item.
    """
    moved = list(map(sub, other.histogram, one.histogram))
    items = (moved[cells] for cells in layout.cells.values())
    least: int = max((sum(map(abs, item)) + abs(sum(item))) // 2 for item in items)
    return max(least, abs(one.n - other.n))


def near(layout: Layout, one: Scorecard, other: Scorecard) -> bool:
    """Whether fewer than `STEP` responses may lie between two scorecards: then not both may be seen."""
    return abs(one.n - other.n) < STEP and least_difference(layout, one, other) < STEP


def stand_in(layout: Layout, card: Scorecard, frames: Iterable[Scorecard]) -> Scorecard | None:
    """The first of the frames already seen that is near a scorecard: it is shown in the scorecard's place."""
    return next((frame for frame in frames if near(layout, frame, card)), None)


def next_frames(layout: Layout, held: Sequence[int], cards: Sequence[int]) -> Sequence[int]:
    """The public frames of a unit's windows after these live scorecards.

    Where a window's live scorecard is no longer near its frame, a frame of another window that is near stands in, or
    else the live scorecard becomes the frame. So any two frames before and after, of the same window or of two, are
    the same or `STEP` apart: one window minus another tells as much as one moment minus another. Scorecards that are
    hidden from the public never become frames: consecutive frames are consecutive in what was seen.

    Args:
        layout: Of the index.
        held: The frames so far, packed, by window from the shortest to the longest; 0 where there was none.
        cards: The live scorecards, likewise.

    Returns:
        The frames from now on, as `held`.
    """
    known = [(layout.n(frame), frame) for frame in held]
    taken: list[int] = []
    for at in range(len(cards) - 1, -1, -1):
        card, frame = cards[at], held[at]
        n = layout.n(card)
        if card != frame and n >= HIDDEN_BELOW:
            near_by = _first_near(layout, (known[at], *known), n, card)
            frame = card if near_by is None else near_by
            if near_by is None:
                known.append((n, card))
        taken.append(frame)
    return taken[::-1]


def may_show(frame_n: int, live_n: int) -> bool:
    """Whether anything of a frame may be shown: it and the live figure beside it must be open to the public."""
    return min(frame_n, live_n) >= HIDDEN_BELOW


def pooled_is_public(responses: Iterable[int]) -> bool:
    """Whether a pooled figure may be public: its hidden units hold no response or `HIDDEN_BELOW` together.

    Otherwise the pool minus the units that are shown would be a figure that must not be shown.

    Args:
        responses: n of each unit in the pool.
    """
    hidden = sum(n for n in responses if n < HIDDEN_BELOW)
    return hidden == 0 or hidden >= HIDDEN_BELOW


def hide_small_cells(cells: Mapping[str, int], below: int = SMALL_CELL) -> dict[str, int | None]:
    """The cells of one kind as the public sees them: None where there are too few responses.

    Cells of fewer than `below` are hidden, but not empty ones. If what is hidden comes to fewer than that together, the
    smallest cell beside them (the first of several) is hidden too, or the total minus the others would tell it.
    """
    hidden = {name for name, n in cells.items() if 0 < n < below}
    if 0 < sum(cells[name] for name in hidden) < below:
        others = [name for name, n in cells.items() if n >= below]
        hidden |= {min(others, key=lambda name: cells[name])} if others else set()
    return {name: None if name in hidden else n for name, n in cells.items()}


def _first_near(layout: Layout, known: Iterable[tuple[int, int]], n: int, card: int) -> int | None:
    """The first of packed scorecards, each with its n, that is `near` one; of a busy unit's none is, by n alone."""
    for known_n, frame in known:
        if -STEP < known_n - n < STEP and (
            frame == card or near(layout, _unpacked(layout, frame), _unpacked(layout, card))
        ):
            return frame
    return None


@lru_cache(maxsize=4096)
def _unpacked(layout: Layout, packed: int) -> Scorecard:
    return layout.unpack(packed)
