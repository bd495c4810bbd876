"""How SQL hides from the public what the API hides: small figures, and frames that are near others (`ikm.frame`)."""

from typing import Final

from ikm.frame import STEP

HIDDEN_FIGURE: Final = ", ".join(
    f"if(is_hidden, {instead}, f.{name}) AS {name}"
    for name, instead in {
        **dict.fromkeys(("n", "value", "mutu", "kinerja"), "NULL"),
        "tier": "'tertutup'",
        **dict.fromkeys(("lo", "hi", "watermark"), "NULL"),
    }.items()
)
"""The columns of a figure `f`, without its numbers where it `is_hidden`."""

MEAN_OF_CARDS: Final = "intDiv(e.total, greatest(e.given, 1))"
MEAN_OF_NRR: Final = "intDiv(e.total_nrr, greatest(e.given, 1))"
"""Of the cards that answered an element: of one card, that card's."""


def near(one: str, other: str) -> str:
    """Whether fewer than `STEP` responses may lie between two cards: then not both may be seen.

    Args:
        one: SQL of a tuple (n, histogram, …); (0, …) is no card, and near none.
        other: likewise. `y` is the row of `ikm.i_layout` of their index.
    """
    ones, others = (f"arraySlice(arrayResize({card}.2, y.width), start, cells)" for card in (one, other))
    moved = f"arraySum(arrayMap((a, b) -> abs(toInt64(a) - toInt64(b)), {ones}, {others}))"
    more = f"abs(toInt64(arraySum({ones})) - toInt64(arraySum({others})))"
    return (
        f"({one}.1 > 0 AND abs(toInt64({one}.1) - toInt64({other}.1)) < {STEP} "
        f"AND arrayAll((start, cells) -> {moved} + {more} < {2 * STEP}, y.starts, y.lengths))"
    )
