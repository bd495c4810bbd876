"""`buckets`: the newest scorecard of every (unit, index, service, hour), from `scorecards.v1`."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ikm.names import UnitCode
from ikm.scorecard import LAYOUTS
from runtime.clickhouse import DATABASE, Columns, Store
from sinks.lane import Range, Record
from sinks.table import Rows, Unfit

PROGRESS_KEY = b"progress"
COLUMNS = (
    "unit", "index", "hour", "service", "partition", "n", "sum_x", "sum_xx", "histogram", "parts", "watermark", "epoch",
    "rules", "offset", "to",
)  # fmt: skip

Row = tuple[Any, ...]
_SEQUENCE = re.compile(rb'"sequence":\s*\[(\d+),\s*(\d+),\s*(\d+),')
_STRICT = ConfigDict(strict=True, frozen=True, extra="forbid")
Count = Annotated[int, Field(ge=0, lt=2**63)]
Small = Annotated[int, Field(ge=0, lt=2**32)]
Instant = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]


class _Card(BaseModel):
    model_config = _STRICT
    n: Count
    sum_x: Count
    sum_xx: Count
    items: dict[str, list[Count]]
    parts: list[Count] = []


class _Bucket(BaseModel):
    model_config = _STRICT
    unit: UnitCode
    index: str
    service: Annotated[str, Field(max_length=64)]
    hour: Instant
    sequence: tuple[Count, Small, Count, Small]
    watermark: Instant | None
    scorecard: _Card

    @model_validator(mode="after")
    def _as_laid_out(self) -> Self:
        layout, card = LAYOUTS.get(self.index), self.scorecard
        if layout is None:
            raise ValueError(f"index {self.index} is not one of {', '.join(LAYOUTS)}")
        expected = {code: cells.stop - cells.start for code, cells in layout.cells.items()}
        if {code: len(counts) for code, counts in card.items.items()} != expected:
            raise ValueError(f"items must be exactly these, each with so many counts: {expected}")
        if len(card.parts) != len(layout.part_fields):
            raise ValueError(f"parts must be {len(layout.part_fields)} numbers, not {len(card.parts)}")
        return self


class Progress(NamedTuple):
    """A progress record: this log's source partition is published up to `next_offset`."""

    log: int
    next_offset: int


def read_progress(value: bytes | None) -> Progress | None:
    """A progress record's content, or None if it is none."""
    try:
        said = json.loads(value or b"")
        return Progress(int(said["log"]), int(said["next_offset"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


class BatchCutter:
    """Cuts after a progress record, when no row before it lies beyond it.

    A worker's batch is a run of rows that ends in its progress record. A row beyond the progress said so far belongs to
    a batch that another, late worker's records have fallen into: a moved response must not be seen in both places.
    """

    def __init__(self, log: int) -> None:
        self._log = log
        self._rows_up_to = 0
        self._progress = 0

    def whole_after(self, record: Record) -> bool:
        """Whether everything up to this record is in whole batches."""
        if record.key != PROGRESS_KEY:
            said = _SEQUENCE.search(record.value or b"")
            if said and int(said[1]) == self._log:
                self._rows_up_to = max(self._rows_up_to, int(said[3]))
            return False
        progress = read_progress(record.value)
        if progress and progress.log == self._log:
            self._progress = max(self._progress, progress.next_offset)
        return self._progress >= self._rows_up_to

    def may_force(self, record: Record) -> bool:
        """A progress record ends at least one batch."""
        return bool(record.key == PROGRESS_KEY)


class BucketsTable:
    """Rows of `buckets`; of several records of one bucket the greatest sequence, and only those of this log."""

    def __init__(self, log: int, name: str = f"{DATABASE}.buckets") -> None:
        self.name = name
        self._log = log

    def cutter(self) -> BatchCutter:
        """Whole batches only."""
        return BatchCutter(self._log)

    async def holds(self, store: Store, partition: int, taken: Range) -> bool:  # noqa: ARG002 - the protocol's
        """Never said: rows are absolute and versioned, a second copy changes nothing."""
        return False

    def rows(self, records: Sequence[Record], partition: int) -> Rows:
        """The rows of a range of whole batches, and the greatest progress in it."""
        best: dict[tuple[str, str, str, str], tuple[tuple[int, ...], Row, Record]] = {}
        unfit: list[Unfit] = []
        reached: int | None = None
        for record in records:
            if record.key == PROGRESS_KEY:
                progress = read_progress(record.value)
                if progress and progress.log == self._log:
                    reached = max(reached or 0, progress.next_offset)
                continue
            try:
                bucket = _Bucket.model_validate_json(record.value or b"")
                row = _row(bucket, partition)
            except (ValidationError, ValueError) as error:
                unfit.append(Unfit(record, f"not a bucket of scorecards.v1: {error}"))
                continue
            if bucket.sequence[0] != self._log:
                continue
            key = (bucket.unit, bucket.index, bucket.hour, bucket.service)
            if key not in best or best[key][0] <= bucket.sequence:
                best[key] = bucket.sequence, row, record
        rows = [row for _, row, _ in best.values()]
        values: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [[] for _ in COLUMNS]
        return Rows(Columns(COLUMNS, values), [record for _, _, record in best.values()], unfit, reached)


def _row(bucket: _Bucket, partition: int) -> Row:
    card = bucket.scorecard
    histogram = [count for code in LAYOUTS[bucket.index].cells for count in card.items[code]]
    watermark = None if bucket.watermark is None else _seconds(bucket.watermark)
    return (
        bucket.unit, bucket.index, _seconds(bucket.hour), bucket.service, partition, card.n, card.sum_x, card.sum_xx,
        histogram, card.parts, watermark, *bucket.sequence,
    )  # fmt: skip


@lru_cache(maxsize=65_536)
def _seconds(text: str) -> int:
    """RFC 3339 in UTC as epoch seconds; raises ValueError for a date that no calendar has."""
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
