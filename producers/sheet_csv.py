"""A sheet of the register as CSV."""

from collections.abc import Iterator

from ikm.errors import Code, Fault
from producers.sheet import COLUMNS, Entry, Finding, Outcome, header_findings
from producers.table import Table, Unreadable, read_table


def read_csv(file: str, stem: str, data: bytes) -> Iterator[Outcome]:
    """The rows of the sheet that the file is named after; nothing for a file of another name."""
    sheet = stem.lower()
    if sheet not in COLUMNS:
        return
    try:
        table = read_table(data)
    except Unreadable as error:
        yield sheet, Finding(file, 1, "", "", Fault("", Code.WRONG_TYPE, str(error)))
        return
    headers = tuple(header.casefold() for header in table.headers)
    yield from ((sheet, finding) for finding in header_findings(file, sheet, headers))
    rows = list(_rows(file, table, headers))
    yield from ((sheet, row) for row in rows if isinstance(row, Finding))
    yield sheet, [row for row in rows if isinstance(row, Entry)]


def _rows(file: str, table: Table, headers: tuple[str, ...]) -> Iterator[Entry | Finding]:
    width = len(headers)
    for row in table.rows:
        if row.fault:
            message = f"it is no CSV record ({row.fault})"
        elif len(row.cells) < width or any(row.cells[width:]):
            cure = "one cell for each header, empty if need be, and texts with the delimiter in quotation marks"
            message = f"the row has {len(row.cells)} cells and the headers are {width}: {cure}."
        else:
            yield Entry(file, row.line, dict(zip(headers, row.cells, strict=False)))
            continue
        yield Finding(file, row.line, "", "", Fault("", Code.WRONG_TYPE, message))
