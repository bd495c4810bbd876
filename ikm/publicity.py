"""What the public may see without telling it one person's answers."""

from collections.abc import Iterable

from ikm.figure import HIDDEN_BELOW


def pooled_is_public(counts: Iterable[int]) -> bool:
    """Whether a figure over several units may be shown.

    Units with few responses are hidden. Whoever subtracts the shown units from the whole learns what the hidden ones
    have together: that must be nothing, or not few.

    Args:
        counts: Responses of each unit.
    """
    hidden = sum(n for n in counts if n < HIDDEN_BELOW)
    return hidden == 0 or hidden >= HIDDEN_BELOW
