"""`frames`: the public frames of calendar spans, from `frames.v1`."""

from collections.abc import Sequence
from typing import Any

from ikm.published import FrameRecord, parse_frame
from runtime.clickhouse import DATABASE, Columns
from sinks.columns import card_columns, seconds
from sinks.lane import Record
from sinks.table import Absolute, Rows, Unfit

COLUMNS = (
    "unit", "index", "from", "to", "n", "sum_x", "sum_xx", "histogram", "parts", "log", "number", "settled", "offset",
)  # fmt: skip


class FramesTable(Absolute):
    """Rows of `frames`; who reads takes the one that holds, the greatest version of a span."""

    def __init__(self, log: int, name: str = f"{DATABASE}.frames") -> None:
        super().__init__(log, name)

    def rows(self, records: Sequence[Record], partition: int) -> Rows:  # noqa: ARG002 - the protocol's
        """One row per frame of this log."""
        rows: list[tuple[Any, ...]] = []
        sources: list[Record] = []
        unfit: list[Unfit] = []
        for record in records:
            try:
                said = parse_frame(record.value or b"")
            except ValueError as error:
                unfit.append(Unfit(record, f"not a frame of frames.v1: {error}"))
                continue
            if said["log"] == self._log:
                rows.append(_row(said, record.offset))
                sources.append(record)
        values: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [[] for _ in COLUMNS]
        return Rows(Columns(COLUMNS, values), sources, unfit, records[-1].offset + 1 if records else None)


def _row(said: FrameRecord, offset: int) -> tuple[Any, ...]:
    span, card = (seconds(said["from"]), seconds(said["to"])), card_columns(said["index"], said["scorecard"])
    return (said["unit"], said["index"], *span, *card, said["log"], said["number"], said["settled"], offset)
