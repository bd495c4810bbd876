"""Workbooks for tests, as bytes."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook

Sheet = Any


def workbook(*rows: Sequence[Any], title: str = "Jawaban", also: Callable[[Sheet], None] = lambda _: None) -> bytes:
    """One sheet with these rows; `also` may do more to it."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    also(sheet)
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def altered(data: bytes, change: Callable[[str], str], part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """The same workbook with the XML of one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text.decode()) if name == part else text)
    return out.getvalue()


def with_results(data: bytes, **results: str) -> bytes:
    """The same workbook as a spreadsheet program saves it: with the result of each formula, by its cell's name."""

    def fill(xml: str) -> str:
        for cell, result in results.items():
            pattern = rf'(<c r="{cell}")[^>]*>(<f>.*?</f>)<v\s*/?>(?:</v>)?'
            kind = "" if re.fullmatch(r"[0-9.]+", result) else ' t="str"'
            xml, found = re.subn(pattern, rf"\1{kind}>\2<v>{result}</v>", xml)
            assert found == 1, cell
        return xml

    return altered(data, fill)
