"""`periods`: every closing, from `periods.v1`."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from ikm.closing import Closing
from ikm.times import parse_rfc3339
from runtime.clickhouse import DATABASE, Columns
from sinks.lane import Record
from sinks.table import Absolute, Rows, Unfit

COLUMNS = (
    "log", "partition", "offset", "unit", "index", "scope", "period", "number", "from", "to", "closed_at", "closed_by",
    "reason", "position", "rules", "population", "tree", "watermark", "scorecard", "figure",
)  # fmt: skip


class PeriodsTable(Absolute):
    """Rows of `periods`, one per record; who reads takes the first of a number."""

    def __init__(self, log: int, name: str = f"{DATABASE}.periods") -> None:
        super().__init__(log, name)

    def rows(self, records: Sequence[Record], partition: int) -> Rows:
        """One row per record that is a closing."""
        rows: list[tuple[Any, ...]] = []
        sources: list[Record] = []
        unfit: list[Unfit] = []
        for record in records:
            try:
                closing = Closing.model_validate_json(record.value or b"")
            except ValidationError as error:
                unfit.append(Unfit(record, f"not a closing of periods.v1: {error}"))
                continue
            rows.append((self._log, partition, record.offset, *_row(closing)))
            sources.append(record)
        values: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [[] for _ in COLUMNS]
        return Rows(Columns(COLUMNS, values), sources, unfit, records[-1].offset + 1 if records else None)


def _row(closing: Closing) -> tuple[Any, ...]:
    times = (parse_rfc3339(text) for text in (closing.from_, closing.to, closing.closed_at))
    watermark = None if closing.watermark is None else parse_rfc3339(closing.watermark)
    return (
        closing.unit, closing.index, closing.scope, closing.period, closing.number, *times, closing.closed_by,
        closing.reason or "", closing.position, closing.rules, closing.population, list(closing.tree), watermark,
        json.dumps(closing.scorecard, separators=(",", ":")), json.dumps(closing.figure, separators=(",", ":")),
    )  # fmt: skip
