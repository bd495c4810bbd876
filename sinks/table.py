"""What a pipe needs to know about the table that it fills."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from runtime.clickhouse import Columns, Store
from sinks.lane import AnyRecord, Cutter, Range, Record
from sinks.sums import Place


@dataclass(frozen=True, slots=True)
class Unfit:
    """A record that can't become a row, and why."""

    record: Record
    message: str


@dataclass(frozen=True, slots=True)
class Rows:
    """What a range of records became.

    Attributes:
        columns: the rows.
        sources: for each row the record that it comes from.
        unfit: the records that are no rows and go to the dead letters.
        source_offset: the position of `responses.v1` that the range speaks for; None if it says nothing about it.
        touched: the buckets among the rows, whose sums follow (`sinks.sums`).
    """

    columns: Columns
    sources: Sequence[Record]
    unfit: Sequence[Unfit] = field(default_factory=tuple)
    source_offset: int | None = None
    touched: frozenset[Place] = frozenset()


class Table(Protocol):
    """One table and how records become its rows; the same records always give the same rows."""

    name: str

    def rows(self, records: Sequence[Record], partition: int) -> Rows:
        """Rows of one partition's records; runs in a thread, raises nothing because of a record."""

    async def holds(self, store: Store, partition: int, taken: Range) -> bool:
        """Whether a range that may have been inserted before is there; false where a second copy changes nothing."""

    def cutter(self) -> Cutter:
        """A fresh cutter for one partition."""


class Absolute:
    """What tables share whose rows are absolute: each record is whole by itself, and a second copy changes nothing.

    Args:
        log: the log's epoch.
        name: the table; another one while it is rebuilt.
    """

    def __init__(self, log: int, name: str) -> None:
        self.name = name
        self._log = log

    def cutter(self) -> Cutter:
        """After each record."""
        return AnyRecord()

    async def holds(self, store: Store, partition: int, taken: Range) -> bool:  # noqa: ARG002 - the protocol's
        """Never said: the rows may come again."""
        return False
