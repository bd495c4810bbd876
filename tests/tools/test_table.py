import hashlib

import pytest

from producers.table import Unreadable, read_table


@pytest.mark.parametrize(
    "data",
    [
        b"u1,u2\n3,4\n1,\n",
        b"\xef\xbb\xbfu1,u2\r\n3,4\r\n1,\r\n",
        b"u1;u2\r\n3;4\r\n1;\r\n",
        b'"u1";"u2"\r\n"3";"4"\r\n"1";""\r\n',
        b"u1\tu2\n 3\t4 \n1\t\n",
        b"sep=;\r\nu1;u2\r\n3;4\r\n1;\r\n",
        b"u1,u2\n3,4\n1,",
        "u1\tu2\r\n3\t4\r\n1\t\r\n".encode("utf-16"),
        b"\r\nu1,u2\r\n3,4\r\n1,\r\n",
        b"u1,u2,,\n3,4\n1,\n",
    ],
)
def test_reads_every_dialect_that_spreadsheets_write(data: bytes) -> None:
    table = read_table(data)
    assert table.headers == ("u1", "u2")
    assert [row.cells for row in table.rows] == [("3", "4"), ("1", "")]
    assert [row.number for row in table.rows] == [1, 2]
    assert table.digest == hashlib.sha256(data).hexdigest()


def test_a_quoted_cell_may_hold_the_delimiter_quotes_and_line_breaks() -> None:
    table = read_table(b'u1,saran\n3,"cepat, ""ramah""\nsekali"\n4,\n')
    assert table.rows[0].cells == ("3", 'cepat, "ramah"\nsekali')
    assert (table.rows[1].number, table.rows[1].line) == (2, 4)


def test_blank_rows_are_passed_over_and_counted() -> None:
    table = read_table(b"u1,u2\n3,4\n\n,\n1,2\n,\n")
    assert [(row.number, row.line, row.cells) for row in table.rows] == [(1, 2, ("3", "4")), (4, 5, ("1", "2"))]


def test_a_record_that_breaks_the_quoting_is_one_bad_row_and_the_rest_goes_on() -> None:
    table = read_table(b'u1,u2\n3,"4"x\n1,2\n')
    assert [(row.number, bool(row.fault), row.cells) for row in table.rows] == [(1, True, ()), (2, False, ("1", "2"))]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        (b"u1,u2\n3,\xe9\n", "UTF-8"),
        (b"\xff\xfeu", "UTF-8"),
        (b",,\n,,\n", "headers"),
    ],
)
def test_says_what_is_wrong_with_the_whole_file(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_table(data)
