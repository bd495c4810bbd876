import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.errors import Code
from ikm.events import Response
from ikm.index import INDICES
from ikm.registry import Service, Unit
from ikm.versions import Versions
from producers.columns import resolve
from producers.importer import BadRow, Target, first_instant, read_rows
from producers.table import Unreadable, read_table

NOW = 1_763_856_000_000
UNIT = Unit(
    code="loket", name="Loket", zone="Asia/Jakarta", period="semester", services=(Service(code="ktp", name="KTP"),)
)
TIME = "2025-11-20T09:00:00+07:00"


def rows(text: str | bytes, *, period: str | None = None, id_column: str | None = None) -> list[Response | BadRow]:
    table = read_table(text if isinstance(text, bytes) else text.encode())
    columns = resolve(table.headers, {}, id_column=id_column, needs_time=period is None)
    at = first_instant(period, UNIT) if period else None
    return list(read_rows(table, columns, Target(UNIT, "import", at), received_ms=NOW))


def test_a_row_becomes_a_response() -> None:
    [got] = rows(f"waktu,biaya,submitted_at,service,channel\n4,,{TIME},ktp,qr\n")
    assert isinstance(got, Response)
    assert got.answers == {"waktu": 4, "biaya": None}
    assert (got.unit, got.source, got.service, got.channel, got.revision) == ("loket", "import", "ktp", "qr", 1)
    assert got.submitted_at == 1_763_604_000_000


def test_the_items_decide_the_questionnaire() -> None:
    [got] = rows("u1,ipak.pungli\n4,6\n", period="2019-S1")
    assert isinstance(got, Response)
    assert (got.questionnaire, got.answers) == ("lengkap", {"persyaratan": 4, "ipak.pungli": 6})
    [got] = rows("ipkp.tarif\n5\n", period="2019-S1")
    assert isinstance(got, Response)
    assert got.questionnaire == "ipkp"


def test_the_id_is_the_file_and_the_row_so_a_repeat_is_the_same() -> None:
    text = "u1\n4\n\n3\n"
    first, second = rows(text, period="2019-S1")
    assert isinstance(first, Response)
    assert isinstance(second, Response)
    digest = read_table(text.encode()).digest[:16]
    assert (first.id, second.id) == (f"{digest}-1", f"{digest}-3")
    assert rows(text, period="2019-S1") == [first, second]


def test_a_period_is_its_first_instant_in_the_units_zone() -> None:
    assert first_instant("2019-S1", UNIT.model_copy(update={"zone": "Asia/Jakarta"})) == "2018-12-31T17:00:00.000Z"
    assert first_instant("2019-TW3", UNIT.model_copy(update={"zone": "Asia/Jayapura"})) == "2019-06-30T15:00:00.000Z"
    with pytest.raises(ValueError, match="2019-S3"):
        first_instant("2019-S3", UNIT.model_copy(update={"zone": "Asia/Jakarta"}))


@pytest.mark.parametrize(
    ("cells", "code", "said"),
    [
        (("5", TIME, ""), Code.OUT_OF_SCALE, "u1 = '5'"),
        (("0", TIME, ""), Code.OUT_OF_SCALE, "u1 = '0'"),
        (("4.0", TIME, ""), Code.WRONG_TYPE, "u1 = '4.0'.*whole number"),
        (("empat", TIME, ""), Code.WRONG_TYPE, "u1 = 'empat'"),
        (("", TIME, ""), Code.NO_ANSWER, "the row"),
        (("4", "2025-11-20 09:00", ""), Code.TIME_WITHOUT_OFFSET, "submitted_at = '2025-11-20 09:00'.*offset"),
        (("4", "", ""), Code.WRONG_TYPE, "submitted_at = ''"),
        (("4", "1900-01-01T00:00:00Z", ""), Code.TIME_OUT_OF_RANGE, "2004"),
        (("4", "2999-01-01T00:00:00Z", ""), Code.TIME_OUT_OF_RANGE, "5 minutes"),
        (("4", TIME, "sim"), Code.UNKNOWN_SERVICE, "service = 'sim'.*ktp"),
        (("4", TIME), Code.MISSING_FIELD, "2 cells and the headers are 3"),
        (("4", TIME, "", "x"), Code.UNKNOWN_FIELD, "4 cells"),
    ],
)
def test_a_bad_row_says_row_field_value_and_cure(cells: tuple[str, ...], code: Code, said: str) -> None:
    good = f"4,{TIME},ktp"
    before, bad, after = rows(f"u1,submitted_at,service\n{good}\n{','.join(cells)}\n{good}\n")
    assert isinstance(before, Response)
    assert isinstance(after, Response)
    assert isinstance(bad, BadRow)
    assert [fault.code for fault in bad.faults] == [code]
    assert str(bad).startswith("row 2 (line 3): ")
    assert re.search(said, str(bad))


def test_an_id_twice_with_other_content_would_lose_a_row() -> None:
    first, repeat, other = rows("kode,u1\na,4\na,4\na,3\n", period="2019", id_column="kode")
    assert first == repeat
    assert isinstance(other, BadRow)
    assert other.faults[0].code is Code.CONTRADICTION
    assert "row 1" in str(other)


def test_the_49_rows_of_sekadau() -> None:
    file = Path(__file__).parents[2] / "producers" / "samples" / "sekadau_2019_s1.csv"
    got = rows(file.read_bytes(), period="2019-S1")
    assert len(got) == 49
    assert all(isinstance(response, Response) for response in got)
    total = sum(score for response in got if isinstance(response, Response) for score in response.scores.values())
    assert total == 1389
    assert INDICES["ikm"].factor * total / (9 * 49) == pytest.approx(78.7415, abs=1e-4)


CELL = st.one_of(
    st.sampled_from(["", "1", "4", "5", "0", " 3 ", "4.0", "x", TIME, "2999-01-01T00:00:00Z", "ktp", "qr", "a-1"]),
    st.text(max_size=12),
)


@given(st.lists(st.lists(CELL, max_size=7), max_size=8), st.sampled_from([",", ";", "\t"]), st.booleans())
def test_any_row_is_either_an_event_or_a_line(cells: list[list[str]], delimiter: str, with_ids: bool) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["kode", "u1", "waktu", "submitted_at", "service", "channel"])
    writer.writerows(cells)
    data = out.getvalue().encode("utf-8", "replace")
    table = read_table(data)
    outcomes = rows(data, id_column="kode" if with_ids else None)
    assert len(outcomes) == len(table.rows)
    for row, outcome in zip(table.rows, outcomes, strict=True):
        if isinstance(outcome, BadRow):
            assert outcome.row == row.number
            assert outcome.faults
            assert "\n" not in str(outcome)
        else:
            assert outcome.scores
            assert with_ids or outcome.id == f"{table.digest[:16]}-{row.number}"


@given(st.binary(max_size=200))
def test_any_bytes_below_the_headers_are_rows_or_one_line(data: bytes) -> None:
    try:
        outcomes: list[Response | BadRow] = rows(b"u1,submitted_at\n" + data)
    except Unreadable as error:
        said = [str(error)]
    else:
        said = [str(outcome) for outcome in outcomes if isinstance(outcome, BadRow)]
    assert not any("\n" in line for line in said)


def test_a_row_after_the_units_end_names_the_unit_that_carries_on() -> None:
    closed = UNIT.model_copy(update={"valid_to": date(2025, 11, 20), "merged_into": "loket-2"})
    table = read_table(b"u1,submitted_at\n4,2025-11-20T00:00:00+07:00\n4,2025-11-19T23:59:59+07:00\n")
    columns = resolve(table.headers, {})
    late, in_time = read_rows(table, columns, Target(closed, "import"), received_ms=NOW)
    assert isinstance(in_time, Response)
    assert isinstance(late, BadRow)
    assert [fault.code for fault in late.faults] == [Code.UNIT_CLOSED]
    assert "send it for unit loket-2" in str(late)
    again = Versions([closed, closed.model_copy(update={"valid_from": date(2025, 11, 20), "valid_to": None})])
    reopened = Target(closed, "import", versions=again)
    assert all(isinstance(row, Response) for row in read_rows(table, columns, reopened, received_ms=NOW))
