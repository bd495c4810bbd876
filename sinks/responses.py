"""`responses`: the state of every response, from `responses.v1`: what counts of it now, or that it was withdrawn."""

from collections.abc import Iterator, Sequence
from typing import Any

from ikm import wire
from ikm.cells import Answer
from ikm.entry import state_of
from ikm.errors import Refused
from ikm.events import Event, Response
from ikm.profile import PROFILE
from ikm.tally import TALLIES
from runtime.clickhouse import DATABASE, Columns
from sinks.cell_rows import Name, State
from sinks.lane import Record
from sinks.table import Absolute, Rows

COLUMNS = (
    "unit", "source", "id", "log", "state", "first_offset", "withdrawn", "revision", "submitted_at", "service",
    "questionnaire", "channel", "answers", "respondent",
)  # fmt: skip

_NOTHING: tuple[Any, ...] = (0, 0, "", "", "", "", {})
"""revision, submitted_at, service, questionnaire, channel, answers, respondent of what was withdrawn: they leave."""


class ResponsesTable(Absolute):
    """Rows of `responses`; of several events of a response the greatest in the order of the join stays.

    Args:
        log: the log's id; rows of a newer log replace those of an older one.
        partitions: how many the topic has: a record must lie where its unit belongs.
        name: the table; another one while it is rebuilt.
    """

    def __init__(self, log: int, partitions: int, name: str = f"{DATABASE}.responses") -> None:
        super().__init__(log, name)
        self._partitions = partitions

    def rows(self, records: Sequence[Record], partition: int) -> Rows:  # noqa: ARG002 - the protocol's
        """One row per valid event; what is refused stands in `events` with its code, and is no state of anything."""
        rows: list[tuple[Any, ...]] = []
        sources: list[Record] = []
        for record in records:
            try:
                event = wire.decode_record(record, self._partitions)
            except Refused:
                continue
            place = (event.unit, event.source, event.id, self._log, state_of(event), record.offset)
            rows.append((*place, *_content(event)))
            sources.append(record)
        values: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [[] for _ in COLUMNS]
        return Rows(Columns(COLUMNS, values), sources, (), records[-1].offset + 1 if records else None)


def states(rows: Rows) -> Iterator[tuple[int, Name, State]]:
    """What rows of `ResponsesTable` say of responses, each with the offset that says so."""
    for unit, source, name, _, place, offset, withdrawn, _, at_ms, service, form, channel, digits, said in zip(
        *rows.columns.values, strict=True
    ):
        answer = None
        if not withdrawn:
            profile = tuple(said.get(question, "") for question in PROFILE)
            answer = Answer(at_ms, service, channel, profile, form, digits)
        yield offset, (unit, source, name), State(place, answer)


def _content(event: Event) -> tuple[Any, ...]:
    if not isinstance(event, Response):
        return (1, *_NOTHING)
    return (
        0, event.revision, event.submitted_at, event.service or "", event.questionnaire, event.channel or "",
        TALLIES[event.questionnaire].digits(event.answers), event.respondent or {},
    )  # fmt: skip
