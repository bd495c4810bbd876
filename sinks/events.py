"""`events`: every record of `responses.v1`, valid or not, as one row."""

import json
from collections.abc import Sequence
from typing import Any

from ikm import names, wire
from ikm.entry import state_of
from ikm.errors import Refused
from ikm.events import EventType, Response
from runtime.clickhouse import DATABASE, Columns, Lane, Store
from sinks.lane import AnyRecord, Range, Record
from sinks.table import Rows

COLUMNS = (
    "log", "partition", "offset", "received_at", "type", "unit", "source", "id", "revision", "submitted_at", "service",
    "questionnaire", "channel", "answers", "respondent", "code", "state",
)  # fmt: skip

_MAX_TEXT = 128
Row = tuple[Any, ...]
_UNKNOWN: Row = (0, 0, "", "", "", {}, {})
"""revision, submitted_at, service, questionnaire, channel, answers, respondent of what is not a valid response."""


class EventsTable:
    """Rows of `events`.

    Args:
        log: the log's id, part of each row's key.
        partitions: how many the topic has: a record must lie where its unit belongs.
        name: the table; another one while it is rebuilt.
    """

    def __init__(self, log: int, partitions: int, name: str = f"{DATABASE}.events") -> None:
        self.name = name
        self._log = log
        self._partitions = partitions

    def cutter(self) -> AnyRecord:
        """Each event is whole by itself."""
        return AnyRecord()

    async def holds(self, store: Store, partition: int, taken: Range) -> bool:
        """Whether any row of the range is there: one insert is there whole or not at all."""
        found = await store.rows(
            f"SELECT count() FROM {self.name} WHERE log = {{log:UInt64}} AND partition = {{partition:UInt16}} "  # noqa: S608
            "AND offset BETWEEN {first:UInt64} AND {last:UInt64}",
            {"log": self._log, "partition": partition, "first": taken.first, "last": taken.last},
            lane=Lane.WRITE,
        )
        return int(found[0][0]) > 0

    def rows(self, records: Sequence[Record], partition: int) -> Rows:
        """One row per record."""
        rows = [self._row(record, partition) for record in records]
        values: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [[] for _ in COLUMNS]
        return Rows(Columns(COLUMNS, values), records, (), records[-1].offset + 1 if records else None)

    def _row(self, record: Record, partition: int) -> Row:
        head = (self._log, partition, record.offset, record.timestamp)
        try:
            event = wire.decode_record(record, self._partitions)
        except Refused as refused:
            return (*head, *_known(record), *_UNKNOWN, refused.faults[0].code.value, 0)
        if isinstance(event, Response):
            kind = EventType.SUBMITTED if event.revision == 1 else EventType.REVISED
            return (
                *head, kind.value, event.unit, event.source, event.id, event.revision, event.submitted_at,
                event.service or "", event.questionnaire, event.channel or "", event.scores, event.respondent or {}, "",
                state_of(event),
            )  # fmt: skip
        return (*head, EventType.WITHDRAWN.value, event.unit, event.source, event.id, *_UNKNOWN, "", state_of(event))


def _known(record: Record) -> tuple[str, str, str, str]:
    """Type, unit, source and id of a record that the rules refuse, as far as they can be told."""
    kind = dict(record.headers).get("ce_type") or b""
    try:
        value = json.loads(record.value or b"")
    except (ValueError, RecursionError):
        value = None
    said = value if isinstance(value, dict) else {}
    unit = (record.key or b"").decode("utf-8", "replace")
    texts = (said.get("source"), said.get("id"))
    return (
        kind.decode("utf-8", "replace")[:_MAX_TEXT],
        unit if names.is_unit(unit) else "",
        *(text if isinstance(text, str) and names.is_source(text) else "" for text in texts),
    )  # type: ignore[return-value]
