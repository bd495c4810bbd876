"""The book of one partition: every response's state by unit, and what is derived from it.

Truth is the join of entries (`ikm.entry`), stored in pages (`ikm.page`). Buckets and rolling windows are derived, in
memory, and rebuilt from pages when a partition is assigned. A book knows no clock and no broker: it is told the time,
the events and the pages, and hands out pages and scorecards.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from ikm.entry import Counts, Entry, counted, is_content
from ikm.frame import next_frames
from ikm.index_book import RollingCard, Span
from ikm.page import Page, PageHeader, PageKey, encode_entry, read_entries, read_header
from ikm.scorecard import LAYOUTS
from ikm.unit_book import UnitBook, places_of
from ikm.window import WINDOWS

_FIRST_BY_MINUTE = next(i for i, window in enumerate(WINDOWS.values()) if window.step == 1)
_LONGEST_BY_MINUTE = max(window.minutes for window in WINDOWS.values() if window.step == 1)
_NO_FRAMES = (0,) * len(WINDOWS)


class Book:
    """The state of one source partition.

    Args:
        writer: names the pages that this book writes; new at every assignment.
        log: the log's epoch; pages of another log are not joined.
        refold: number of the last replay asked for; pages of an earlier one are not joined.

    Attributes:
        frames: by unit and index the public frames of the windows, packed (`ikm.frame`). They are no function of the
            responses: whoever makes a book for partitions whose figures were published sets those published last.
    """

    def __init__(self, *, writer: str, log: int, refold: int = 0) -> None:
        self.writer = writer
        self.log = log
        self.refold = refold
        self.position = 0
        self.covered = 0
        self.units: dict[str, UnitBook] = {}
        self.touched: set[UnitBook] = set()
        self.frames: dict[tuple[str, str], Sequence[int]] = {}
        self._unsaved: set[UnitBook] = set()
        self._bounds: list[Span] = [(0, 0)] * len(WINDOWS)
        self._edges: list[int] = [0]
        self._minute_floor = 0
        self._now_minute = -1

    def load(self, key: bytes, value: bytes | None) -> None:
        """Join one page record, in any order. Call `derive` after the last one.

        Raises:
            PageError: if it can't be read.
        """
        page = PageKey.decode(key)
        unit = self._unit(page.unit)
        if value is None:
            unit.pages.pop(page, None)
            unit.foreign.discard(key)
            return
        header = read_header(value)
        if header.log == self.log and header.refold > self.refold:
            self._begin_again(header.refold)
        if (header.log, header.refold) != (self.log, self.refold):
            unit.foreign.add(key)
            return
        self.covered = max(self.covered, header.position)
        entries, count = unit.entries, 0
        for id_hash, body in read_entries(value):
            count += 1
            old = entries.get(id_hash)
            if old is None:
                entries[id_hash] = body
            elif body != old:
                unit.remember(id_hash, header.position, old, body)
                if body > old:
                    entries[id_hash] = body
        unit.pages[page] = count

    def derive(self, now_ms: int) -> None:
        """Build buckets and windows from the entries loaded, as of a time."""
        self.advance(now_ms)
        spans = [(window.step, span) for window, span in zip(WINDOWS.values(), self._bounds, strict=True)]
        for unit in self.units.values():
            unit.derive(spans, self._minute_floor)

    def fold(self, entry: Entry) -> None:
        """Join one event. It touches its own bucket and each in which an entry of its id was ever written."""
        unit = self.units.get(entry.unit)
        if unit is None:
            unit = self._unit(entry.unit)
        id_hash, body, counts = entry.id_hash, entry.body, entry.counts
        self.touched.add(unit)
        old = unit.entries.get(id_hash)
        if old is None:
            unit.entries[id_hash] = body
            unit.unsaved.append(encode_entry(id_hash, body))
            if counts is not None:
                self._count(unit, counts)
            return
        if body > old:
            self._supersede(unit, entry, old)
        elif counts is not None:
            unit.dirty.update(places_of(counts))
        unit.dirty.update(unit.places(id_hash, unit.entries[id_hash]))

    def take_pages(self) -> list[Page]:
        """The pages that carry what was folded since the last call, covering `position`."""
        unsaved, self._unsaved = self._unsaved | self.touched, set()
        return [page for unit in unsaved for page in unit.save(self.writer, self._header)]

    def take_touched(self) -> set[UnitBook]:
        """The units touched since the last call."""
        touched, self.touched = self.touched, set()
        self._unsaved |= touched
        return touched

    def touch_all(self) -> None:
        """Mark every bucket of every unit, so that all is published again."""
        for unit in self.units.values():
            unit.dirty.update((bucket.code, bucket.hour, bucket.service) for bucket in unit.buckets())
            for _, places in unit.ever.values():
                unit.dirty.update(places)
            self.touched.add(unit)

    def windows(self, unit: UnitBook) -> dict[str, dict[str, RollingCard]]:
        """By index all rolling windows of a unit at the time last told to `advance`."""
        found = {}
        for code, book in unit.indices.items():
            book.settle(self._edges, self._bounds)
            found[code] = book.rolling(self._bounds)
        return found

    def take_frames(self, unit: UnitBook, index: str, windows: Mapping[str, RollingCard]) -> Sequence[int]:
        """The public frames of a unit's windows, for publication with these live ones; moved on where they may be."""
        held = self.frames.get((unit.name, index), _NO_FRAMES)
        frames = next_frames(LAYOUTS[index], held, [window.card for window in windows.values()])
        self.frames[unit.name, index] = frames
        return frames

    @property
    def to_minute(self) -> int:
        """End of the windows that move by the minute: the `to` of a sequence."""
        return self._bounds[_FIRST_BY_MINUTE][1]

    def advance(self, now_ms: int) -> bool:
        """Move the windows to a time; a time before the last one is ignored. True if they moved."""
        minute = now_ms // 60_000
        if minute <= self._now_minute:
            return False
        self._now_minute = minute
        books = [book for unit in self.units.values() for book in unit.indices.values()]
        for book in books:
            book.settle(self._edges, self._bounds)
        old_bounds, self._bounds = self._bounds, [window.bounds(now_ms) for window in WINDOWS.values()]
        self._edges = sorted({edge for span in self._bounds for edge in span})
        moved = [
            (i, window.step, old, new)
            for i, (window, old, new) in enumerate(zip(WINDOWS.values(), old_bounds, self._bounds, strict=True))
            if old != new
        ]
        before, self._minute_floor = self._minute_floor, self.to_minute - _LONGEST_BY_MINUTE
        for book in books:
            for i, step, old, new in moved:
                book.slide(i, step, old, new)
            book.forget_minutes(before, self._minute_floor, _LONGEST_BY_MINUTE)
        return True

    def rewrite(self, unit: UnitBook) -> list[Page]:
        """Fresh pages for a unit with its current entries only, and the deletion of all its others.

        Superseded answers really leave. The caller sees to it that every successor lies below the committed offset.
        """
        return unit.rewrite(self.writer, self._header)

    def untidy(self, committed: int) -> Iterator[UnitBook]:
        """Units that `rewrite` would make smaller, and whose every successor lies below the committed offset."""
        return (unit for unit in self.units.values() if unit.is_untidy(committed))

    @property
    def _header(self) -> PageHeader:
        return PageHeader(self.log, self.refold, self.position)

    def _begin_again(self, refold: int) -> None:
        """A page of a later replay than was asked for: the request is forgotten, its pages are not."""
        self.refold, self.covered = refold, 0
        for unit in self.units.values():
            unit.foreign.update(key.encode() for key in unit.pages)
            unit.pages.clear()
            unit.entries.clear()
            unit.ever.clear()

    def _unit(self, name: str) -> UnitBook:
        unit = self.units.get(name)
        if unit is None:
            unit = self.units[name] = UnitBook(name)
        return unit

    def _supersede(self, unit: UnitBook, entry: Entry, old: bytes) -> None:
        unit.entries[entry.id_hash] = entry.body
        unit.unsaved.append(encode_entry(entry.id_hash, entry.body))
        unit.remember(entry.id_hash, self.position, old, entry.body)
        if is_content(old):
            self._count(unit, counted(old), sign=-1)
        if entry.counts is not None:
            self._count(unit, entry.counts)

    def _count(self, unit: UnitBook, counts: Counts, sign: int = 1) -> None:
        minute, service, cards = counts
        edge, floor, indices, dirty = bisect_right(self._edges, minute), self._minute_floor, unit.indices, unit.dirty
        for code, card in cards:
            book = indices.get(code) or unit.index(code)
            added = card if sign > 0 else -card
            dirty.add((code, book.count(minute, service, added, floor, edge), service))
