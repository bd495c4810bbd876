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
        return Freshness(late=False, text=f"Langsung · diperbarui {at}", at=at)
    silent = "Belum ada kabar dari pengolah"
    if seen_ms is not None:
        silent = f"Pengolah tidak memberi kabar sejak {words.clock_time(seen_ms, zone)}"
    return Freshness(late=True, text=f"{silent}: angka mungkin tidak terbaru", at=at)


def of_list(late: int, total: int, now_ms: int, zone: str) -> Freshness:
    """The status of the list: how many of its units have no live worker behind them."""
    at = words.clock_time(now_ms, zone)
    if not late:
        return Freshness(late=False, text=f"Langsung · diperbarui {at}", at=at)
    return Freshness(
        late=True, text=f"Pengolah tidak memberi kabar: {late} dari {total} unit mungkin tidak terbaru", at=at
    )
