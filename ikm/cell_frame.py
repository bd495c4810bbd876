"""What the public sees of cells: a table of frames, one for each cell, that moves in steps.

Cells are small, and whoever sees a cell before and after one answer holds that answer. So what is shown is a function
of a table that was taken at some moment, and a next table is taken only when (`next_table`)

- some cell has at least `STEP` responses of difference to what is known of it; only such cells are shown anew;
- the others together have none, or at least `STEP`: the total is public and live, and it minus the cells that are
  shown anew would tell what moved in the rest.

Cells of fewer than `SMALL_CELL` responses are not shown, and neither is one that the total minus the others would tell;
the same with `HIDDEN_BELOW` for a cell's figure. Which ones those are is part of the table.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from typing import Final

from ikm.figure import HIDDEN_BELOW
from ikm.frame import SMALL_CELL, hide_small_cells, near, stand_in
from ikm.scorecard import Layout, Scorecard


class Open(IntEnum):
    """How much of a cell is shown."""

    NOTHING = 0
    COUNT = 1
    FIGURE = 2


@dataclass(frozen=True, slots=True)
class CellFrame:
    """A cell of a table.

    Attributes:
        known: what later responses are counted against: what is shown, or of a hidden cell what it was when it was
            hidden.
        seen: what was shown of it last, also while it is hidden; None if nothing ever was.
        open: how much of it is shown.
    """

    known: Scorecard
    seen: Scorecard | None
    open: Open


Table = Mapping[str, CellFrame]
Cards = Mapping[str, Scorecard]
NO_TABLE: Final[Table] = {}


def next_table(layout: Layout, held: Table, live: Cards, elsewhere: Callable[[str], Iterable[Scorecard]]) -> Table:
    """The table from now on; the one that is held while it may not move.

    Args:
        layout: of the index.
        held: the last table; empty before the first.
        live: the scorecard of each cell with a response.
        elsewhere: of a cell, what is shown of it for other spans of time: where that is near it stands in, for both
            may be read.
    """
    cards = {cell: live.get(cell, layout.empty) for cell in {**held, **live}}
    before = {cell: held.get(cell) or CellFrame(layout.empty, None, Open.NOTHING) for cell in cards}
    anew = {cell for cell in cards if not held or not near(layout, before[cell].known, cards[cell])}
    rest = cards.keys() - anew
    known, now = (_together(layout, of) for of in ((before[c].known for c in rest), (cards[c] for c in rest)))
    if held and (not anew or (known != now and near(layout, known, now))):
        return held
    shown = {}
    for cell, card in cards.items():
        frame = before[cell]
        is_kept = frame.open and cell not in anew
        shown[cell] = frame.known if is_kept else _stand_in(layout, card, frame.seen, elsewhere(cell))
    opened = _opened({cell: min(shown[cell].n, card.n) for cell, card in cards.items()})
    return {
        cell: CellFrame(shown[cell], shown[cell], opened[cell])
        if opened[cell]
        else CellFrame(card if cell in anew else before[cell].known, before[cell].seen, Open.NOTHING)
        for cell, card in cards.items()
    }


def _stand_in(layout: Layout, card: Scorecard, seen: Scorecard | None, elsewhere: Iterable[Scorecard]) -> Scorecard:
    """What is shown of a live cell; too few responses are hidden anyway, so no card of few stands in for another."""
    known = [frame for frame in (seen, *elsewhere) if frame is not None and frame.n >= SMALL_CELL]
    return stand_in(layout, card, known) or card


def _together(layout: Layout, cards: Iterable[Scorecard]) -> Scorecard:
    return reduce(Scorecard.add, cards, layout.empty)


def _opened(responses: Mapping[str, int]) -> dict[str, Open]:
    counts, figures = hide_small_cells(responses), hide_small_cells(responses, HIDDEN_BELOW)
    return {
        cell: Open.NOTHING if counts[cell] is None else Open.COUNT if figures[cell] is None else Open.FIGURE
        for cell in responses
    }
