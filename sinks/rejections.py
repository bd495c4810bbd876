"""`rejections`: which records were refused and why, from `rejected.v1`; nothing of what they held."""

import re
from collections.abc import Sequence
from typing import Any

from ikm import names
from ikm.rejection import Reason
from runtime.clickhouse import DATABASE, Columns
from runtime.logging import logger
from sinks.lane import Record
from sinks.table import Absolute, Rows

log = logger(__name__)

COLUMNS = ("log", "topic", "partition", "offset", "at", "unit", "code", "field")

_AFTER_UNIT = re.compile(rb"[|@]")
"""What follows the unit in the keys of `scorecards.v1`, `index.v1` and `units.v1`."""


class RejectionsTable(Absolute):
    """Rows of `rejections`; of several about one record and code the earliest stays."""

    def __init__(self, log_id: int, name: str = f"{DATABASE}.rejections") -> None:
        super().__init__(log_id, name)

    def rows(self, records: Sequence[Record], partition: int) -> Rows:  # noqa: ARG002 - the protocol's
        """One row per letter. What is none is passed over and said: as a dead letter it would come back here."""
        rows: list[tuple[Any, ...]] = []
        sources: list[Record] = []
        for record in records:
            try:
                reason = Reason.read(record.headers)
                place = reason.place
            except ValueError as error:
                where = f"{record.topic}/{record.partition}/{record.offset}"
                log.warning("not_a_rejection", origin=where, error=str(error))
                continue
            rows.append((self._log, *place, record.timestamp, _unit(record.key), reason.code.value, reason.known_field))
            sources.append(record)
        values: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [[] for _ in COLUMNS]
        return Rows(Columns(COLUMNS, values), sources, (), records[-1].offset + 1 if records else None)


def _unit(key: bytes | None) -> str:
    text = _AFTER_UNIT.split(key or b"", maxsplit=1)[0].decode("utf-8", "replace")
    return text if names.is_unit(text) else ""
