"""One source partition: fold its batches, publish what they touched, say how far everything is delivered.

A batch is acknowledged when each unit that it touched has, delivered, its buckets and a figure at the batch's position
or a later one. A unit's first figure after a pause goes out at once; further ones are joined for up to 250 ms.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ikm.book import Book
from ikm.entry import Entry
from ikm.index_book import RollingCard
from ikm.position import RULES_VERSION, Sequence
from ikm.published import HEARTBEAT_MS
from ikm.unit_book import UnitBook
from runtime import metrics
from runtime.topics import INDEX, PAGES, REJECTED, SCORECARDS
from stream_processors.batches import Batch
from stream_processors.marker import Marker
from stream_processors.outbox import Outbox, Parcel
from stream_processors.publication import (
    JSON_HEADERS,
    Record,
    bucket_record,
    figure_record,
    progress_record,
)

JOIN_MS = 200
"""Figures of a unit are joined for this long, and then for at most one tick of the flusher (50 ms) more."""
UNACKNOWLEDGED_ALLOWED = 16
UNITS_PER_PARCEL = 256


@dataclass(slots=True)
class Unacknowledged:
    """Batches folded and not yet published: they end before `end`, their units wait in `waiting`."""

    end: int
    waiting: set[UnitBook] = field(default_factory=set)
    counted: int = 0


class Processor:
    """Folds and publishes one partition from one assignment to the next.

    Args:
        partition: which.
        book: its state, recovered.
        start: offset of the first record that will come.
        hold_until: publications and acknowledgements wait until the fold has passed this offset.
        marker: what is to be noted in the changelog once all has been published again, or None.
        outbox: sends.
        acknowledge: called with the offset up to which everything is delivered.
    """

    def __init__(
        self,
        *,
        partition: int,
        book: Book,
        start: int,
        hold_until: int,
        marker: Marker | None,
        outbox: Outbox,
        acknowledge: Callable[[int, int], None],
    ) -> None:
        self.partition = partition
        self.book = book
        self._hold_until = hold_until
        self._marker = marker
        self._outbox = outbox
        self._acknowledge = acknowledge
        book.position = start
        self._progress = start
        self._batches: deque[Unacknowledged] = deque()
        self._in_flight = 0
        self._room = asyncio.Event()
        self._room.set()
        self._figures_due: set[UnitBook] = set(book.units.values())
        self._published_ms: dict[UnitBook, int] = {}
        self._heartbeat_ms = 0
        self._said_to = -1
        if marker is not None:
            book.touch_all()

    @property
    def held(self) -> bool:
        """Whether redelivery has still to pass the greatest position that a page covers."""
        return self.book.position < self._hold_until

    async def room(self) -> None:
        """Wait until fewer than the allowed number of batches are unacknowledged, or the partition is revoked."""
        await self._room.wait()

    def close(self) -> None:
        """The partition is revoked: send nothing more, keep nobody waiting."""
        self._outbox.close()
        metrics.UNACKNOWLEDGED.dec(self._in_flight)
        self._room.set()

    def fold(self, batch: Batch, now_ms: int) -> None:
        """Fold a batch, and publish what may go out at once."""
        self.book.position = batch.next_offset
        with metrics.FOLD_SECONDS.time():
            rejected = self._join(batch)
        self._note(batch.next_offset)
        if rejected:
            self._outbox.put(Parcel({REJECTED.name: rejected}))
        metrics.FOLDED.labels("valid").inc(len(batch.items) - len(rejected))
        metrics.FOLDED.labels("rejected").inc(len(rejected))
        metrics.NEXT_OFFSET.labels(self.partition).set(batch.next_offset)
        self.flush(now_ms)

    def flush(self, now_ms: int) -> None:
        """Publish the units whose time has come, and progress if it moved; pages go before what they account for."""
        if self.held:
            self._save()
            return
        self._advance(now_ms)
        self._take_touched()
        due = self._due(now_ms)
        progress = self._progress_after(due)
        moved = progress != self._progress or self._said_to != self.book.to_minute
        if not due and not moved and now_ms - self._heartbeat_ms < HEARTBEAT_MS:
            return
        self._publish(due, progress, now_ms)

    def tidy(self, committed: int) -> bool:
        """Rewrite the pages of the untidiest unit whose superseded answers may leave now; False if there is none."""
        if self.held:
            return False
        unit = max(self.book.untidy(committed), key=lambda unit: len(unit.ever) + len(unit.pages), default=None)
        if unit is None:
            return False
        pages = [Record(key, value, []) for key, value in self.book.rewrite(unit)]
        self._outbox.put(Parcel({PAGES.name: pages}))
        return True

    def _join(self, batch: Batch) -> list[Record]:
        rejected: list[Record] = []
        fold = self.book.fold
        for read in batch.items:
            if isinstance(read, Entry):
                fold(read)
            else:
                rejected.append(read)
        return rejected

    def _save(self) -> None:
        """Pages alone: while publications are held, what is folded must not pile up."""
        pages = self._pages()
        if pages:
            self._outbox.put(Parcel({PAGES.name: pages}))

    def _pages(self) -> list[Record]:
        return [Record(key, value, []) for key, value in self.book.take_pages()]

    def _advance(self, now_ms: int) -> None:
        if self.book.advance(now_ms):
            self._figures_due.update(self.book.units.values())

    def _take_touched(self) -> None:
        touched = self.book.take_touched()
        if touched:
            if not self._batches:
                self._batches.append(Unacknowledged(self.book.position))
            self._batches[-1].waiting |= touched

    def _due(self, now_ms: int) -> list[UnitBook]:
        waiting: set[UnitBook] = set().union(*(batch.waiting for batch in self._batches))
        latest = now_ms - JOIN_MS
        due = [unit for unit in waiting if not latest < self._published_ms.get(unit, 0) <= now_ms]
        for unit in self._figures_due:
            if len(due) >= UNITS_PER_PARCEL:
                break
            if unit not in waiting:
                due.append(unit)
        return due

    def _progress_after(self, due: Iterable[UnitBook]) -> int:
        """Offset up to which every touched unit is published once `due` is."""
        published = set(due)
        progress = self._progress
        for batch in self._batches:
            if not batch.waiting <= published:
                break
            progress = batch.end
        return progress

    def _publish(self, due: list[UnitBook], progress: int, now_ms: int) -> None:
        book = self.book
        sequence = Sequence(book.log, RULES_VERSION, book.position, book.to_minute)
        buckets = [bucket_record(unit.name, sequence, bucket) for unit in due for bucket in unit.take_buckets()]
        figures = [
            self._figure(unit, index, sequence, windows)
            for unit in due
            for index, windows in book.windows(unit).items()
        ]
        whole = self._figures_due <= set(due)
        last = progress_record(self.partition, progress, book, now_ms, whole=whole)
        done = self._forget(due, now_ms)
        records = {PAGES.name: self._pages(), SCORECARDS.name: [*buckets, last], INDEX.name: [*figures, last]}
        marker = self._take_marker()
        self._outbox.put(Parcel(records, lambda: self._delivered(progress, done, marker)))
        self._progress, self._heartbeat_ms, self._said_to = progress, now_ms, book.to_minute
        metrics.PUBLISHED.labels(INDEX.name).inc(len(figures))
        metrics.PUBLISHED.labels(SCORECARDS.name).inc(len(buckets))

    def _figure(self, unit: UnitBook, index: str, sequence: Sequence, windows: dict[str, RollingCard]) -> Record:
        frames = self.book.take_frames(unit, index, windows)
        return figure_record(unit.name, index, self.partition, sequence, windows, frames=frames)

    def _forget(self, due: Iterable[UnitBook], now_ms: int) -> int:
        """Take published units off the batches; returns how many counted batches are complete."""
        published = set(due)
        self._figures_due -= published
        for unit in published:
            self._published_ms[unit] = now_ms
        for batch in self._batches:
            batch.waiting -= published
        done = 0
        while self._batches and not self._batches[0].waiting:
            done += self._batches.popleft().counted
        return done

    def _take_marker(self) -> Marker | None:
        if self._batches:
            return None
        marker, self._marker = self._marker, None
        return marker

    def _delivered(self, progress: int, batches: int, marker: Marker | None) -> None:
        self._in_flight -= batches
        metrics.BATCHES.inc(batches)
        metrics.UNACKNOWLEDGED.dec(batches)
        if self._in_flight < UNACKNOWLEDGED_ALLOWED:
            self._room.set()
        self._acknowledge(self.partition, progress)
        if marker is not None:
            self._outbox.put(Parcel({PAGES.name: [Record(*marker.record(), JSON_HEADERS)]}))

    def _note(self, end: int) -> None:
        """A batch is folded. Batches folded while held are one: nothing of them can be published before the last."""
        if self.held or (self._batches and not self._batches[-1].counted):
            if self._batches:
                self._batches[-1].end = end
            else:
                self._batches.append(Unacknowledged(end))
            return
        self._batches.append(Unacknowledged(end, counted=1))
        self._in_flight += 1
        metrics.UNACKNOWLEDGED.inc()
        if self._in_flight >= UNACKNOWLEDGED_ALLOWED:
            self._room.clear()
