"""A table as rows of text; here from a CSV file, in the dialects that people really have. Faults are named."""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|")


class Unreadable(Exception):  # noqa: N818 - it names the state of the file, not of the program
    """The file as a whole is not a table; the message says what was found and the cure."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record of the table.

    Attributes:
        number: 1 for the first row below the headers; blank ones count, so that it is the spreadsheet's row less one.
        line: the line of the file on which it begins, 1 for the first.
        cells: the text of each cell, stripped; empty when `fault` is set.
        fault: why the record could not be split into cells, else an empty string.
        local: columns (0 for the first) whose cell is a workbook's date, which has no offset and means local time.
    """

    number: int
    line: int
    cells: tuple[str, ...]
    fault: str = ""
    local: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """Headers, stripped, then the rows that have at least one cell filled.

    `digest` is a SHA-256 in hex: of a CSV file's bytes, of a workbook's values. `letters` are a workbook's names of the
    columns, empty for a CSV file.
    """

    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    digest: str
    letters: tuple[str, ...] = ()


def read_table(data: bytes) -> Table:
    """Split a CSV file: UTF-8 with or without a mark, UTF-16 with one; comma, semicolon, tab or bar; LF or CRLF.

    Raises:
        Unreadable: the file is empty, has no headers, or is in another encoding.
    """
    text = _decode(data)
    first, _, rest = text.partition("\n")
    declared = first.strip().lower().removeprefix("sep=")
    offset = 0
    if first.strip().lower().startswith("sep=") and len(declared) == 1:  # Excel's own hint
        text, offset, delimiter = rest, 1, declared
    else:
        delimiter = _delimiter(text)
    records = _records(text, delimiter, offset)
    header = next(records, None)
    if header is None or header.fault or not any(header.cells):
        raise Unreadable("the first line has no headers; begin the file with a line of column names, such as u1,u2,u3")
    width = max(number for number, cell in enumerate(header.cells, start=1) if cell)
    rows = tuple(row for row in records if row.fault or any(row.cells))
    return Table(header.cells[:width], rows, hashlib.sha256(data).hexdigest())


def _decode(data: bytes) -> str:
    if not data.strip():
        raise Unreadable("the file is empty; export the sheet again, headers included")
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"the file is not UTF-8 (byte {error.start + 1} is 0x{data[error.start]:02x}); save it as 'CSV UTF-8'"
        ) from None


def _delimiter(text: str) -> str:
    """The delimiter that the first line has most of, outside of quotes; a comma when it has none."""
    first = text.lstrip("\r\n").splitlines()[0] if text.strip() else ""
    bare = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _records(text: str, delimiter: str, offset: int) -> Iterator[Row]:
    """Every record, the headers as number 0; a record that breaks the quoting has a fault and the next one goes on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        line = reader.line_num + offset + 1
        try:
            cells = tuple(cell.strip() for cell in next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, line, (), f"{error}; look for a quotation mark that is not closed or not doubled")
        else:
            if number == 0 and not any(cells):
                continue
            yield Row(number, line, cells)
        number += 1
