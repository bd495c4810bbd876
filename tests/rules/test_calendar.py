from datetime import date, timedelta
from importlib import resources

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ikm import calendar
from ikm.calendar import UnknownYear, add_working_days, is_working_day, working_days_between

YEARS = (2024, 2025, 2026)
DAYS = st.dates(date(2024, 1, 1), date(2026, 9, 30))
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-23", True),  # a Monday
        ("2026-11-21", False),  # a Saturday
        ("2026-11-22", False),  # a Sunday
        ("2024-02-14", False),  # Pemilu, by Keppres
        ("2024-04-15", False),  # cuti bersama
        ("2024-04-16", True),
        ("2025-08-18", False),  # cuti bersama added in August
        ("2026-03-24", False),  # cuti bersama
        ("2026-03-25", True),
        ("2026-06-01", False),  # Hari Lahir Pancasila
    ],
)
def test_what_is_a_working_day(day, works):
    assert is_working_day(date.fromisoformat(day)) is works


def test_a_region_adds_days_of_its_own():
    anniversary = date(2026, 9, 24)
    assert is_working_day(anniversary)
    assert not is_working_day(anniversary, {anniversary})
    assert add_working_days(date(2026, 9, 23), 1, {anniversary}) == date(2026, 9, 25)
    assert working_days_between(date(2026, 9, 23), date(2026, 9, 25), {anniversary}) == 1


def test_a_limit_is_counted_from_the_day_after():
    before_idul_fitri = date(2026, 3, 17)
    assert add_working_days(before_idul_fitri, 1) == date(2026, 3, 25)
    assert add_working_days(before_idul_fitri, 3) == date(2026, 3, 27)
    assert working_days_between(before_idul_fitri, date(2026, 3, 27)) == 3
    assert add_working_days(date(2026, 11, 21), 0) == date(2026, 11, 21)
    assert working_days_between(date(2026, 11, 20), date(2026, 11, 22)) == 0


@pytest.mark.parametrize(
    "ask",
    [
        lambda: is_working_day(date(2027, 1, 4)),
        lambda: is_working_day(date(2027, 1, 2)),  # a Saturday: nobody guesses on weekends either
        lambda: add_working_days(date(2026, 12, 30), 2),
        lambda: working_days_between(date(2026, 12, 30), date(2027, 1, 4)),
    ],
)
def test_a_year_without_a_file_is_told(ask):
    with pytest.raises(UnknownYear, match=r"ikm/holidays/2027\.toml") as caught:
        ask()
    assert caught.value.year == 2027


def test_the_last_day_of_a_known_year_needs_no_other():
    assert add_working_days(date(2026, 12, 30), 1) == date(2026, 12, 31)
    assert working_days_between(date(2025, 12, 31), date(2026, 1, 2)) == 1


def test_what_cannot_be_counted():
    with pytest.raises(ValueError, match="-1"):
        add_working_days(date(2026, 1, 5), -1)
    with pytest.raises(ValueError, match="2026-01-05 lies before 2026-01-06"):
        working_days_between(date(2026, 1, 6), date(2026, 1, 5))


@pytest.mark.parametrize("year", YEARS)
def test_every_file_can_be_read(year):
    off = [date(year, 1, 1) + number * DAY for number in range(365)]
    assert 225 < sum(map(is_working_day, off)) < 250


def test_there_is_a_test_for_every_file():
    names = sorted(file.name for file in (resources.files("ikm") / "holidays").iterdir())
    assert names == [f"{year}.toml" for year in YEARS]


@pytest.mark.parametrize(
    "text",
    [
        '[libur_nasional]\n2026-01-01 = "x"',
        '[libur_nasional]\n2025-01-01 = "x"\n[cuti_bersama]',
        '[libur_nasional]\n2026-01-01 = "x"\n[cuti_bersama]\n2026-01-01 = "x"',
        '[libur_nasional]\n2026-02-30 = "x"\n[cuti_bersama]',
        "[libur_nasional]\n[cuti_bersama]\n[libur_lokal]",
    ],
)
def test_a_file_with_a_slip_is_refused(text):
    with pytest.raises(ValueError, match=r"2026|month"):
        calendar._read(text, 2026)


@given(DAYS, st.integers(0, 40), st.sets(DAYS, max_size=5))
def test_adding_and_counting_are_inverse(day, count, local):
    end = add_working_days(day, count, local)
    assert working_days_between(day, end, local) == count
    assert count == 0 or is_working_day(end, local)


@given(DAYS, DAYS, DAYS)
def test_counts_add_up(one, two, three):
    first, middle, last = sorted((one, two, three))
    assume(first < last)
    parts = working_days_between(first, middle) + working_days_between(middle, last)
    assert parts == working_days_between(first, last)
