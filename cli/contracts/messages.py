"""Which records lie on which topic; what a record looks like is taken from the code that writes and reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_type_hints

from pydantic import create_model

from ikm import wire
from ikm.cells import KINDS
from ikm.closing import Closing
from ikm.events import MOST_REVISIONS, EventType, Response, Withdrawal
from ikm.index import INDICES
from ikm.names import SERVICE_PATTERN, UNIT_PATTERN
from ikm.published import PROGRESS_KEY, Bucket, FrameRecord, IndexValue, ProgressRecord
from ikm.published_cells import CellsRecord
from ikm.registry import Unit
from ikm.rejection import Reason
from runtime.samples import OpsRecord
from runtime.schemas import Schema, inline_schema_of, schema_of
from runtime.topics import CELLS, FRAMES, INDEX, OPS, PAGES, PERIODS, REJECTED, RESPONSES, SCORECARDS, UNITS
from stream_processors.marker import MARKER_KEY, Marker

_UNIT, _SERVICE = UNIT_PATTERN[1:-1], SERVICE_PATTERN[1:-1]
_INDEX = f"({'|'.join(INDICES)})"


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of record.

    Attributes:
        name: in the documents; its schema is `schemas/<name>.json`.
        summary: one line.
        key: JSON Schema of the record's key as text; None where it may be anything.
        headers: JSON Schema of the headers as texts.
        payload: JSON Schema of the value; None for bytes.
    """

    name: str
    summary: str
    key: Schema | None
    headers: Schema
    payload: Schema | None


@dataclass(frozen=True, slots=True)
class Channel:
    """What a topic is for, its kinds of records, and whether others may write to it."""

    summary: str
    messages: tuple[Message, ...]
    is_open: bool = False


def _key(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^{pattern}$"}


def _event(kind: EventType, summary: str, payload: Schema) -> Message:
    fixed = {"ce_specversion": wire.SPEC.decode(), "ce_type": kind.value, "content-type": wire.JSON.decode()}
    headers = {name: {"const": fixed[name]} if name in fixed else {"type": "string"} for name in wire.HEADERS}
    headers["ce_time"]["format"] = "date-time"
    name = kind.value.removeprefix("id.ikm.")
    return Message(name, summary, _key(_UNIT), _headers(headers, required=wire.HEADERS), payload)


def _revision(schema: Schema, limits: Schema) -> Schema:
    return {**schema, "properties": {**schema["properties"], "revision": limits}}


def _headers(properties: Mapping[str, Schema], *, required: tuple[str, ...]) -> Schema:
    return {"type": "object", "properties": dict(properties), "required": list(required)}


_JSON: Final = _headers({"content-type": {"const": wire.JSON.decode()}}, required=("content-type",))
_RESPONSE: Final = schema_of(Response)
_REASON: Final = inline_schema_of(Reason)
_PROGRESS: Final = Message(
    "progress.v1",
    "How far a source partition is published.",
    {"const": PROGRESS_KEY.decode()},
    _JSON,
    schema_of(ProgressRecord),
)

CHANNELS: Final[Mapping[str, Channel]] = {
    RESPONSES.name: Channel(
        "What happened to answers: CloudEvents 1.0 in binary mode, the partition by murmur2 of the key.",
        (
            _event(EventType.SUBMITTED, "A person's answers.", _revision(_RESPONSE, {"const": 1})),
            _event(
                EventType.REVISED,
                "The whole answers again, corrected; the greatest revision counts.",
                _revision(_RESPONSE, {"type": "integer", "minimum": 2, "maximum": MOST_REVISIONS}),
            ),
            _event(EventType.WITHDRAWN, "The end of a response, for ever.", schema_of(Withdrawal)),
        ),
        is_open=True,
    ),
    SCORECARDS.name: Channel(
        "Hour buckets of every unit, index and service; of two for one key the greater sequence counts.",
        (
            Message(
                "scorecards.v1",
                "One hour of one service of a unit in one index.",
                _key(rf"{_UNIT}\|{_INDEX}\|({_SERVICE})?\|[0-9]+"),
                _JSON,
                schema_of(Bucket),
            ),
            _PROGRESS,
        ),
    ),
    INDEX.name: Channel(
        "The rolling windows of every unit and index; of two for one key the greater sequence counts.",
        (
            Message(
                "index.v1",
                "All rolling windows of a unit in one index.",
                _key(rf"{_UNIT}\|{_INDEX}"),
                _JSON,
                schema_of(IndexValue),
            ),
            _PROGRESS,
        ),
    ),
    REJECTED.name: Channel(
        "What could not be processed: key, value and headers as they came, the reason before them.",
        (
            Message(
                "rejected.v1",
                "A record that could not be processed.",
                None,
                _headers(_REASON["properties"], required=tuple(_REASON["required"])),
                None,
            ),
        ),
    ),
    FRAMES.name: Channel(
        "What the public sees of a calendar span; a frame near the one that holds is passed over, unless settled.",
        (
            Message(
                "frames.v1",
                "A unit's scorecard in one index over one span, as the public sees it.",
                _key(rf"{_UNIT}\|{_INDEX}\|[^|]+\|[^|]+"),
                _headers({}, required=()),
                schema_of(FrameRecord),
            ),
        ),
    ),
    CELLS.name: Channel(
        "What the public sees by service, channel and profile; a table that follows one of its number is passed over, "
        "unless settled.",
        (
            Message(
                "cells.v1",
                "A unit's cells of one kind in one index over one span, as the public sees them.",
                _key(rf"{_UNIT}\|{_INDEX}\|({'|'.join(KINDS)})\|[^|]+"),
                _headers({}, required=()),
                schema_of(CellsRecord),
            ),
        ),
    ),
    UNITS.name: Channel(
        "The register of units; a record without a value takes a version back.",
        (
            Message(
                "units.v1",
                "A unit from a date on.",
                _key(rf"{_UNIT}@[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"),
                _JSON,
                schema_of(Unit),
            ),
        ),
    ),
    PERIODS.name: Channel(
        "The closings of periods, for ever; of each number the first on the log counts.",
        (
            Message(
                "periods.v1",
                "A unit's frozen figure in one index over one period, or its correction.",
                _key(_UNIT),
                _JSON,
                schema_of(Closing),
            ),
        ),
    ),
    OPS.name: Channel(
        "What every process measures of itself, every 10 s; a record may be missing.",
        (
            Message(
                "ops.v1",
                "The metrics of a process.",
                _key(r"(worker|api|sink)\|.+"),
                _JSON,
                schema_of(OpsRecord),
            ),
        ),
    ),
    PAGES.name: Channel(
        "The workers' own state; nobody else reads or writes it.",
        (
            Message(
                "page",
                "Up to 64 entries of a unit's responses, packed; `ikm/page.py` states the form.",
                _key(rf"{_UNIT}\|[^|]+\|[0-9]+"),
                _headers({}, required=()),
                None,
            ),
            Message(
                "marker",
                "What a partition has published whole: of which log, after which replay, under which rules.",
                {"const": MARKER_KEY.decode()},
                _JSON,
                schema_of(create_model("Marker", **get_type_hints(Marker))),
            ),
        ),
    ),
}
"""By topic, for each of `runtime.topics.TOPICS`."""
