"""From the rows of a file to responses: every row that counts becomes one, every other a line that says why."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ikm.canonical import digest
from ikm.errors import Code, Fault, Refused
from ikm.events import Response, parse_response
from ikm.registry import Unit
from ikm.show import shown
from ikm.times import MS_PER_MINUTE, ZONES, rfc3339_ms
from ikm.versions import Versions
from producers.columns import CHANNEL, ID, SERVICE, SUBMITTED_AT, Columns
from producers.table import Row, Table

_SCORE = re.compile(r"[+-]?[0-9]{1,9}")
_ID_DIGITS = 16
"""How much of the file's SHA-256 stands in the ids of its rows."""


@dataclass(frozen=True, slots=True)
class Target:
    """What all rows of a file share.

    Attributes:
        unit: whose answers they are, as the register has it.
        source: in whose name they are written.
        submitted_at: RFC 3339 for rows without a time of their own, else None.
        versions: all of the unit's; None when it has this one.
    """

    unit: Unit
    source: str
    submitted_at: str | None = None
    versions: Versions | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is not imported: its number (1 for the first below the headers), its line in the file, its faults.

    `fields` has, fault by fault, the column's header (of a workbook with the cell's name) and the text of the cell.
    """

    row: int
    line: int
    faults: tuple[Fault, ...]
    fields: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        """One line for the person who has the file open."""
        parts = [
            f"{header or 'the row'}{f' = {shown(cell)}' if header else ''}: {fault.message} [{fault.code}]"
            for fault, (header, cell) in zip(self.faults, self.fields, strict=True)
        ]
        return f"row {self.row} (line {self.line}): {'; '.join(parts)}"


def first_instant(period: str, unit: Unit) -> str:
    """The first instant of a unit's period, RFC 3339.

    Raises:
        ValueError: the code is no period; the message says what is.
    """
    return rfc3339_ms(unit.period_called(period).from_minute * MS_PER_MINUTE)


def read_rows(table: Table, columns: Columns, target: Target, *, received_ms: int) -> Iterator[Response | BadRow]:
    """Each row of a table, in its order, as a response or as a line about what is wrong with it.

    Args:
        table: the file.
        columns: what its columns mean.
        target: what its rows share.
        received_ms: when it was read, UTC epoch milliseconds; a later answer lies in the future.
    """
    reader = _Reader(table, columns, target)
    for row in table.rows:
        try:
            yield reader.response(row, received_ms)
        except Refused as refused:
            fields = tuple(reader.field(row, fault) for fault in refused.faults)
            yield BadRow(row.number, row.line, refused.faults, fields)


class _Reader:
    def __init__(self, table: Table, columns: Columns, target: Target) -> None:
        self._digest = table.digest[:_ID_DIGITS]
        self._versions = target.versions or Versions([target.unit])
        self._letters = table.letters
        self._columns = columns
        self._target = target
        self._numbers = {
            **columns.others,
            **{f"answers.{code}": number for number, code in columns.items.items()},
        }
        self._seen: dict[str, tuple[int, bytes]] = {}

    def response(self, row: Row, received_ms: int) -> Response:
        """Raises Refused: the row is no response."""
        self._check_shape(row)
        response = parse_response(json.dumps(self._object(row)), received_ms=received_ms)
        closed = self._versions.closed_fault(response.submitted_at)
        if closed:
            raise Refused([closed])
        self._check_service(response)
        self._check_repeat(row, response)
        return response

    def field(self, row: Row, fault: Fault) -> tuple[str, str]:
        """The header and the cell that a fault is about; two empty texts when it is about the row."""
        number = self._numbers.get(fault.field)
        if number is None or number >= len(row.cells):
            return "", ""
        cell = f" ({self._letters[number]}{row.line})" if self._letters else ""
        return f"{self._columns.headers[number]}{cell}", row.cells[number]

    def _check_shape(self, row: Row) -> None:
        if row.fault:
            raise Refused([Fault("", Code.WRONG_TYPE, f"it is no CSV record ({row.fault})")])
        width = len(self._columns.headers)
        count = f"it has {len(row.cells)} cells and the headers are {width}"
        if len(row.cells) < width:
            raise Refused([Fault("", Code.MISSING_FIELD, f"{count}; add the missing ones, empty if need be")])
        if any(row.cells[width:]):
            cure = "put a text that contains the delimiter in quotation marks"
            raise Refused([Fault("", Code.UNKNOWN_FIELD, f"{count}; {cure}")])

    def _object(self, row: Row) -> dict[str, object]:
        target, other = self._target, self._columns.others
        faults: list[Fault] = []
        value: dict[str, object] = {
            "id": row.cells[other[ID]] if ID in other else f"{self._digest}-{row.number}",
            "source": target.source,
            "unit": target.unit.code,
            "questionnaire": self._columns.questionnaire.name,
            "submitted_at": self._time(row) if SUBMITTED_AT in other else target.submitted_at,
            "answers": {code: _score(code, row.cells[number], faults) for number, code in self._columns.items.items()},
            "revision": 1,
        }
        for name in (SERVICE, CHANNEL):
            if name in other and row.cells[other[name]]:
                value[name] = row.cells[other[name]]
        if faults:
            raise Refused(faults)
        return value

    def _time(self, row: Row) -> str:
        """The cell as it stands; a workbook's date is a time in the unit's zone."""
        column = self._columns.others[SUBMITTED_AT]
        hours = f"{ZONES[self._target.unit.zone]:+03d}:00" if column in row.local else ""
        return f"{row.cells[column]}{hours}"

    def _check_service(self, response: Response) -> None:
        unit = self._target.unit
        if not unit.knows_service(response.service):
            known = ", ".join(service.code for service in unit.services or ())
            message = f"unit {unit.code} has no such service; use one of {known}, or leave the cell empty"
            raise Refused([Fault(SERVICE, Code.UNKNOWN_SERVICE, message)])

    def _check_repeat(self, row: Row, response: Response) -> None:
        """An id may come again with the same content, which changes nothing; with another one a row would be lost."""
        if ID not in self._columns.others:
            return
        first, content = self._seen.setdefault(response.id, (row.number, digest(response)))
        if content != digest(response):
            message = f"row {first} has the same id and other content; give each answer an id of its own"
            raise Refused([Fault(ID, Code.CONTRADICTION, message)])


def _score(code: str, cell: str, faults: list[Fault]) -> int | None:
    """The score in a cell, None for an empty one; anything else goes to the faults."""
    if not cell:
        return None
    if _SCORE.fullmatch(cell):
        return int(cell)
    message = f"{code} takes a whole number, such as 3, or an empty cell for a skipped question"
    faults.append(Fault(f"answers.{code}", Code.WRONG_TYPE, message))
    return None
