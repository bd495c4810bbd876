"""`buckets`: the newest scorecard of every (unit, index, service, hour), from `scorecards.v1`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from ikm.published import PROGRESS_KEY, Bucket, ProgressRecord, sequence_of
from ikm.scorecard import LAYOUTS
from runtime.clickhouse import DATABASE, Columns
from sinks.lane import Record
from sinks.table import Absolute, Rows, Unfit

COLUMNS = (
    "unit", "index", "hour", "service", "partition", "n", "sum_x", "sum_xx", "histogram", "parts", "watermark", "epoch",
    "rules", "offset", "to",
)  # fmt: skip

Row = tuple[Any, ...]


def read_progress(value: bytes | None) -> ProgressRecord | None:
    """A progress record's content, or None if it is none."""
    try:
        return ProgressRecord.model_validate_json(value or b"")
    except ValueError:
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
            said = sequence_of(record.value)
            if said is not None and said.epoch == self._log:
                self._rows_up_to = max(self._rows_up_to, said.offset)
            return False
        progress = read_progress(record.value)
        if progress and progress.log == self._log:
            self._progress = max(self._progress, progress.next_offset)
        return self._progress >= self._rows_up_to

    def may_force(self, record: Record) -> bool:
        """A progress record ends at least one batch."""
        return bool(record.key == PROGRESS_KEY)


class BucketsTable(Absolute):
    """Rows of `buckets`; of several records of one bucket the greatest sequence, and only those of this log."""

    def __init__(self, log: int, name: str = f"{DATABASE}.buckets") -> None:
        super().__init__(log, name)

    def cutter(self) -> BatchCutter:
        """Whole batches only."""
        return BatchCutter(self._log)

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
                bucket = Bucket.model_validate_json(record.value or b"")
                row = _row(bucket, partition)
            except ValueError as error:
                unfit.append(Unfit(record, f"not a bucket of scorecards.v1: {error}"))
                continue
            if bucket.sequence[0] != self._log:
                continue
            key = (bucket.unit, bucket.index, bucket.hour, bucket.service)
            if key not in best or best[key][0] <= bucket.sequence:
                best[key] = bucket.sequence, row, record
        rows = [row for _, row, _ in best.values()]
        values: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [[] for _ in COLUMNS]
        touched = frozenset((row[0], row[1], row[2] // 3600) for row in rows)
        return Rows(Columns(COLUMNS, values), [record for _, _, record in best.values()], unfit, reached, touched)


def _row(bucket: Bucket, partition: int) -> Row:
    card = bucket.scorecard
    histogram = [count for code in LAYOUTS[bucket.index].cells for count in card["items"][code]]
    watermark = None if bucket.watermark is None else _seconds(bucket.watermark)
    return (
        bucket.unit, bucket.index, _seconds(bucket.hour), bucket.service, partition, card["n"], card["sum_x"],
        card["sum_xx"], histogram, card.get("parts", []), watermark, *bucket.sequence,
    )  # fmt: skip


@lru_cache(maxsize=65_536)
def _seconds(text: str) -> int:
    """RFC 3339 in UTC as epoch seconds."""
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
