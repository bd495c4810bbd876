"""A workbook's sheet (.xlsx) as rows of text, the same as those of its CSV export; what cannot be read is named."""

import csv
import hashlib
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

from producers.table import Row, Table, Unreadable

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MOST_ROWS = 2**20
"""As many as a sheet can have; a file that names a later one is broken."""
_SECONDS_A_DAY = 86_400
_LINE_BREAKS = re.compile(r"\s*\n\s*")


def is_workbook(name: str, data: bytes) -> bool:
    """Whether a file is meant for `read_workbook`, by its first bytes or its name."""
    return data.startswith((*_ZIP, _OLE)) or name.lower().endswith(".xlsx")


def read_workbook(data: bytes, sheet: str | None = None) -> Table:
    """Read one sheet: the one of that name, else the first that is not hidden.

    A whole number is its digits, however the cell shows it; a date is ISO 8601 without an offset and is listed in
    `Row.local`; a formula is the value that the file keeps of it, or its own text where it keeps none, so that a
    result that was never computed is no skipped question. The digest is that of the values, whatever their format.

    Raises:
        Unreadable: it is no workbook, broken, encrypted, of the old binary form, has no such sheet, or no headers.
    """
    _check_form(data)
    try:
        with warnings.catch_warnings(action="ignore"):  # what openpyxl leaves out is no cell's value
            values = list(_values(data, sheet))
    except Unreadable:
        raise
    except Exception as error:  # a broken part raises whatever its reader happens to stumble over
        said = _LINE_BREAKS.sub(" ", str(error))[:120] or type(error).__name__
        raise Unreadable(
            f"the workbook is broken ({said}); open it in a spreadsheet program and save it again"
        ) from error
    return _table(values)


def _check_form(data: bytes) -> None:
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise Unreadable("the workbook is encrypted; save it without a password")
        raise Unreadable("the file is a workbook of the old form (.xls); save it as .xlsx or as 'CSV UTF-8'")
    if not data.startswith(_ZIP):
        raise Unreadable("the file is no workbook, whatever its name; save it as .xlsx or as 'CSV UTF-8'")


def _values(data: bytes, sheet: str | None) -> Iterator[list[Any]]:
    """The value of every cell, row by row from the first one."""
    with_values, with_formulas = (
        _rows(load_workbook(io.BytesIO(data), read_only=True, data_only=data_only), sheet)
        for data_only in (True, False)
    )
    for number, (row, formulas) in enumerate(zip(with_values, with_formulas, strict=True), start=1):
        if number > _MOST_ROWS:
            raise Unreadable(f"the sheet has a row beyond {_MOST_ROWS}; delete what stands so far down")
        yield [
            formula.value if cell.value is None and cell.data_type == "n" and formula.data_type == "f" else cell.value
            for cell, formula in zip(row, formulas, strict=True)
        ]


def _rows(workbook: Any, name: str | None) -> Iterator[Sequence[Any]]:
    sheets = {sheet.title: sheet for sheet in workbook.worksheets}
    shown = [title for title, sheet in sheets.items() if sheet.sheet_state == "visible"]
    if name is not None and name not in sheets:
        raise Unreadable(f"the workbook has no sheet {name!r}; it has {', '.join(sheets)}")
    if name is None and not shown:
        raise Unreadable("the workbook shows no sheet; name one with --sheet")
    sheet = sheets[shown[0] if name is None else name]
    sheet.reset_dimensions()  # some programs write too small ones, and what lies beyond would be lost
    rows: Iterator[Sequence[Any]] = sheet.iter_rows()
    return rows


def _table(values: Sequence[Sequence[Any]]) -> Table:
    texts = [[_text(value) for value in row] for row in values]
    first = next((at for at, row in enumerate(texts) if any(row)), None)
    if first is None:
        raise Unreadable("the sheet is empty; name the one with the answers with --sheet")
    headers = _trimmed(texts[first])
    rows = [
        Row(
            number=at - first,
            line=at + 1,
            cells=tuple(texts[at] + [""] * (len(headers) - len(texts[at]))),
            local=frozenset(column for column, value in enumerate(values[at]) if isinstance(value, date)),
        )
        for at in range(first + 1, len(texts))
        if any(texts[at])
    ]
    letters = tuple(get_column_letter(number) for number in range(1, len(headers) + 1))
    return Table(headers, tuple(rows), _digest(values[first:], len(headers)), letters)


def _trimmed(texts: Sequence[str]) -> tuple[str, ...]:
    width = max(number for number, text in enumerate(texts, start=1) if text)
    return tuple(texts[:width])


def _text(value: Any) -> str:
    """What a cell says, as a CSV export would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00"
    return str(getattr(value, "text", value)).strip()


def _digest(values: Sequence[Sequence[Any]], width: int) -> str:
    """SHA-256 of the values as comma-separated text; saving a file again or formatting its cells does not change it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    last = max(at for at, row in enumerate(values) if any(_text(value) for value in row))
    for row in values[: last + 1]:
        texts = [_unformatted(value) for value in row]
        while texts and not texts[-1]:
            texts.pop()
        writer.writerow(text for text, _ in zip_longest(texts, range(width), fillvalue=""))
    return hashlib.sha256(out.getvalue().encode("utf-8", "surrogatepass")).hexdigest()


def _unformatted(value: Any) -> str:
    """A number as itself, also where its format makes it a date; fractions to the second that a day has of them."""
    is_date = isinstance(value, date | time | timedelta)
    number = to_excel(value) if is_date else value  # type: ignore[no-untyped-call]
    if isinstance(number, float) and not number.is_integer() and abs(number) < _MOST_ROWS:
        return f"{round(number * _SECONDS_A_DAY)}/{_SECONDS_A_DAY}"
    return _text(number)
