"""The stretch of time that a board shows."""

from dataclasses import dataclass
from datetime import UTC, tzinfo


@dataclass(frozen=True, slots=True)
class Span:
    """[from, to] in UTC epoch milliseconds, and how far apart a panel's points are.

    Attributes:
        from_ms: where the time range begins.
        to_ms: where it ends.
        interval_ms: what Grafana works out of the range and the panel's width.
        container: the zone of the machine that Grafana runs on: dates are written by its clock.
        zone: the board's.
    """

    from_ms: int
    to_ms: int
    interval_ms: int = 60_000
    container: tzinfo = UTC
    zone: str = "Asia/Jakarta"


UNITS = (("y", 31_536_000_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1))


def short(ms: int) -> str:
    """A duration in the largest unit that fits, cut off: 90 minutes are `1h`."""
    return next((f"{ms // length}{unit}" for unit, length in UNITS if ms >= length), "1ms")
