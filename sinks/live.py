"""`live`: the newest figure of every (unit, index, window), from `index.v1`."""

from collections.abc import Sequence
from typing import Any

from ikm.position import Sequence as Place  # noqa: TC001
from ikm.published import PROGRESS_KEY, IndexValue, WindowValue, parse_index_value, sequence_of
from runtime.clickhouse import DATABASE, Columns
from sinks.buckets import read_progress
from sinks.columns import card_columns, hundredths, seconds
from sinks.lane import Record
from sinks.table import Absolute, Rows, Unfit

COLUMNS = (
    "unit", "index", "window", "partition", "from", "to", "n", "sum_x", "sum_xx", "histogram", "parts", "value", "mutu",
    "kinerja", "complete", "missing", "lo", "hi", "watermark", "frame_n", "frame_sum_x", "frame_sum_xx",
    "frame_histogram", "frame_parts", "epoch", "rules", "offset", "ends",
)  # fmt: skip

Row = tuple[Any, ...]


class LiveTable(Absolute):
    """Rows of `live`, as the workers computed them; of several records of a key only the greatest sequence is read."""

    def __init__(self, log: int, name: str = f"{DATABASE}.live") -> None:
        super().__init__(log, name)

    def rows(self, records: Sequence[Record], partition: int) -> Rows:
        """Four rows, one a window, of each unit and index in the range, and the greatest progress in it."""
        newest: dict[bytes | None, tuple[Place, Record]] = {}
        unfit: list[Unfit] = []
        reached: int | None = None
        for record in records:
            if record.key == PROGRESS_KEY:
                progress = read_progress(record.value)
                if progress and progress.log == self._log:
                    reached = max(reached or 0, progress.next_offset)
            elif record.value is not None:
                place = sequence_of(record.value)
                if place is None:
                    unfit.append(Unfit(record, "not a figure of index.v1: it has no sequence"))
                elif place.epoch == self._log and (record.key not in newest or newest[record.key][0] <= place):
                    newest[record.key] = place, record
        rows: list[Row] = []
        sources: list[Record] = []
        for _, record in newest.values():
            try:
                value = parse_index_value(record.value)
            except ValueError as error:
                unfit.append(Unfit(record, f"not a figure of index.v1: {error}"))
                continue
            rows += [_row(value, code, window, partition) for code, window in value["windows"].items()]
            sources += [record] * len(value["windows"])
        values: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [[] for _ in COLUMNS]
        return Rows(Columns(COLUMNS, values), sources, unfit, reached)


def _row(said: IndexValue, code: str, window: WindowValue, partition: int) -> Row:
    figure, frame = window["figure"], window.get("frame")
    low, high = figure["interval"] or (None, None)
    return (
        said["unit"], said["index"], code, partition, seconds(window["from"]), seconds(window["to"]),
        *card_columns(said["index"], window["scorecard"]), hundredths(figure["value"]), figure["mutu"],
        figure["kinerja"], figure["complete"], figure["missing"], hundredths(low), hundredths(high),
        None if window["watermark"] is None else seconds(window["watermark"]),
        *((0, 0, 0, [], []) if frame is None else card_columns(said["index"], frame)), *said["sequence"],
    )  # fmt: skip
