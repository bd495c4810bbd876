# ruff: noqa: DTZ001  a workbook's dates have no zone
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import Font

from ikm.events import Response
from ikm.registry import Unit
from producers.columns import resolve
from producers.importer import BadRow, Target, read_rows
from producers.table import Table, Unreadable, read_table
from producers.workbook import is_workbook, read_workbook

from .workbooks import altered, saved, with_results, workbook

NOW = 1_763_856_000_000
UNIT = Unit(code="loket", name="Loket", zone="Asia/Makassar", period="semester")


def outcomes(table: Table, **options: Any) -> list[Response | BadRow]:
    columns = resolve(table.headers, {}, **options)
    at = None if "submitted_at" in table.headers else "2025-01-01T00:00:00Z"
    return list(read_rows(table, columns, Target(UNIT, "import", at), received_ms=NOW))


def responses(table: Table, **options: Any) -> list[Response]:
    found = outcomes(table, **options)
    assert all(isinstance(outcome, Response) for outcome in found), [str(outcome) for outcome in found]
    return found  # type: ignore[return-value]


def test_a_sheet_reads_as_its_csv_export() -> None:
    rows = [("u1", "u2", "saran"), (4, 3, ' cepat, "ramah" '), (None, None, None), (1, None, None), (None, None, None)]
    found = read_workbook(workbook(*rows))
    exported = read_table(b'u1,u2,saran\n4,3,"cepat, ""ramah"""\n,,\n1,,\n')
    assert (found.headers, found.rows, found.digest) == (exported.headers, exported.rows, exported.digest)
    assert [(row.number, row.line) for row in found.rows] == [(1, 2), (3, 4)]


def test_a_whole_number_is_a_score_however_it_is_stored() -> None:
    [got] = responses(read_workbook(workbook(("u1", "u2", "u3"), (4.0, "3", 2))), needs_time=False)
    assert got.answers == {"persyaratan": 4, "prosedur": 3, "waktu": 2}


@pytest.mark.parametrize(
    ("value", "shown"),
    [(2.5, "'2.5'"), (True, "'TRUE'"), ("4,0", "'4,0'"), ("#N/A", "'#N/A'"), (datetime(2025, 1, 4), "2025-01-04")],
)
def test_anything_else_is_refused_by_the_name_of_its_cell(value: object, shown: str) -> None:
    rows = [("no", "x", "y", "waktu"), *((None, None, None, 4) for _ in range(15)), (None, None, None, value)]
    *good, bad = outcomes(read_workbook(workbook(*rows)), needs_time=False)
    assert all(isinstance(outcome, Response) for outcome in good)
    assert str(bad).startswith("row 16 (line 17): waktu (D17) = ")
    assert shown in str(bad)


@pytest.mark.parametrize("as_shown", ["yyyy-mm-dd hh:mm", 'd mmmm yyyy "pukul" hh.mm', "m/d/yy"])
def test_a_date_is_local_time_in_the_units_zone(as_shown: str) -> None:
    def form(sheet: Any) -> None:
        sheet["B2"].number_format = as_shown

    table = read_workbook(workbook(("u1", "submitted_at"), (4, datetime(2025, 11, 20, 23, 30, 15)), also=form))
    [got] = responses(table)
    assert got.submitted_at == datetime.fromisoformat("2025-11-20T23:30:15+08:00").timestamp() * 1000


def test_a_text_is_a_time_only_with_its_offset_as_in_csv() -> None:
    good, bad = outcomes(
        read_workbook(
            workbook(("u1", "submitted_at"), (4, "2025-11-20T09:00:00+07:00"), (4, "2025-11-20T09:00:00")),
        )
    )
    assert isinstance(good, Response)
    assert "submitted_at (B3)" in str(bad)
    assert "time_without_offset" in str(bad)


def test_ids_are_of_the_values_not_of_their_format() -> None:
    rows = [("u1", "kapan", "bobot"), (4, datetime(2025, 11, 20, 9, 0, 1), 0.25), (3, datetime(2025, 11, 21), 0.5)]

    def bold(sheet: Any) -> None:
        sheet["A1"].font = Font(bold=True)
        sheet["A2"].number_format = "0.00"
        sheet["B2"].number_format = "General"
        sheet["B3"].number_format = "dd/mm/yyyy"
        sheet["C2"].number_format = "0%"
        sheet["C3"].number_format = "hh:mm"
        sheet["Z99"].font = Font(italic=True)
        sheet.column_dimensions["A"].width = 40

    plain = read_workbook(workbook(*rows))
    as_float = read_workbook(workbook(rows[0], (4.0, *rows[1][1:]), ("3", *rows[2][1:]), title="Lain"))
    for other in (read_workbook(workbook(*rows, also=bold)), as_float):
        assert [r.id for r in responses(other, needs_time=False)] == [r.id for r in responses(plain, needs_time=False)]
    changed = read_workbook(workbook(rows[0], rows[1], (2, *rows[2][1:])))
    assert changed.digest != plain.digest


def test_a_formula_is_the_result_that_the_file_keeps() -> None:
    data = workbook(("u1", "u2", "u3"), ("=1+3", "=IF(TRUE,2,1)", '=""'))
    [got] = responses(read_workbook(with_results(data, A2="4", B2="2.0", C2="")), needs_time=False)
    assert got.answers == {"persyaratan": 4, "prosedur": 2, "waktu": None}


def test_a_formula_that_was_never_computed_is_no_skipped_question() -> None:
    [bad] = outcomes(read_workbook(workbook(("u1", "u2"), (4, "=1+3"))), needs_time=False)
    assert isinstance(bad, BadRow)
    assert "u2 (B2) = '=1+3'" in str(bad)


def test_merged_cells_and_formatted_blanks_around_the_answers_are_harmless() -> None:
    def decorate(sheet: Any) -> None:
        sheet.merge_cells("A5:C9")
        sheet.merge_cells("B2:C2")
        sheet["A400"].font = Font(bold=True)

    table = read_workbook(workbook(("u1", "u2", "u3"), (4, 3, None), (2, 1, 4), also=decorate))
    assert [row.cells for row in table.rows] == [("4", "3", ""), ("2", "1", "4")]


def test_blank_rows_above_the_headers_do_not_count() -> None:
    table = read_workbook(workbook((), (), ("u1", "u2"), (4, 3), (), (2, 1)))
    assert table.headers == ("u1", "u2")
    assert [(row.number, row.line) for row in table.rows] == [(1, 4), (3, 6)]


def test_cells_right_of_the_headers_are_a_bad_row_as_in_csv() -> None:
    [bad] = outcomes(read_workbook(workbook(("u1",), (4, None, "x"))), needs_time=False)
    assert "3 cells and the headers are 1" in str(bad)


def test_too_small_a_stated_size_hides_nothing() -> None:
    data = workbook(("u1", "u2"), (4, 3), (2, 1))
    table = read_workbook(altered(data, lambda xml: xml.replace('ref="A1:B3"', 'ref="A1"')))
    assert len(table.rows) == 2


def test_the_first_sheet_that_is_shown_or_the_one_that_is_named() -> None:
    book = Workbook()
    hidden, shown = book.active, book.create_sheet("Jawaban")
    assert hidden is not None
    hidden.append(["u1"])
    hidden.title, hidden.sheet_state = "Daftar", "hidden"
    shown.append(["u2"])
    book.create_sheet("Kosong")
    assert read_workbook(saved(book)).headers == ("u2",)
    assert read_workbook(saved(book), "Daftar").headers == ("u1",)
    with pytest.raises(Unreadable, match="no sheet 'Lain'; it has Daftar, Jawaban, Kosong"):
        read_workbook(saved(book), "Lain")
    with pytest.raises(Unreadable, match="empty"):
        read_workbook(saved(book), "Kosong")


GOOD = workbook(("u1", "u2"), (4, 3), (2, 1))
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (GOOD[:1000], "broken"),
        (b"PK\x03\x04", "broken"),
        (altered(GOOD, lambda xml: xml[: len(xml) // 2]), "broken"),
        (altered(GOOD, lambda _: "", "[Content_Types].xml"), "broken"),
        (altered(GOOD, lambda xml: xml.replace('r="3"', 'r="99999999"')), "row beyond"),
        (OLE + bytes(500) + "Workbook".encode("utf-16-le"), "old form"),
        (OLE + bytes(500) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"u1,u2\n4,3\n", "no workbook"),
        (b"", "no workbook"),
    ],
)
def test_a_file_that_is_no_workbook_is_one_clear_line(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said) as caught:
        read_workbook(data)
    assert "\n" not in str(caught.value)


def test_a_workbook_is_known_by_its_bytes_or_its_name() -> None:
    assert is_workbook("jawaban", GOOD)
    assert is_workbook("jawaban.xls", OLE)
    assert is_workbook("rusak.XLSX", b"")
    assert not is_workbook("jawaban.csv", b"u1,u2\n")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_any_damage_is_a_table_or_one_line(seed: int, bytes_changed: int) -> None:
    rng, data = random.Random(seed), bytearray(GOOD)
    for _ in range(bytes_changed):
        data[rng.randrange(4, len(data))] = rng.randrange(256)
    try:
        read_workbook(bytes(data))
    except Unreadable as error:
        assert "\n" not in str(error)  # noqa: PT017  both outcomes are good, another exception is not


CELL = st.one_of(
    st.none(), st.integers(-5, 10), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
    st.sampled_from(["", "4", " 3 ", "qr", "x"]), st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1)),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELL, max_size=5), max_size=5))
def test_any_row_of_a_sheet_is_an_event_or_a_line(cells: list[list[object]]) -> None:
    table = read_workbook(workbook(("u1", "waktu", "submitted_at", "channel"), *cells))
    for row, outcome in zip(table.rows, outcomes(table), strict=True):
        if isinstance(outcome, BadRow):
            assert outcome.row == row.number
            assert "\n" not in str(outcome)
        else:
            assert outcome.id == f"{table.digest[:16]}-{row.number}"
            assert set(outcome.scores.values()) <= {1, 2, 3, 4}


def test_the_real_rows_as_a_workbook() -> None:
    file = Path(__file__).parents[2] / "producers" / "samples" / "sekadau_2019_s1.csv"
    lines = [line.split(",") for line in file.read_text().splitlines()]
    sheet = workbook(lines[0], *([int(cell) if cell else None for cell in line] for line in lines[1:]))
    found = responses(read_workbook(sheet), needs_time=False)
    assert (len(found), sum(sum(response.scores.values()) for response in found)) == (49, 1389)
