"""How figures, times and labels read in the language of whoever asks: Indonesian, or English."""

from collections.abc import Sequence
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, Literal

from api.board.english import ENGLISH
from ikm.period import is_calendar
from ikm.times import ZONES, parse_rfc3339
from ikm.window import STRETCHES

Language = Literal["id", "en"]
LANGUAGES: Final[dict[Language, str]] = {"id": "Bahasa Indonesia", "en": "English"}
_spoken: ContextVar[Language] = ContextVar("language", default="id")
"""Of the request that is answered; each request has a context of its own."""

NOTHING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
TIER_NOTES = {
    "kosong": "Belum ada jawaban pada rentang ini.",
    "tertutup": "Jawaban masih terlalu sedikit untuk diumumkan.",
    "sementara": "Jawaban masih sedikit: baca bersama selangnya.",
    "terbit": "Jawaban cukup untuk diumumkan bersama selangnya.",
    "memenuhi_sampel": "Jawaban memenuhi ukuran sampel (Krejcie & Morgan).",
}
_ROMAN = ("I", "II", "III", "IV")


def speak(language: Language) -> None:
    """Set the language of all words from here on, in this request."""
    _spoken.set(language)


def spoken() -> Language:
    """The language of this request."""
    return _spoken.get()


def say(text: str, **values: object) -> str:
    """A text in the language of the request, its `{names}` filled in.

    Raises:
        KeyError: English is spoken and the catalogue `api/board/english.py` lacks the text.
    """
    return (text if spoken() == "id" else ENGLISH[text]).format(**values)


def decimal(value: float | None, digits: int = 2) -> str:
    """An already rounded number, in Indonesian with a decimal comma: 78.74 -> "78,74"; None -> a dash."""
    if value is None:
        return NOTHING
    english = f"{value:,.{digits}f}"
    return english if spoken() == "en" else english.translate(str.maketrans(",.", ".,"))


def count(value: int | None) -> str:
    """A whole number with points between thousands: 1234 -> "1.234"; None -> a dash."""
    return decimal(value, 0)


def percent(share: float | None) -> str:
    """A share of 0..1 with four decimals as a percentage with two, so nothing is rounded twice: 0.125 -> "12,50 %"."""
    return NOTHING if share is None else decimal(share * 100) + " %"


def interval(bounds: Sequence[float] | None) -> str:
    """Both ends of an interval with a dash between them, or only a dash."""
    return NOTHING if bounds is None else f"{decimal(bounds[0])} {NOTHING} {decimal(bounds[1])}"


def clock_time(ms: int, zone: str) -> str:
    """The time of day to the second in a unit's zone: "10.04.05 WIB"."""
    return f"{_clock(_local(ms, zone), seconds=True)} {ZONE_NAMES[zone]}"


def moment(rfc3339: str | None, zone: str, now_ms: int) -> str:
    """A time in a unit's zone, with its date unless that is today's: "21 November 2026 10.04 WIB"."""
    if rfc3339 is None:
        return NOTHING
    local, today = _local(parse_rfc3339(rfc3339), zone), _local(now_ms, zone)
    time = f"{_clock(local)} {ZONE_NAMES[zone]}"
    return time if local.date() == today.date() else f"{_date(local)}, {time}"


def days(rfc3339_from: str, rfc3339_to: str, zone: str) -> str:
    """First and last day of [from, to) in a unit's zone, with a dash between them."""
    first = _local(parse_rfc3339(rfc3339_from), zone)
    last = _local(parse_rfc3339(rfc3339_to) - 1, zone)
    return f"{_date(first)} {NOTHING} {_date(last)}"


def difference(value: float, digits: int = 2) -> str:
    """A rounded difference with its sign: 2.5 -> "+2,50"."""
    sign = "+" if value > 0 else MINUS if value < 0 else "±"
    return sign + decimal(abs(value), digits)


def day_of(ms: int, zone: str) -> str:
    """The day of an instant in a unit's zone: "21 November 2026"."""
    return _date(_local(ms, zone))


def window_name(code: str) -> str:
    """A rolling window's name: "24h" -> "24 jam"."""
    return f"{code[:-1]} {say(STRETCHES[code[-1]])}"


def period_name(code: str) -> str:
    """A period's name: "2019-S1" -> "Semester I 2019", "2026-11" -> "November 2026"; an own one's is its code."""
    if not is_calendar(code):
        return code
    year, _, part = code.partition("-")
    if not part:
        return f"{say('Tahun')} {year}"
    if part.startswith("S"):
        return f"{say('Semester')} {_ROMAN[int(part[1:]) - 1]} {year}"
    if part.startswith("TW"):
        return f"{say('Triwulan')} {_ROMAN[int(part[2:]) - 1]} {year}"
    return f"{say(MONTHS[int(part) - 1])} {year}"


def _date(local: datetime) -> str:
    return f"{local.day} {say(MONTHS[local.month - 1])} {local.year}"


def _local(ms: int, zone: str) -> datetime:
    offset = timezone(timedelta(hours=ZONES[zone]))
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(offset)


def _clock(local: datetime, *, seconds: bool = False) -> str:
    text = f"{local:%H.%M.%S}" if seconds else f"{local:%H.%M}"
    return text if spoken() == "id" else text.replace(".", ":")
