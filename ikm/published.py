"""What workers publish, as its readers check it; `contracts/` shows the same to readers outside.

A field that is not known is passed over: a newer worker may say more, and what it says in the known ones holds.
"""

import re
from typing import Annotated, Any, Final, NotRequired, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator, with_config
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from ikm.names import SERVICE_PATTERN, UnitCode
from ikm.position import Sequence
from ikm.published_card import (
    CONFIG,
    Card,
    Count,
    IndexCode,
    Minute,
    Moment,
    Place,
    Small,
    by_index,
    card_of,
    cards_in_each,
    check_card,
)
from ikm.window import WINDOWS

PROGRESS_KEY: Final = b"progress"
"""Key of a progress record, among the records that it speaks of."""
HEARTBEAT_MS: Final = 5_000
"""A worker writes one for each of its partitions at least this often."""
SILENT_AFTER_MS: Final = 3 * HEARTBEAT_MS
"""Who has heard nothing of a partition for this long may not take what he knows of it for the present."""

_SEQUENCE: Final = re.compile(rb'"sequence":\s*\[(\d+),\s*(\d+),\s*(\d+),\s*(\d+)\]')


def sequence_of(value: bytes | None) -> Sequence | None:
    """The sequence of a published figure or bucket, without reading the rest; None where there is none."""
    said = _SEQUENCE.search(value or b"")
    return None if said is None else Sequence(*map(int, said.groups()))


@with_config(CONFIG)
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
WindowValue.__pydantic_config__ = CONFIG  # type: ignore[attr-defined]


def _all_windows(windows: dict[str, WindowValue]) -> dict[str, WindowValue]:
    if not windows.keys() >= WINDOWS.keys():
        raise ValueError(f"windows are {', '.join(windows)}, not {', '.join(WINDOWS)}")
    return windows


def _say_windows(schema: dict[str, Any]) -> None:
    each = schema.pop("additionalProperties")
    schema |= {"properties": dict.fromkeys(WINDOWS, each), "required": [*WINDOWS]}


class Bucket(BaseModel):
    """One hour of one service of a unit in one index; absolute, never a difference."""

    model_config = ConfigDict(**CONFIG, json_schema_extra=by_index("scorecard", card_of))

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
        check_card(self.index, self.scorecard)
        return self


@with_config(ConfigDict(**CONFIG, json_schema_extra=by_index("windows", cards_in_each)))
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
FrameRecord.__pydantic_config__ = ConfigDict(**CONFIG, json_schema_extra=by_index("scorecard", card_of))  # type: ignore[attr-defined]
FrameRecord.__doc__ = "What the public sees of a unit's elements in a calendar span, from this record on."


class ProgressRecord(BaseModel):
    """All of a source partition below `next_offset` is in what stands before this record in its partition."""

    model_config = CONFIG

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
        check_card(found["index"], window["scorecard"])
        frame = window.get("frame")
        if frame is not None:
            check_card(found["index"], frame)
    return found


def parse_frame(value: bytes) -> FrameRecord:
    """Reads and checks a record of `frames.v1`.

    Raises:
        ValueError: it is none; the message says what is wrong.
    """
    found = _frame.validate_json(value)
    check_card(found["index"], found["scorecard"])
    return found
