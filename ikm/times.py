"""Times are integers inside (UTC epoch milliseconds, minutes, hours) and RFC 3339 outside."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from ikm.errors import Code, Fault, Refused
from ikm.show import shown

MS_PER_MINUTE: Final = 60_000
MS_PER_HOUR: Final = 3_600_000
EARLIEST_MS: Final = 1_072_915_200_000
"""2004-01-01T00:00Z: nothing that is counted was submitted before."""
LATEST_MS: Final = 4_102_444_800_000
"""2100-01-01T00:00Z: no span ends later."""
FUTURE_MS: Final = 300_000
"""How far a clock may run ahead: 5 minutes."""
ZONES: Final[Mapping[str, int]] = MappingProxyType({"Asia/Jakarta": 7, "Asia/Makassar": 8, "Asia/Jayapura": 9})
"""Indonesia's zones (WIB, WITA, WIT) in whole hours east of UTC; none has daylight saving time."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
RFC3339_PATTERN: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_RFC3339 = re.compile(RFC3339_PATTERN)
_NAIVE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?)?")
_EXAMPLE = "send RFC 3339 with an offset, such as 2026-11-23T10:04:05+07:00"


def rfc3339_ms(ms: int) -> str:
    """Epoch milliseconds as `2026-11-23T03:04:05.678Z`."""
    minute, below = divmod(ms, MS_PER_MINUTE)
    return f"{rfc3339_minute(minute)[:17]}{below // 1000:02}.{below % 1000:03}Z"


def midnight_ms(day: date, zone: str) -> int:
    """The instant at which a day begins in one of `ZONES`, UTC epoch milliseconds."""
    return (day - _EPOCH.date()).days * 24 * MS_PER_HOUR - ZONES[zone] * MS_PER_HOUR


def local_day(ms: int, zone: str) -> date:
    """The day of an instant (UTC epoch milliseconds) in one of `ZONES`."""
    return (_EPOCH + (ms + ZONES[zone] * MS_PER_HOUR) * _MILLISECOND).date()


@lru_cache(maxsize=65_536)
def rfc3339_minute(minute: int) -> str:
    """Epoch minutes as `2026-11-23T03:04:00Z`."""
    return (_EPOCH + timedelta(minutes=minute)).isoformat()[:-6] + "Z"


def local_minute(minute: int, zone: str) -> str:
    """Epoch minutes as `2026-11-23T10:04+07:00`, by the clocks of a zone of Indonesia."""
    return (
        (_EPOCH + timedelta(minutes=minute))
        .astimezone(timezone(timedelta(hours=ZONES[zone])))
        .isoformat("T", "minutes")
    )


def parse_rfc3339(text: str, field: str = "time") -> int:
    """Reads an RFC 3339 time with an offset.

    Args:
        text: The time; digits below the millisecond are cut off.
        field: What the caller calls the value, for the message.

    Returns:
        UTC epoch milliseconds.

    Raises:
        Refused: `time_without_offset`, or `wrong_type` for anything else that is no such time
            (hour 24 and second 60 included).
    """
    try:  # the form that `rfc3339_ms` writes
        return _minute_ms(text[:17]) + _SECONDS[text[17:20]] + _FRACTIONS[text[20:]]
    except KeyError:
        return _parse(text, field)


_SECONDS = {f"{second:02}.": second * 1000 for second in range(60)}
_FRACTIONS = {f"{ms:03}Z": ms for ms in range(1000)}


@lru_cache(maxsize=16_384)
def _minute_ms(text: str) -> int:
    try:
        return _parse(f"{text}00.000Z", "")
    except Refused:
        raise KeyError(text) from None


def _parse(text: str, field: str) -> int:
    if _RFC3339.fullmatch(text) is None:
        raise Refused([_form_fault(text, field)])
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        message = f"{field} is {shown(text)}, which no calendar or clock has: {_EXAMPLE}."
        raise Refused([Fault(field, Code.WRONG_TYPE, message)]) from None
    return (moment - _EPOCH) // _MILLISECOND


def _form_fault(text: str, field: str) -> Fault:
    if _NAIVE.fullmatch(text):
        return Fault(field, Code.TIME_WITHOUT_OFFSET, f"{field} is {shown(text)}, without a UTC offset: {_EXAMPLE}.")
    return Fault(field, Code.WRONG_TYPE, f"{field} is {shown(text)}, not a time: {_EXAMPLE}.")
