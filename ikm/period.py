"""Calendar periods of an organisation, in its own zone."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from ikm.show import shown
from ikm.times import ZONES

FIRST_YEAR: Final = 2004
LAST_YEAR: Final = 2148
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local calendar arithmetic, the zone's hours are subtracted once
_CODE = re.compile(r"(?P<year>[0-9]{4})(?:-(?:S(?P<half>[12])|TW(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar period.

    Attributes:
        code: `2026`, `2026-S1`, `2026-TW3` or `2026-11`.
        from_minute: Its first minute, UTC epoch minutes.
        to_minute: The first minute after it.
    """

    code: str
    from_minute: int
    to_minute: int


KINDS: Final[Mapping[str, Callable[[int, int], str]]] = MappingProxyType(
    {
        "bulanan": lambda year, month: f"{year:04d}-{month:02d}",
        "triwulan": lambda year, month: f"{year:04d}-TW{(month + 2) // 3}",
        "semester": lambda year, month: f"{year:04d}-S{(month + 5) // 6}",
        "tahun": lambda year, _: f"{year:04d}",
    }
)
"""How often an organisation publishes, with the code of the period that a year and month belong to."""


def is_calendar(code: str) -> bool:
    """Whether a code has the form of a calendar period's."""
    return _CODE.fullmatch(code) is not None


def parse_period(code: str, zone: str) -> Period:
    """The calendar period that a code names, in a zone.

    Raises:
        ValueError: The code names no period from 2004 to 2148, or the zone is not Indonesian.
    """
    matched = _CODE.fullmatch(code)
    if matched is None or not FIRST_YEAR <= int(matched["year"]) <= LAST_YEAR:
        raise ValueError(
            f"period {shown(code)} is not known: send a year from {FIRST_YEAR} to {LAST_YEAR}, a semester, a "
            "quarter or a month, such as 2026, 2026-S1, 2026-TW3 or 2026-11"
        )
    year = int(matched["year"])
    if matched["half"]:
        first, months = 6 * int(matched["half"]) - 5, 6
    elif matched["quarter"]:
        first, months = 3 * int(matched["quarter"]) - 2, 3
    elif matched["month"]:
        first, months = int(matched["month"]), 1
    else:
        first, months = 1, 12
    return Period(code, _first_minute(year, first, zone), _first_minute(year, first + months, zone))


def period_of(kind: str, minute: int, zone: str) -> Period:
    """The period of a kind (`bulanan`, `triwulan`, `semester`, `tahun`) that a UTC minute lies in.

    Raises:
        ValueError: The kind or zone is not known, or the minute lies outside 2004 to 2148.
    """
    if kind not in KINDS:
        raise ValueError(f"kind of period {shown(kind)} is not known: one of {', '.join(KINDS)}")
    local = datetime.fromtimestamp(minute * 60, UTC) + timedelta(hours=_hours(zone))
    return parse_period(KINDS[kind](local.year, local.month), zone)


def _first_minute(year: int, month: int, zone: str) -> int:
    """UTC epoch minute at which a month begins in a zone; month 13 is the next year's first."""
    local = datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)  # noqa: DTZ001 - local calendar
    return (local - _EPOCH) // timedelta(minutes=1) - 60 * _hours(zone)


def _hours(zone: str) -> int:
    if zone not in ZONES:
        raise ValueError(f"zone {shown(zone)} is not known: one of {', '.join(ZONES)}")
    return ZONES[zone]
