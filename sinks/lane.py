"""The records of one partition that wait for the store, and where they may be cut."""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

Record = Any
"""aiokafka's ConsumerRecord: offset, timestamp (ms), key, value, headers."""

MAX_ROWS = 10_000
MAX_BUFFERED = 4 * MAX_ROWS
MAX_UNCUT_S = 30.0
"""For how long a batch that seems unfinished is held back while later ones arrive."""


class Cutter(Protocol):
    """Where a partition's records may be cut: after each record it says whether a whole batch ends there."""

    def whole_after(self, record: Record) -> bool:
        """Whether everything up to and with this record may become visible."""

    def may_force(self, record: Record) -> bool:
        """Whether this record ends somebody's batch, though others seem unfinished."""


class AnyRecord:
    """Every record is whole by itself."""

    def whole_after(self, record: Record) -> bool:  # noqa: ARG002 - the protocol's
        """Always."""
        return True

    def may_force(self, record: Record) -> bool:  # noqa: ARG002 - the protocol's
        """Always."""
        return True


@dataclass(slots=True)
class Range:
    """A run of one partition's records that is inserted as one block: offsets `first` to `last`, both inclusive.

    `is_repeated` when a former owner planned it: it may have been inserted already.
    """

    first: int
    last: int
    records: list[Record]
    is_repeated: bool = False


@dataclass(slots=True)
class Lane:
    """One partition's buffer.

    Attributes:
        next_offset: the next offset expected; everything below is in `records` or done.
        cutter: where to cut.
        planned_last: last offset of a range that a former owner planned: it is read and cut exactly there.
    """

    next_offset: int
    cutter: Cutter
    planned_last: int | None = None
    first_offset: int = field(init=False)
    records: deque[Record] = field(default_factory=deque)
    cuts: deque[int] = field(default_factory=deque)
    forced: int = -1
    uncut_since: float = 0.0
    waiting_since: float = 0.0

    def __post_init__(self) -> None:
        self.first_offset = self.next_offset

    def add(self, records: Iterable[Record]) -> None:
        """Append records in the order of their offsets."""
        for record in records:
            if not self.records:
                self.waiting_since = time.monotonic()
            self.records.append(record)
            self.next_offset = record.offset + 1
            if self.cutter.whole_after(record):
                self.cuts.append(record.offset)
                self.uncut_since = 0.0
            else:
                self.uncut_since = self.uncut_since or time.monotonic()
                if self.cutter.may_force(record):
                    self.forced = record.offset

    def cut(self) -> int | None:
        """The last offset of the next range, or None while no whole batch is here."""
        if self.planned_last is not None:
            return self.planned_last if self.next_offset > self.planned_last else None
        if not self.cuts:
            late = self.uncut_since and time.monotonic() - self.uncut_since > MAX_UNCUT_S
            return self.forced if late and self.forced >= self.first_offset else None
        limit = self.first_offset + MAX_ROWS
        last = self.cuts[0]
        for offset in self.cuts:
            if offset >= limit:
                break
            last = offset
        return last

    def take(self) -> Range | None:
        """Remove and return the next range, empty of records only if they no longer exist in the log."""
        last = self.cut()
        if last is None:
            return None
        taken: list[Record] = []
        while self.records and self.records[0].offset <= last:
            taken.append(self.records.popleft())
        while self.cuts and self.cuts[0] <= last:
            self.cuts.popleft()
        taken_range = Range(self.first_offset, last, taken, is_repeated=self.planned_last is not None)
        self.first_offset, self.planned_last = last + 1, None
        self.waiting_since = time.monotonic()
        return taken_range
