"""Working days: Monday to Friday, without national holidays and cuti bersama, which are data, one file a year."""

import tomllib
from collections.abc import Collection
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Final

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_LISTS: Final = ("libur_nasional", "cuti_bersama")


class UnknownYear(LookupError):  # noqa: N818 - what is known about a year is an outcome, not an error of the program
    """The holidays of a year are not known: they are decreed from year to year and can't be computed."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"the holidays of {year} are not known: add ikm/holidays/{year}.toml from that year's SKB 3 Menteri"
        )
        self.year = year


def is_working_day(day: date, local: Collection[date] = ()) -> bool:
    """Whether offices work on a day.

    Args:
        day: in the zone of the office.
        local: further days off, such as a region's anniversary or local election.

    Raises:
        UnknownYear: no file for that year, whatever the day of the week.
    """
    off = days_off(day.year)
    return day.weekday() < _SATURDAY and day not in off and day not in local


def working_days_between(first: date, last: date, local: Collection[date] = ()) -> int:
    """Working days after `first` up to and with `last`: 0 for the same day, as a time limit is counted.

    Raises:
        ValueError: `last` lies before `first`.
        UnknownYear: a year among them has no file.
    """
    if last < first:
        raise ValueError(f"{last} lies before {first}: give the earlier day first")
    days = (first + count * _DAY for count in range(1, (last - first).days + 1))
    return sum(is_working_day(day, local) for day in days)


def add_working_days(day: date, count: int, local: Collection[date] = ()) -> date:
    """The working day that is `count` working days after a day; the day itself, working or not, for 0.

    Raises:
        ValueError: `count` is negative.
        UnknownYear: a year among them has no file.
    """
    if count < 0:
        raise ValueError(f"{count} working days can't be added: give 0 or more")
    while count:
        day += _DAY
        count -= is_working_day(day, local)
    return day


def known_years() -> list[int]:
    """The years whose holidays are known, ascending."""
    names = (file.name for file in (resources.files("ikm") / "holidays").iterdir())
    return sorted(int(name.removesuffix(".toml")) for name in names if name.endswith(".toml"))


@cache
def days_off(year: int) -> frozenset[date]:
    """National holidays and cuti bersama of a year.

    Raises:
        UnknownYear: no file for that year.
    """
    try:
        text = (resources.files("ikm") / "holidays" / f"{year:04d}.toml").read_text("utf-8")
    except FileNotFoundError:
        raise UnknownYear(year) from None
    return _read(text, year)


def _read(text: str, year: int) -> frozenset[date]:
    """The days of a file: two tables, `libur_nasional` and `cuti_bersama`, each from date to name.

    Raises:
        ValueError: a table is missing or unknown, a date is none, of another year, or in both tables.
    """
    tables = tomllib.loads(text)
    if set(tables) != set(_LISTS):
        raise ValueError(f"holidays of {year}: the tables must be {' and '.join(_LISTS)}, not {', '.join(tables)}")
    days = [date.fromisoformat(day) for table in _LISTS for day in tables[table]]
    wrong = [day.isoformat() for day in days if day.year != year or days.count(day) > 1]
    if wrong:
        raise ValueError(f"holidays of {year}: {', '.join(wrong)} of another year, or there twice")
    return frozenset(days)
