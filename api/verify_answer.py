"""What the truth check compares of an answer about several units: its numbers, by name."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ikm.figure import figure, mean_figure
from ikm.index import Index
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import rfc3339_minute

Card = tuple[Scorecard, int]
"""With its watermark, UTC epoch seconds, 0 without answers."""

OF_WHOLE: Final = ("units", "units_empty", "watermark")
_HEADLINE: Final = ("n", "value", "mutu", "missing", "interval")
_ELEMENT: Final = ("n", "sum", "value", "low_share")


def said_of(index: Index, scope: str, cards: Mapping[str, Card], units: int) -> Mapping[str, Any]:
    """What units' scorecards come to, of so many units with or without answers."""
    some = [card for card, _ in cards.values() if card.n]
    empty = LAYOUTS[index.code].empty
    whole = mean_figure(index, [*some, empty]) if scope == "mean" else figure(index, _sum(some) if some else empty)
    watermark = max((second for _, second in cards.values()), default=0)
    of_whole = (len(some), units - len(some), rfc3339_minute(watermark // 60) if watermark else None)
    said = {name: getattr(whole, name) for name in _HEADLINE}
    elements = [{name: getattr(element, name) for name in ("code", *_ELEMENT)} for element in whole.elements]
    return flat(said, elements, dict(zip(OF_WHOLE, of_whole, strict=True)))


def _sum(cards: Sequence[Scorecard]) -> Scorecard:
    sums = (sum(column) for column in zip(*((card.n, card.sum_x, card.sum_xx) for card in cards), strict=True))
    cells = ([card.histogram for card in cards], [card.parts for card in cards])
    return Scorecard(*sums, *(tuple(map(sum, zip(*rows, strict=True))) for rows in cells))


def flat(said: Mapping[str, Any], elements: Sequence[Mapping[str, Any]], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """The numbers of an answer by name, so that those that differ can be shown."""
    found = {name: tuple(said[name]) if isinstance(said[name], list) else said[name] for name in _HEADLINE}
    return found | {f"{one['code']}.{name}": one[name] for one in elements for name in _ELEMENT} | dict(whole)
