"""`ops`: what every process measures of itself, from `ops.v1`."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from ikm.times import parse_rfc3339
from runtime.clickhouse import DATABASE, Columns
from runtime.samples import OpsRecord
from sinks.lane import Record
from sinks.table import Absolute, Rows, Unfit

COLUMNS = ("at", "role", "instance", "name", "labels", "metric", "value", "increase")

Row = tuple[Any, ...]


class OpsTable(Absolute):
    """Rows of `ops`, one a sample; they belong to no log."""

    def __init__(self, log: int, name: str = f"{DATABASE}.ops") -> None:
        super().__init__(log, name)

    def rows(self, records: Sequence[Record], partition: int) -> Rows:  # noqa: ARG002 - the protocol's
        """A row per sample of each record."""
        rows: list[Row] = []
        sources: list[Record] = []
        unfit: list[Unfit] = []
        for record in records:
            try:
                said = list(_rows(OpsRecord.model_validate_json(record.value or b"")))
            except ValidationError as error:
                unfit.append(Unfit(record, f"not a record of ops.v1: {error}"))
                continue
            rows += said
            sources += [record] * len(said)
        values: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [[] for _ in COLUMNS]
        return Rows(Columns(COLUMNS, values), sources, unfit, records[-1].offset + 1 if records else None)


def _rows(record: OpsRecord) -> Iterator[Row]:
    at = parse_rfc3339(record.at)
    for sample in record.samples:
        yield (
            at, record.role, record.instance, sample.name, sample.labels, sample.metric, sample.value, sample.increase,
        )  # fmt: skip
