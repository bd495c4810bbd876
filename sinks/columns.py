"""What several tables hold in the same columns: scorecards, minutes and published numbers."""

from decimal import Decimal
from itertools import chain

from ikm.published_card import Card
from ikm.scorecard import LAYOUTS
from ikm.times import MS_PER_MINUTE, parse_rfc3339


def card_columns(index: str, card: Card) -> tuple[int, int, int, list[int], list[int]]:
    """A scorecard as it travels -> `n`, `sum_x`, `sum_xx`, `histogram`, `parts`.

    Args:
        index: its code.
        card: as `ikm.published_card.check_card` lets it pass.
    """
    items = card["items"]
    histogram = list(chain.from_iterable(items[code] for code in LAYOUTS[index].cells))
    return card["n"], card["sum_x"], card["sum_xx"], histogram, card.get("parts", [])


def seconds(text: str) -> int:
    """RFC 3339, a whole minute, as epoch seconds."""
    return parse_rfc3339(text) // MS_PER_MINUTE * 60


def hundredths(value: float | None) -> Decimal | None:
    """A number of two decimals, as it was published."""
    return None if value is None else Decimal(str(value))
