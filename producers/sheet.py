"""A sheet of a register that is kept in files: its columns, its rows, and what is wrong with them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ikm.errors import Code, Fault
from ikm.show import shown

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "units": (
            "code", "name", "type", "parent", "zone", "period", "population", "lat", "lon", "valid_from", "valid_to",
            "merged_into",
        ),
        "services": ("unit", "code", "name"),
        "periods": ("unit", "code", "from", "to", "grace_days"),
        "targets": ("unit", "period", "index", "n", "value"),
    }
)  # fmt: skip
"""The sheets, with the columns that each may have."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault at a place in a file; `column` is empty when it is about the whole row or file."""

    file: str
    line: int
    column: str
    cell: str
    fault: Fault

    def __str__(self) -> str:
        """One line for the person who has the file open."""
        place = f"{self.column} = {shown(self.cell)}: " if self.column else ""
        return f"{self.file} line {self.line}: {place}{self.fault.message} [{self.fault.code}]"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: where it stands, and the text of each cell by its column; an empty cell is an empty text."""

    file: str
    line: int
    cells: Mapping[str, str]

    def finding(self, column: str, fault: Fault) -> Finding:
        """A fault in one of its cells; of the whole row where the column is none of its own."""
        return Finding(self.file, self.line, column if column in self.cells else "", self.cells.get(column, ""), fault)


Outcome = tuple[str, Finding | list[Entry]]
"""A sheet's name with its rows, or with one thing that is wrong."""


def header_findings(file: str, sheet: str, headers: Iterable[str], line: int = 1) -> Iterator[Finding]:
    """Columns that the sheet does not have, and those that stand there twice."""
    seen: set[str] = set()
    for header in headers:
        if header and header not in COLUMNS[sheet]:
            message = f"{shown(header)} is no column of {sheet}: use {', '.join(COLUMNS[sheet])}."
            yield Finding(file, line, "", "", Fault(header, Code.UNKNOWN_FIELD, message))
        elif header in seen:
            message = f"{shown(header)} stands there twice: keep one of them."
            yield Finding(file, line, "", "", Fault(header, Code.CONTRADICTION, message))
        seen.add(header)
