"""The book of one partition: every response's state by unit, and what is derived from it.

Truth is the join of entries (`ikm.entry`), stored in pages (`ikm.page`). Buckets and rolling windows are derived, in
memory, and rebuilt from pages when a partition is assigned. A book knows no clock and no broker: it is told the time,
the events and the pages, and hands out pages and scorecards.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ikm.entry import Entry, counted, is_content, moment
from ikm.page import ENTRIES_PER_PAGE, PageHeader, PageKey, encode_entry, encode_page, read_entries, read_header
from ikm.scorecard import CARD_BITS
from ikm.window import WINDOWS

MINUTES_PER_HOUR = 60

_CARD_MASK = (1 << CARD_BITS) - 1
_MINUTE_BITS = 24
_MINUTE = tuple(1 << (CARD_BITS + _MINUTE_BITS * minute) for minute in range(MINUTES_PER_HOUR))
"""Above an hour bucket's scorecard stands a count for each of its minutes: the topmost one is the watermark."""

_FIRST_BY_MINUTE = next(i for i, window in enumerate(WINDOWS.values()) if window.step == 1)
_LONGEST_BY_MINUTE = max(window.minutes for window in WINDOWS.values() if window.step == 1)

SMALL_PAGES_ALLOWED = 8
"""Pages of a unit that are not full; every assignment of its partition leaves one behind."""

Page = tuple[bytes, bytes | None]
"""Key and value of a page record; a value of None deletes the page."""

Place = tuple[int, str]
"""(hour, service): which bucket of a unit."""


class Bucket(NamedTuple):
    """One hour of one service of a unit; `card` is a packed scorecard, `watermark` a minute."""

    hour: int
    service: str
    card: int
    watermark: int | None


class RollingCard(NamedTuple):
    """One rolling window of a unit, [start, end) in minutes; `card` is a packed scorecard, `watermark` a minute."""

    start: int
    end: int
    card: int
    watermark: int | None


class UnitBook:
    """The responses of one unit, their hour buckets, recent minutes and rolling windows."""

    __slots__ = (
        "dirty",
        "entries",
        "ever",
        "foreign",
        "hours",
        "minutes",
        "name",
        "open",
        "open_n",
        "pages",
        "sums",
        "unsaved",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.entries: dict[bytes, bytes] = {}
        self.ever: dict[bytes, tuple[int, frozenset[Place]]] = {}
        self.hours: dict[int, dict[str, int]] = {}
        self.minutes: dict[int, int] = {}
        self.sums = [0] * len(WINDOWS)
        self.dirty: set[Place] = set()
        self.unsaved: list[bytes] = []
        self.open: list[bytes] = []
        self.open_n = 0
        self.pages: dict[PageKey, int] = {}
        self.foreign: set[bytes] = set()

    def take_buckets(self) -> list[Bucket]:
        """The buckets touched since the last call, in time order."""
        places, self.dirty = sorted(self.dirty), set()
        return [self._bucket(hour, service) for hour, service in places]

    def buckets(self) -> Iterator[Bucket]:
        """All buckets that were ever touched since the book was loaded, or hold a response."""
        for hour, services in self.hours.items():
            for service in services:
                yield self._bucket(hour, service)

    def places(self, id_hash: bytes, body: bytes) -> Iterable[Place]:
        """Every bucket in which an entry of that id was ever written; `body` is its current one."""
        known = self.ever.get(id_hash)
        if known is not None:
            return known[1]
        return (place_of(body),) if is_content(body) else ()

    def watermark(self, start: int, end: int) -> int | None:
        """The greatest minute in [start, end) with a counted response."""
        first, last = start // MINUTES_PER_HOUR, (end - 1) // MINUTES_PER_HOUR
        for hour in range(last, first - 1, -1):
            services = self.hours.get(hour)
            if not services:
                continue
            width = _MINUTE_BITS * min(MINUTES_PER_HOUR, end - hour * MINUTES_PER_HOUR)
            mask = (1 << width) - 1
            top = max((packed >> CARD_BITS & mask).bit_length() for packed in services.values())
            if top:
                minute = hour * MINUTES_PER_HOUR + (top - 1) // _MINUTE_BITS
                return minute if minute >= start else None
        return None

    def _bucket(self, hour: int, service: str) -> Bucket:
        packed = self.hours.get(hour, {}).get(service, 0)
        top = (packed >> CARD_BITS).bit_length()
        watermark = hour * MINUTES_PER_HOUR + (top - 1) // _MINUTE_BITS if top else None
        return Bucket(hour, service, packed & _CARD_MASK, watermark)


def place_of(body: bytes) -> Place:
    """The bucket that a content body counts in."""
    minute, service = moment(body)
    return minute // MINUTES_PER_HOUR, service


class Book:
    """The state of one source partition.

    Args:
        writer: names the pages that this book writes; new at every assignment.
        log: the log's epoch; pages of another log are not joined.
        refold: number of the last replay asked for; pages of an earlier one are not joined.
    """

    def __init__(self, *, writer: str, log: int, refold: int = 0) -> None:
        self.writer = writer
        self.log = log
        self.refold = refold
        self.position = 0
        self.covered = 0
        self.units: dict[str, UnitBook] = {}
        self.touched: set[UnitBook] = set()
        self._bounds: list[tuple[int, int]] = [(0, 0)] * len(WINDOWS)
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
                _remember(unit, id_hash, header.position, old, body)
                if body > old:
                    entries[id_hash] = body
        unit.pages[page] = count

    def derive(self, now_ms: int) -> None:
        """Build buckets and windows from the entries loaded, as of a time."""
        self.advance(now_ms)
        for unit in self.units.values():
            for body in unit.entries.values():
                if is_content(body):
                    self._count(unit, body)

    def fold(self, entry: Entry) -> None:
        """Join one event. It touches its own bucket and each in which an entry of its id was ever written."""
        name, id_hash, body = entry
        unit = self.units.get(name)
        if unit is None:
            unit = self._unit(name)
        self.touched.add(unit)
        old = unit.entries.get(id_hash)
        if old is None:
            unit.entries[id_hash] = body
            unit.unsaved.append(encode_entry(id_hash, body))
            if body[0] == 0:
                unit.dirty.add(self._count(unit, body))
            return
        if body > old:
            self._supersede(unit, id_hash, old, body)
        elif is_content(body):
            unit.dirty.add(place_of(body))
        unit.dirty.update(unit.places(id_hash, unit.entries[id_hash]))

    def take_pages(self) -> list[Page]:
        """The pages that carry what was folded since the last call, covering `position`."""
        pages: list[Page] = []
        for unit in self.touched:
            pages += self._save(unit)
        return pages

    def take_touched(self) -> set[UnitBook]:
        """The units touched since the last call. Take their pages first."""
        touched, self.touched = self.touched, set()
        return touched

    def touch_all(self) -> None:
        """Mark every bucket of every unit, so that all is published again."""
        for unit in self.units.values():
            unit.dirty.update((bucket.hour, bucket.service) for bucket in unit.buckets())
            for _, places in unit.ever.values():
                unit.dirty.update(places)
            self.touched.add(unit)

    def windows(self, unit: UnitBook) -> dict[str, RollingCard]:
        """All rolling windows of a unit at the time last told to `advance`."""
        cards = {}
        for code, (start, end), card in zip(WINDOWS, self._bounds, unit.sums, strict=True):
            cards[code] = RollingCard(start, end, card, unit.watermark(start, end) if card else None)
        return cards

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
        old_bounds, self._bounds = self._bounds, [window.bounds(now_ms) for window in WINDOWS.values()]
        moved = [
            (i, window.step, old, new)
            for i, (window, old, new) in enumerate(zip(WINDOWS.values(), old_bounds, self._bounds, strict=True))
            if old != new
        ]
        for unit in self.units.values():
            for i, step, old, new in moved:
                unit.sums[i] = _slide(unit.sums[i], unit, step, old, new)
        self._forget_minutes(self.to_minute - _LONGEST_BY_MINUTE)
        return True

    def rewrite(self, unit: UnitBook) -> list[Page]:
        """Fresh pages for a unit with its current entries only, and the deletion of all its others.

        Superseded answers really leave. The caller sees to it that every successor lies below the committed offset.
        """
        old = [*(key.encode() for key in unit.pages), *unit.foreign]
        unit.foreign.clear()
        unit.ever.clear()
        unit.pages.clear()
        unit.open, unit.open_n = [], unit.open_n + 1
        unit.unsaved = [encode_entry(id_hash, body) for id_hash, body in unit.entries.items()]
        pages = self._save(unit)
        return pages + [(key, None) for key in old]

    def untidy(self, committed: int) -> Iterator[UnitBook]:
        """Units that `rewrite` would make smaller, and whose every successor lies below the committed offset."""
        for unit in self.units.values():
            small = sum(count < ENTRIES_PER_PAGE for count in unit.pages.values())
            if not (unit.ever or unit.foreign or small > SMALL_PAGES_ALLOWED) or unit.unsaved:
                continue
            if all(position <= committed for position, _ in unit.ever.values()):
                yield unit

    def _begin_again(self, refold: int) -> None:
        """A page of a later replay than was asked for: the request is forgotten, its pages are not."""
        self.refold, self.covered = refold, 0
        for unit in self.units.values():
            unit.foreign.update(key.encode() for key in unit.pages)
            unit.pages.clear()
            unit.entries.clear()
            unit.ever.clear()

    def _save(self, unit: UnitBook) -> list[Page]:
        if not unit.unsaved:
            return []
        entries, unit.unsaved = unit.open + unit.unsaved, []
        header = PageHeader(self.log, self.refold, self.position)
        pages: list[Page] = []
        for at in range(0, len(entries), ENTRIES_PER_PAGE):
            unit.open = entries[at : at + ENTRIES_PER_PAGE]
            key = PageKey(unit.name, self.writer, unit.open_n)
            unit.pages[key] = len(unit.open)
            pages.append((key.encode(), encode_page(header, unit.open)))
            if len(unit.open) == ENTRIES_PER_PAGE:
                unit.open, unit.open_n = [], unit.open_n + 1
        return pages

    def _unit(self, name: str) -> UnitBook:
        unit = self.units.get(name)
        if unit is None:
            unit = self.units[name] = UnitBook(name)
        return unit

    def _supersede(self, unit: UnitBook, id_hash: bytes, old: bytes, body: bytes) -> None:
        unit.entries[id_hash] = body
        unit.unsaved.append(encode_entry(id_hash, body))
        _remember(unit, id_hash, self.position, old, body)
        if is_content(old):
            self._count(unit, old, sign=-1)
        if is_content(body):
            self._count(unit, body)

    def _count(self, unit: UnitBook, body: bytes, sign: int = 1) -> Place:
        minute, service, card = counted(body)
        hour, of_hour = divmod(minute, MINUTES_PER_HOUR)
        marked = card + _MINUTE[of_hour]
        if sign < 0:
            card, marked = -card, -marked
        services = unit.hours.get(hour)
        if services is None:
            services = unit.hours[hour] = {}
        services[service] = services.get(service, 0) + marked
        if minute >= self._minute_floor:
            unit.minutes[minute] = unit.minutes.get(minute, 0) + card
        sums = unit.sums
        for i, (start, end) in enumerate(self._bounds):
            if start <= minute < end:
                sums[i] += card
        return hour, service

    def _forget_minutes(self, floor: int) -> None:
        old, self._minute_floor = self._minute_floor, floor
        if floor - old <= _LONGEST_BY_MINUTE:
            for unit in self.units.values():
                for minute in range(old, floor):
                    unit.minutes.pop(minute, None)
        else:
            for unit in self.units.values():
                unit.minutes = {minute: card for minute, card in unit.minutes.items() if minute >= floor}


def _remember(unit: UnitBook, id_hash: bytes, position: int, *bodies: bytes) -> None:
    """Note where entries of an id stand, and below which position the last of them came."""
    before, places = unit.ever.get(id_hash, (0, frozenset()))
    now = {place_of(body) for body in bodies if is_content(body)}
    unit.ever[id_hash] = (max(before, position), places | now)


def _slide(card: int, unit: UnitBook, step: int, old: tuple[int, int], new: tuple[int, int]) -> int:
    """A window's scorecard after it moved from `old` to `new`; both are [start, end) in minutes."""
    if new[0] >= old[1]:
        return _between(unit, step, *new)
    return card + _between(unit, step, old[1], new[1]) - _between(unit, step, old[0], new[0])


def _between(unit: UnitBook, step: int, start: int, end: int) -> int:
    if step == 1:
        minutes = unit.minutes
        return sum(minutes[minute] for minute in range(start, end) if minute in minutes)
    hours = unit.hours
    return sum(
        packed & _CARD_MASK
        for hour in range(start // MINUTES_PER_HOUR, end // MINUTES_PER_HOUR)
        if hour in hours
        for packed in hours[hour].values()
    )
