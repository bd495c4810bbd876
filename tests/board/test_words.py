import pytest

from api.board import words
from ikm.figure import TIER_NAMES


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (78.74, 2, "78,74"),
        (100.0, 2, "100,00"),
        (2.5, 4, "2,5000"),
        (1234567, 0, "1.234.567"),
        (None, 2, "\N{EN DASH}"),
    ],
)
def test_numbers_have_decimal_commas(value: float | None, digits: int, text: str) -> None:
    assert words.decimal(value, digits) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0.125, "12,50 %"), (0.0, "0,00 %"), (1.0, "100,00 %"), (0.2245, "22,45 %")]
)
def test_shares_are_not_rounded_again(share: float, text: str) -> None:
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("2019", "Tahun 2019"),
        ("2019-S1", "Semester I 2019"),
        ("2026-TW4", "Triwulan IV 2026"),
        ("2026-01", "Januari 2026"),
        ("2026-12", "Desember 2026"),
        ("haji-2026", "haji-2026"),
    ],
)
def test_periods_have_names(code: str, name: str) -> None:
    assert words.period_name(code) == name


def test_times_are_those_of_the_units_zone() -> None:
    now_ms = 1_795_402_800_000
    today = "2026-11-23T17:04:05.678Z"

    assert words.moment("2018-12-31T17:00:00Z", "Asia/Jakarta", now_ms) == "1 Januari 2019, 00.00 WIB"
    assert words.moment(today, "Asia/Jayapura", words.parse_rfc3339(today)) == "02.04 WIT"
    assert words.moment(None, "Asia/Makassar", now_ms) == "\N{EN DASH}"
    assert words.clock_time(words.parse_rfc3339(today), "Asia/Makassar") == "01.04.05 WITA"


def test_a_period_ends_on_its_last_day() -> None:
    days = words.days("2018-12-31T17:00:00Z", "2019-06-30T17:00:00Z", "Asia/Jakarta")

    assert days == "1 Januari 2019 \N{EN DASH} 30 Juni 2019"


def test_every_tier_has_a_name_and_a_note() -> None:
    assert TIER_NAMES.keys() == words.TIER_NOTES.keys()
