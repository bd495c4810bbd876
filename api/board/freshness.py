"""How old a page's figures may be before it says so."""

from dataclasses import dataclass

from api.board import words

LATE_MS = 20_000
"""A worker gives a sign of life at least every 5 s; four missed ones are no accident."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """The status line of a page, whether it is a warning, and when the page was drawn."""

    late: bool
    text: str
    at: str


def is_late(seen_ms: int | None, now_ms: int) -> bool:
    """True when the worker behind a figure has been silent for too long."""
    return seen_ms is None or now_ms - seen_ms > LATE_MS


def of_unit(seen_ms: int | None, now_ms: int, zone: str) -> Freshness:
    """The status of one unit's board."""
    at = words.clock_time(now_ms, zone)
    if not is_late(seen_ms, now_ms):
        return Freshness(late=False, text=words.say("Langsung · diperbarui {at}", at=at), at=at)
    if seen_ms is None:
        return Freshness(late=True, text=words.say("Belum ada kabar dari pengolah: angka mungkin tidak terbaru"), at=at)
    since = words.clock_time(seen_ms, zone)
    text = words.say("Pengolah tidak memberi kabar sejak {since}: angka mungkin tidak terbaru", since=since)
    return Freshness(late=True, text=text, at=at)


def of_list(late: int, total: int, now_ms: int, zone: str) -> Freshness:
    """The status of the list: how many of its units have no live worker behind them."""
    at = words.clock_time(now_ms, zone)
    if not late:
        return Freshness(late=False, text=words.say("Langsung · diperbarui {at}", at=at), at=at)
    text = words.say(
        "Pengolah tidak memberi kabar: {late} dari {total} unit mungkin tidak terbaru", late=late, total=total
    )
    return Freshness(late=True, text=text, at=at)
