"""The users of ClickHouse that Grafana's data sources read as: both sides of a limit look here."""

from dataclasses import dataclass
from typing import Final

_DRIVER_ADDS_S: Final = 5
"""Grafana's plugin asks over clickhouse-go, which sends with each query, as max_execution_time, the seconds that it
waits for the answer and 5 more (its `context.go`)."""
DIAL_SECONDS: Final = 5
"""For how long the driver waits for the server to greet it, which over HTTP is a query too."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A user of ClickHouse.

    Attributes:
        name: the user's.
        reads: beginnings of the names of what may be read.
        waits_seconds: for how long Grafana waits for an answer.
        most_rows: that an answer may have.
        most_bytes: of memory that a query may take.
        repeats_seconds: for how long an answer is given again to the same question; 0 never.
    """

    name: str
    reads: tuple[str, ...]
    waits_seconds: int
    most_rows: int
    most_bytes: int
    repeats_seconds: int

    @property
    def most_seconds(self) -> int:
        """What a query may ask for: the server refuses a query that asks for more, however short it would be."""
        return max(self.waits_seconds, DIAL_SECONDS) + _DRIVER_ADDS_S


GRAFANA: Final = Reader(
    "ikm_grafana", ("v_", "p_", "ref_"), waits_seconds=30, most_rows=1_000_000, most_bytes=2 * 2**30, repeats_seconds=0
)
PUBLIC: Final = Reader(
    "ikm_public", ("v_public_",), waits_seconds=5, most_rows=100_000, most_bytes=2**30, repeats_seconds=4
)
"""However many look at the public's board, which asks every 5 s, the server answers each of its questions once."""
READERS: Final = (GRAFANA, PUBLIC)
