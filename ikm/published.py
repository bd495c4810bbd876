"""What workers publish, as its readers check it; `contracts/` shows the same to readers outside.

A field that is not known is passed over: a newer worker may say more, and what it says in the known ones holds.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Annotated, Any, Final, NotRequired, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator, with_config
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from ikm.errors import Refused
from ikm.index import INDICES
from ikm.names import SERVICE_PATTERN, UnitCode
from ikm.scorecard import LAYOUTS
from ikm.times import parse_rfc3339
from ikm.window import WINDOWS

PROGRESS_KEY: Final = b"progress"
"""Key of a progress record, among the records that it speaks of."""


@lru_cache(maxsize=65_536)
def _time(text: str) -> str:
    try:
        parse_rfc3339(text)
    except Refused as refused:
        raise ValueError(str(refused)) from None
    return text


Count = Annotated[int, Field(ge=0, lt=2**63)]
Small = Annotated[int, Field(ge=0, lt=2**32)]
Minute = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:00Z$"), AfterValidator(_time)]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"), AfterValidator(_time)]
Place = Annotated[
    tuple[Count, Small, Count, Small],
    Field(
        description="[log epoch, rules version, source position, end in epoch minutes], compared left to right: "
        "of two publications the greater one is the later"
    ),
]

_CONFIG = ConfigDict(strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True)
_CELLS: Final[Mapping[str, Mapping[str, int]]] = {
    index: {item: cells.stop - cells.start for item, cells in layout.cells.items()} for index, layout in LAYOUTS.items()
}


def _known(index: str) -> str:
    if index not in INDICES:
        raise ValueError(f"index {index} is not one of {', '.join(INDICES)}")
    return index


IndexCode = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": [*INDICES]})]


@with_config(_CONFIG)
class Card(TypedDict):
    """A scorecard: the integers that every figure is made of."""

    items: dict[str, list[Count]]
    """For each item of the index, how often each of its scores was given, from the lowest on."""
    n: Count
    """Responses that answered at least one item."""
    sum_x: Count
    """Sum of x: a respondent's mean on the index's scale, as an integer in the index's unit (IKM: 1/2520)."""
    sum_xx: Count
    """Sum of x squared."""
    parts: NotRequired[list[Count]]
    """Only where several items feed one element: its counts, and shares and sums by raw scale."""


@with_config(_CONFIG)
class FigureValue(TypedDict):
    """The figure of a scorecard, in short."""

    n: Count
    """Responses."""
    value: float | None
    """The index, two decimals; null without responses."""
    mutu: str | None
    """Letter of its band; null for an index without letters."""
    kinerja: str | None
    """Name of its band."""
    complete: bool
    """Whether every element was answered by somebody."""
    missing: list[str]
    """The elements that nobody answered."""
    interval: tuple[float, float] | None
    """95 % interval, two decimals."""


WindowValue = TypedDict(  # `from` is no name that a class body may have
    "WindowValue",
    {
        "from": Minute,
        "to": Minute,
        "watermark": Minute | None,
        "scorecard": Card,
        "figure": FigureValue,
        "frame": NotRequired[
            Annotated[Card | None, Field(description="the scorecard that the public sees; null while there is none")]
        ],
    },
)
WindowValue.__pydantic_config__ = _CONFIG  # type: ignore[attr-defined]


def _all_windows(windows: dict[str, WindowValue]) -> dict[str, WindowValue]:
    if not windows.keys() >= WINDOWS.keys():
        raise ValueError(f"windows are {', '.join(windows)}, not {', '.join(WINDOWS)}")
    return windows


def _say_windows(schema: dict[str, Any]) -> None:
    each = schema.pop("additionalProperties")
    schema |= {"properties": dict.fromkeys(WINDOWS, each), "required": [*WINDOWS]}


def _check_card(index: str, card: Card) -> None:
    if {item: len(counts) for item, counts in card["items"].items()} != _CELLS[index]:
        raise ValueError(f"items must be exactly these, each with so many counts: {_CELLS[index]}")
    parts, wanted = len(card.get("parts", ())), len(LAYOUTS[index].part_fields)
    if parts != wanted:
        raise ValueError(f"parts must be {wanted} numbers, not {parts}")


def _card_of(index: str) -> dict[str, Any]:
    """What `_check_card` checks, as JSON Schema."""
    items = {item: {"minItems": count, "maxItems": count} for item, count in _CELLS[index].items()}
    parts = len(LAYOUTS[index].part_fields)
    properties = {
        "items": {"properties": items, "required": [*items], "additionalProperties": False},
        "parts": {"minItems": parts, "maxItems": parts},
    }
    return {"properties": properties, "required": ["parts"] if parts else []}


def _by_index(field: str, cards: Callable[[str], dict[str, Any]]) -> Any:
    """Says in a schema that the scorecards under a field are those of the record's index."""

    def say(schema: dict[str, Any]) -> None:
        schema["allOf"] = [
            {
                "if": {"properties": {"index": {"const": index}}},
                "then": {"properties": {field: cards(index)}},
            }
            for index in INDICES
        ]

    return say


def _cards_in_each(index: str) -> dict[str, Any]:
    card = _card_of(index)
    return {
        "additionalProperties": {"properties": {"scorecard": card, "frame": {"if": {"type": "object"}, "then": card}}}
    }


class Bucket(BaseModel):
    """One hour of one service of a unit in one index; absolute, never a difference."""

    model_config = ConfigDict(**_CONFIG, json_schema_extra=_by_index("scorecard", _card_of))

    unit: UnitCode
    index: IndexCode
    service: Annotated[str, Field(pattern=f"^$|{SERVICE_PATTERN}")]
    """Empty for responses that name none."""
    hour: Minute
    sequence: Place
    watermark: Minute | None
    """The greatest minute of submission among the counted responses."""
    scorecard: Card

    @model_validator(mode="after")
    def _as_laid_out(self) -> Self:
        _check_card(self.index, self.scorecard)
        return self


@with_config(ConfigDict(**_CONFIG, json_schema_extra=_by_index("windows", _cards_in_each)))
class IndexValue(TypedDict):
    """A unit's rolling windows in one index."""

    unit: UnitCode
    index: IndexCode
    partition: Small
    """Of the log, in which the unit's responses are."""
    sequence: Place
    windows: Annotated[dict[str, WindowValue], AfterValidator(_all_windows), Field(json_schema_extra=_say_windows)]


FrameRecord = TypedDict(  # `from` is no name that a class body may have
    "FrameRecord",
    {
        "unit": UnitCode,
        "index": IndexCode,
        "from": Minute,
        "to": Minute,
        "log": Annotated[Count, Field(description="the log's epoch")],
        "number": Annotated[Count, Field(description="which frame of the span: the first of a number holds")],
        "settled": Annotated[bool, Field(description="the frame that held of this number, said again")],
        "scorecard": Card,
    },
)
FrameRecord.__pydantic_config__ = ConfigDict(**_CONFIG, json_schema_extra=_by_index("scorecard", _card_of))  # type: ignore[attr-defined]
FrameRecord.__doc__ = "What the public sees of a unit's elements in a calendar span, from this record on."


class ProgressRecord(BaseModel):
    """All of a source partition below `next_offset` is in what stands before this record in its partition."""

    model_config = _CONFIG

    partition: Small
    next_offset: Count
    log: Count
    """The log's epoch: positions of another log say nothing."""
    replay: Count = 0
    """Number of the replay after which the worker's state was built."""
    at: Moment
    """When it was written, by the worker's wall clock."""
    to: Minute | None = None
    """The newest figure of every unit before this record is one of windows that end here; null when not of every."""


_index_value: TypeAdapter[IndexValue] = TypeAdapter(IndexValue)
_frame: TypeAdapter[FrameRecord] = TypeAdapter(FrameRecord)


def parse_index_value(value: bytes) -> IndexValue:
    """Reads and checks a figure record of `index.v1`.

    Raises:
        ValueError: it is none; the message says what is wrong.
    """
    found = _index_value.validate_json(value)
    for window in found["windows"].values():
        _check_card(found["index"], window["scorecard"])
        frame = window.get("frame")
        if frame is not None:
            _check_card(found["index"], frame)
    return found


def parse_frame(value: bytes) -> FrameRecord:
    """Reads and checks a record of `frames.v1`.

    Raises:
        ValueError: it is none; the message says what is wrong.
    """
    found = _frame.validate_json(value)
    _check_card(found["index"], found["scorecard"])
    return found
