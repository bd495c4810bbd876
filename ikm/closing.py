"""The closing of a period: the figure that it freezes.

A closing is a fact on the log. Number 0 freezes what a unit had in a period; the first one in the log wins. Greater
numbers correct it. Whatever arrives later changes the live figure only.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError, model_validator

from ikm.errors import Refused
from ikm.faults import faults_of
from ikm.figure import Figure, Headline, tier
from ikm.members import Spans
from ikm.names import SourceName, UnitCode
from ikm.position import Position
from ikm.registry import Label
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import MS_PER_MINUTE, parse_rfc3339

_FIGURE: Final = TypeAdapter(Figure)

Scope = Literal["self", "pooled", "mean"]
SCOPES: Final[tuple[Scope, ...]] = ("self", "pooled", "mean")
Count = Annotated[int, Field(ge=0, lt=2**31)]
Code = Annotated[str, Field(min_length=1, max_length=64)]


class Closing(BaseModel):
    """A frozen figure, as it travels; times are RFC 3339 in UTC.

    Attributes:
        unit: whose.
        index: which index.
        scope: of the unit alone, of all respondents of its tree, or the mean of the tree's units.
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
        tree: the units whose responses were counted, the unit itself first.
        watermark: greatest minute of submission among the counted responses.
        scorecard: of the index, in the form that travels; of a tree it also has `units`, the scorecard of each unit
            that has responses, and `spans`, `[[from, to], …]` of each unit that counted for a part of the period only.
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
        """Which closing of its unit it is, for people: `ikm 2026-S1 pooled number 0`."""
        return label_of(self.index, self.period, self.scope, self.number)

    @property
    def responses(self) -> Mapping[str, int]:
        """How many responses each unit of the tree had."""
        if self.scope == "self":
            return {self.unit: self.said.n}
        units: Any = self.scorecard["units"]
        return {code: units[code]["n"] if code in units else 0 for code in self.tree}

    @property
    def cards(self) -> Mapping[str, Scorecard]:
        """What each unit of the tree contributed, as it was frozen."""
        layout = LAYOUTS[self.index]
        if self.scope == "self":
            return {self.unit: layout.from_json(self.scorecard)}
        units: Any = self.scorecard["units"]
        return {code: layout.from_json(units[code]) if code in units else layout.empty for code in self.tree}

    @property
    def spans(self) -> Mapping[str, Spans]:
        """Over which minutes each unit of the tree counted."""
        whole = ((_minute(self.from_), _minute(self.to)),)
        said: Any = self.scorecard.get("spans", {})
        partly = {code: tuple((_minute(start), _minute(end)) for start, end in said[code]) for code in said}
        return {code: partly.get(code, whole) for code in self.tree}

    @property
    def said(self) -> Figure:
        """The frozen figure. It is never computed again: the rules may have changed since."""
        return _FIGURE.validate_python(self.figure)


def label_of(index: str, period: str, scope: str, number: int) -> str:
    """Which closing of its unit it is, for people; scope self is not named."""
    return " ".join((index, period, *([] if scope == "self" else [scope]), f"number {number}"))


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


def _minute(text: str) -> int:
    return parse_rfc3339(text) // MS_PER_MINUTE
