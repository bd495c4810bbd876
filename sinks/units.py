"""`units`: the register of units, from `units.v1`."""

import json
from collections.abc import Sequence
from typing import Any

from ikm.errors import Refused
from ikm.registry import Unit, parse_unit
from runtime.clickhouse import DATABASE, Columns
from sinks.lane import Record
from sinks.table import Absolute, Rows, Unfit

COLUMNS = (
    "unit", "valid_from", "valid_to", "merged_into", "name", "type", "parent", "zone", "period", "services",
    "population", "location", "periods", "targets", "log", "offset",
)  # fmt: skip


class UnitsTable(Absolute):
    """Rows of `units`; the later record of a unit and date wins."""

    def __init__(self, log: int, name: str = f"{DATABASE}.units") -> None:
        super().__init__(log, name)

    def rows(self, records: Sequence[Record], partition: int) -> Rows:  # noqa: ARG002 - the protocol's
        """One row per record that is a unit; a deletion is passed over: the register only grows."""
        rows: list[tuple[Any, ...]] = []
        sources: list[Record] = []
        unfit: list[Unfit] = []
        for record in records:
            if record.value is None:
                continue
            try:
                rows.append(_row(parse_unit(record.value), self._log, record.offset))
            except Refused as refused:
                unfit.append(Unfit(record, f"not a unit of units.v1: {refused}"))
            else:
                sources.append(record)
        values: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [[] for _ in COLUMNS]
        return Rows(Columns(COLUMNS, values), sources, unfit, records[-1].offset + 1 if records else None)


def _row(unit: Unit, log: int, offset: int) -> tuple[Any, ...]:
    services, periods, targets = (
        json.dumps([entry.model_dump(mode="json") for entry in entries or ()], ensure_ascii=False)
        for entries in (unit.services, unit.periods, unit.targets)
    )
    location = "" if unit.location is None else json.dumps(unit.location, ensure_ascii=False)
    return (
        unit.code, unit.valid_from, unit.valid_to, unit.merged_into or "", unit.name, unit.type or "",
        unit.parent or "", unit.zone, unit.period, services, unit.population, location, periods, targets, log, offset,
    )  # fmt: skip
