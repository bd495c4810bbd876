"""Freezes a figure: makes a closing of what was counted, and says whether one holds together."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from pydantic import TypeAdapter

from ikm.closing import Closing, Scope
from ikm.errors import Refused
from ikm.figure import figure, mean_figure
from ikm.index import INDICES
from ikm.members import Members, population_of
from ikm.period import Period
from ikm.position import RULES_VERSION, Position
from ikm.registry import Unit
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import rfc3339_minute, rfc3339_ms


@dataclass(frozen=True, slots=True)
class Share:
    """What one unit counted, and its greatest minute of submission, UTC epoch minutes."""

    card: Scorecard
    watermark: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in a period, by code of each unit that has responses, and up to where on the log."""

    shares: Mapping[str, Share]
    position: Position

    def of(self, unit: str, partition: int) -> Self:
        """What one unit counted, which lives in one partition."""
        shares = {code: share for code, share in self.shares.items() if code == unit}
        position = Position(self.position.log, {partition: self.position.offsets[partition]})
        return type(self)(shares, position)


@dataclass(frozen=True, slots=True)
class Act:
    """Who closes, when (UTC epoch ms), under which number and why."""

    by: str
    at_ms: int
    number: int = 0
    reason: str | None = None


def closing_of(
    unit: Unit, index: str, period: Period, counted: Counted, act: Act, *, members: Members, scope: Scope = "self"
) -> Closing:
    """The closing that freezes what was counted.

    Args:
        unit: in the version that is in force.
        index: its code.
        period: of the unit's calendar.
        counted: what the responses of `members` come to.
        act: who closes.
        members: the units that count; the unit alone for scope self.
        scope: what the figure is of.
    """
    shares, layout = counted.shares, LAYOUTS[index]
    cards = {code: shares[code].card if code in shares else layout.empty for code in members}
    people = ((member.population, cards[code].n) for code, member in members.items())
    return Closing(
        unit=unit.code,
        index=index,
        scope=scope,
        period=period.code,
        number=act.number,
        from_=rfc3339_minute(period.from_minute),
        to=rfc3339_minute(period.to_minute),
        closed_at=rfc3339_ms(act.at_ms),
        closed_by=act.by,
        reason=act.reason,
        position=counted.position.encode(),
        rules=RULES_VERSION,
        population=unit.population if scope == "self" else population_of(people),
        tree=tuple(members),
        watermark=max((rfc3339_minute(share.watermark) for share in shares.values()), default=None),
        scorecard=_scorecard_json(index, period, members, cards, scope),
        figure=_figure_json(index, cards, scope),
    )


def is_consistent(closing: Closing) -> bool:
    """Whether its figure is what its scorecard gives; by present rules, so only for what was closed under them."""
    if closing.index not in INDICES:
        return False
    try:
        cards, layout, said = closing.cards, LAYOUTS[closing.index], dict[str, Any](closing.scorecard)
        named = {*said.get("units", ()), *said.get("spans", ())}
        return (
            closing.spans.keys() == cards.keys() >= named
            and layout.from_json(closing.scorecard) == layout.total(cards.values())
            and closing.figure == _figure_json(closing.index, cards, closing.scope)
        )
    except (Refused, AttributeError, KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
        return False


def _scorecard_json(
    index: str, period: Period, members: Members, cards: Mapping[str, Scorecard], scope: Scope
) -> dict[str, Any]:
    layout, whole = LAYOUTS[index], ((period.from_minute, period.to_minute),)
    found = layout.to_json(layout.total(cards.values()))
    if scope == "self":
        return found
    spans = {
        code: [[rfc3339_minute(start), rfc3339_minute(end)] for start, end in member.spans]
        for code, member in members.items()
        if member.spans != whole
    }
    return found | {"units": {code: layout.to_json(card) for code, card in cards.items() if card.n}, "spans": spans}


def _figure_json(index: str, cards: Mapping[str, Scorecard], scope: Scope) -> dict[str, Any]:
    """A figure as it travels: lists instead of tuples."""
    whole, parts = INDICES[index], cards.values()
    made = mean_figure(whole, parts) if scope == "mean" else figure(whole, LAYOUTS[index].total(parts))
    found: dict[str, Any] = TypeAdapter(dict[str, Any]).dump_python(asdict(made), mode="json")
    return found
