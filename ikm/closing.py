"""The closing of a period: when it happens, and the figure that it freezes.

A closing is a fact on the log. Number 0 freezes what a unit had in a period; the first one in the log wins. Greater
numbers correct it. Whatever arrives later changes the live figure only.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError, model_validator

from ikm.errors import Refused
from ikm.faults import faults_of
from ikm.figure import Figure, Headline, figure, tier
from ikm.index import INDICES
from ikm.names import SourceName, UnitCode
from ikm.period import Period, period_of
from ikm.position import RULES_VERSION, Position
from ikm.registry import Label, Unit
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import MS_PER_MINUTE, midnight_ms, parse_rfc3339, rfc3339_minute, rfc3339_ms

_MINUTES_PER_DAY: Final = 24 * 60
_FIGURE: Final = TypeAdapter(Figure)

Scope = Literal["self", "pooled", "mean"]
Count = Annotated[int, Field(ge=0, lt=2**31)]
Code = Annotated[str, Field(min_length=1, max_length=64)]


class Closing(BaseModel):
    """A frozen figure, as it travels; times are RFC 3339 in UTC.

    Attributes:
        unit: whose.
        index: which index.
        scope: whether of the unit alone or of its tree.
        period: code of the period.
        number: 0 for the closing, 1, 2, … for corrections.
        from_: first minute of the period.
        to: the minute after its last.
        closed_at: when it was closed, by the clock of who closed it.
        closed_by: `sink`, or the source whose key was used.
        reason: why it was corrected; None for number 0.
        position: of the log: the figure holds everything below it and nothing else.
        rules: version of the rules that gave the figure.
        population: people served, as known then.
        tree: the units whose responses were counted.
        watermark: greatest minute of submission among the counted responses.
        scorecard: of the index, in the form that travels.
        figure: what the scorecard gave.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    unit: UnitCode
    index: Code
    scope: Scope
    period: Code
    number: Count
    from_: str = Field(alias="from")
    to: str
    closed_at: str
    closed_by: SourceName
    reason: Label | None = None
    position: str
    rules: Count
    population: Annotated[int, Field(ge=1)] | None
    tree: tuple[UnitCode, ...]
    watermark: str | None
    scorecard: dict[str, JsonValue]
    figure: dict[str, JsonValue]

    @model_validator(mode="after")
    def _readable(self) -> Self:
        try:
            for text in (self.from_, self.to, self.closed_at, self.watermark or self.to):
                parse_rfc3339(text)
        except Refused as refused:
            raise ValueError(str(refused)) from None
        Position.decode(self.position)
        _FIGURE.validate_python(self.figure)
        return self

    @property
    def where(self) -> Position:
        """The log position that it is true at."""
        return Position.decode(self.position)

    @property
    def label(self) -> str:
        """Which closing of its unit it is, for people: `ikm 2026-S1 number 0`."""
        scope = "" if self.scope == "self" else f" {self.scope}"
        return f"{self.index} {self.period}{scope} number {self.number}"

    @property
    def said(self) -> Figure:
        """The frozen figure. It is never computed again: the rules may have changed since."""
        return _FIGURE.validate_python(self.figure)


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in a period, and up to where: `watermark` in UTC epoch minutes."""

    card: Scorecard
    watermark: int | None
    position: Position


@dataclass(frozen=True, slots=True)
class Act:
    """Who closes, when (UTC epoch ms), under which number and why."""

    by: str
    at_ms: int
    number: int = 0
    reason: str | None = None


def closing_of(
    unit: Unit, index: str, period: Period, counted: Counted, act: Act, *, scope: Scope = "self", tree: tuple[str, ...]
) -> Closing:
    """The closing that freezes what was counted.

    Args:
        unit: in the version that is in force.
        index: its code.
        period: of the unit's calendar.
        counted: what the responses of `tree` come to in [from, to).
        act: who closes.
        scope: of the unit alone or of its tree.
        tree: codes of the units that were counted.
    """
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
        population=unit.population,
        tree=tree,
        watermark=None if counted.watermark is None else rfc3339_minute(counted.watermark),
        scorecard=LAYOUTS[index].to_json(counted.card),
        figure=_figure_json(index, counted.card),
    )


def is_consistent(closing: Closing) -> bool:
    """Whether its figure is what its scorecard gives; by present rules, so only for what was closed under them."""
    if closing.index not in INDICES:
        return False
    try:
        card = LAYOUTS[closing.index].from_json(closing.scorecard)
        return closing.figure == _figure_json(closing.index, card)
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
        return False


def closes_at_ms(unit: Unit, period: Period) -> int:
    """When a period closes by itself, UTC epoch ms: whole days after its local end (no zone here has summer time)."""
    return (period.to_minute + _MINUTES_PER_DAY * unit.grace_days(period.code)) * MS_PER_MINUTE


def has_ended(period: Period, now_ms: int) -> bool:
    """Whether it is over in the zone that it was read in."""
    return now_ms >= period.to_minute * MS_PER_MINUTE


def due_periods(unit: Unit, now_ms: int, known_ms: int, answered: Iterable[int]) -> list[Period]:
    """The periods of a unit that close by themselves at a time, whether or not they are closed already.

    Its last one whose days of grace are over, unless the unit itself was gone before it began, every earlier one in
    which it has a response, and those of its own. A unit that was first known after a period's end is not closed for
    it: what is imported of old years is nobody's official figure here.

    Args:
        unit: in the version that is in force: its kind of period and its zone decide.
        now_ms: UTC epoch ms.
        known_ms: since when the unit is known, UTC epoch ms.
        answered: UTC epoch minutes; one in each month that has a response will do.

    Returns:
        The oldest first.
    """
    found = {period_of(unit.period, minute, unit.zone) for minute in answered}
    found |= {own.in_zone(unit.zone) for own in unit.periods or ()}
    last = _last_closable(unit, now_ms)
    if unit.valid_to is None or midnight_ms(unit.valid_to, unit.zone) > last.from_minute * MS_PER_MINUTE:
        found.add(last)
    due = (p for p in found if closes_at_ms(unit, p) <= now_ms and known_ms < p.to_minute * MS_PER_MINUTE)
    return sorted(due, key=lambda period: period.from_minute)


def _last_closable(unit: Unit, now_ms: int) -> Period:
    period = period_of(unit.period, now_ms // MS_PER_MINUTE, unit.zone)
    while closes_at_ms(unit, period) > now_ms:
        period = period_of(unit.period, period.from_minute - 1, unit.zone)
    return period


def late(live: Headline, frozen: Headline) -> dict[str, Any]:
    """What came after the freeze: live minus frozen, `{"n", "value"}`.

    Of responses added and withdrawn only the difference is known, so n may be negative, and 0 though answers were
    revised. Value has two decimals, on the scale of the index; None where either has no value.
    """
    if live.value is None or frozen.value is None:
        return {"n": live.n - frozen.n, "value": None}
    hundredths = round(100 * live.value) - round(100 * frozen.value)
    return {"n": live.n - frozen.n, "value": hundredths / 100}


def may_show_late(live: Headline, frozen: Headline) -> bool:
    """Whether the public may see it: not where it would tell the numbers of a figure that is hidden."""
    return "tertutup" not in {tier(live.n, None), tier(frozen.n, None)}


class Correction(BaseModel):
    """Why a closed period is published again."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    reason: Label


def parse_correction(value: Any) -> Correction:
    """Reads the body of a correction.

    Raises:
        Refused: with one fault per problem.
    """
    try:
        return Correction.model_validate(value)
    except ValidationError as error:
        raise Refused(faults_of(error)) from None


def _figure_json(index: str, card: Scorecard) -> dict[str, Any]:
    """A figure as it travels: lists instead of tuples."""
    found: dict[str, Any] = TypeAdapter(dict[str, Any]).dump_python(asdict(figure(INDICES[index], card)), mode="json")
    return found
