"""The bodies that the API answers, for its contract; tests hold what is answered against them."""

from dataclasses import dataclass
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from ikm.figure import ElementFigure, LineFigure, Tier
from ikm.published_card import IndexCode, Minute, Moment
from ikm.published_cells import Kind
from ikm.registry import Unit
from ikm.statistics import Sample
from ikm.window import WINDOWS

Hidden = "null where the public must not see it"
WindowCode = Annotated[str, Field(json_schema_extra={"enum": [*WINDOWS]})]


class Late(TypedDict):
    """What came after a period was frozen."""

    n: int
    value: float | None


class Aim(TypedDict):
    """What the register aims at in a period: answers, a value, or both."""

    n: int | None
    value: float | None


@dataclass(frozen=True, slots=True)
class ElementBody(ElementFigure):
    """An element; `distribution` is how often each score was given, lowest first, where one item feeds it."""

    distribution: list[int] | None = None


IndexBody = TypedDict(  # `from` is no name that a class body may have
    "IndexBody",
    {
        "unit": str,
        "index": IndexCode,
        "window": NotRequired[WindowCode],
        "period": NotRequired[str],
        "status": NotRequired[Annotated[Literal["berjalan", "beku"], Field(description="of a period: live or frozen")]],
        "number": NotRequired[Annotated[int | None, Field(description="of the frozen version")]],
        "frozen_at": NotRequired[Moment | None],
        "late": NotRequired[Annotated[Late | None, Field(description="live minus frozen")]],
        "scope": NotRequired[str],
        "units": NotRequired[int],
        "units_empty": NotRequired[int],
        "from": Minute,
        "to": Minute,
        "n": Annotated[int | None, Field(description=f"responses; {Hidden}")],
        "value": Annotated[float | None, Field(description="two decimals; null without responses")],
        "mutu": str | None,
        "kinerja": str | None,
        "complete": bool | None,
        "missing": Annotated[list[str] | None, Field(description="elements that nobody answered")],
        "tier": Tier,
        "interval": tuple[float, float] | None,
        "sample": NotRequired[Sample | None],
        "target": NotRequired[Annotated[Aim | None, Field(description="of a period, as the unit's register says")]],
        "elements": Annotated[
            list[ElementBody], Field(description="to the public those of a frame, which moves in steps")
        ],
        "elements_n": Annotated[int | None, Field(description="responses that the elements are of")],
        "reconciliation": dict[str, float] | None,
        "conversion": NotRequired[str],
        "conversions": NotRequired[dict[str, float] | None],
        "lines": NotRequired[list[LineFigure] | None],
        "as_of": Moment,
        "watermark": Minute | None,
    },
)

TrendItem = TypedDict(
    "TrendItem",
    {
        "from": Minute,
        "to": Minute,
        "period": str | None,
        "n": Annotated[int | None, Field(description=Hidden)],
        "value": float | None,
        "mutu": str | None,
        "tier": Tier,
        "interval": tuple[float, float] | None,
    },
)


class TrendBody(TypedDict):
    """Steps of a unit's own calendar, one after the other, also those without an answer."""

    unit: str
    index: IndexCode
    scope: str
    by: str
    as_of: Moment
    position: str
    items: list[TrendItem]


class CellItem(TypedDict):
    """One cell: a service, a channel, or an answer to a question of the profile."""

    cell: Annotated[str | None, Field(description="its code; null for those who did not say")]
    name: str
    n: Annotated[int | None, Field(description=f"responses; {Hidden}")]
    value: Annotated[float | None, Field(description=f"null without responses too; {Hidden}")]
    mutu: str | None
    tier: Tier
    interval: tuple[float, float] | None


CellsBody = TypedDict(
    "CellsBody",
    {
        "unit": str,
        "index": IndexCode,
        "by": Kind,
        "scope": str,
        "window": NotRequired[WindowCode],
        "period": NotRequired[str],
        "from": Minute,
        "to": Minute,
        "as_of": Moment,
        "position": str,
        "items": list[CellItem],
    },
)


class UnitsPage(TypedDict):
    """Units in the order of their codes."""

    items: list[Unit]
    next: Annotated[str | None, Field(description="the next page's `cursor`")]


class ReplayBody(TypedDict):
    """A replay that was asked for."""

    replay: int


class ReplayStatus(TypedDict):
    """Numbers of the last replay asked for and of those carried out."""

    requested: int
    workers: int
    store: int
    done: bool


class LiveBody(TypedDict):
    """The process answers."""

    status: str


class ReadyBody(TypedDict):
    """All is well."""

    status: str
    lag: Annotated[int, Field(description="records of the log that the figures do not hold yet")]
    heard: Annotated[Moment | None, Field(description="the last sign of life of the most silent partition")]
