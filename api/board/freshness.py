"""How old a page's figures may be before it says so."""

from dataclasses import dataclass

from api.board import words

LATE_MS = 20_000
"""A worker gives a sign of life at least every 5 s; four missed ones are no accident."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """The status line of a page, whether it warns, and when the page was drawn: `at` ends a line that does not warn."""

    late: bool
    text: str
    at: str
    day: str


def is_late(seen_ms: int | None, now_ms: int) -> bool:
    """True when the worker behind a figure has been silent for too long."""
    return seen_ms is None or now_ms - seen_ms > LATE_MS


def of_unit(seen_ms: int | None, now_ms: int, zone: str) -> Freshness:
    """The status of one unit's board."""
    if not is_late(seen_ms, now_ms):
        return _of(now_ms, zone)
    if seen_ms is None:
        return _of(now_ms, zone, words.say("Belum ada kabar dari pengolah: angka mungkin tidak terbaru"))
    since = words.clock_time(seen_ms, zone)
    warning = words.say("Pengolah tidak memberi kabar sejak {since}: angka mungkin tidak terbaru", since=since)
    return _of(now_ms, zone, warning)


def of_list(late: int, total: int, now_ms: int, zone: str) -> Freshness:
    """The status of the list: how many of its units have no live worker behind them."""
    if not late:
        return _of(now_ms, zone)
    warning = words.say(
        "Pengolah tidak memberi kabar: {late} dari {total} unit mungkin tidak terbaru", late=late, total=total
    )
    return _of(now_ms, zone, warning)


def _of(now_ms: int, zone: str, warning: str = "") -> Freshness:
    return Freshness(
        late=warning != "",
        text=warning or words.say("Langsung · diperbarui"),
        at=words.clock_time(now_ms, zone),
        day=words.day_of(now_ms, zone),
    )
