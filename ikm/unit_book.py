"""The book of one unit: its responses' entries, its hour buckets, recent minutes and rolling sums, its pages."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ikm.entry import counted, is_content, moment
from ikm.page import ENTRIES_PER_PAGE, Page, PageHeader, PageKey, encode_entry, encode_page
from ikm.scorecard import CARD_BITS
from ikm.window import WINDOWS

MINUTES_PER_HOUR = 60

_CARD_MASK = (1 << CARD_BITS) - 1
_MINUTE_BITS = 24
MINUTE_MARKS = tuple(1 << (CARD_BITS + _MINUTE_BITS * minute) for minute in range(MINUTES_PER_HOUR))
"""Above an hour bucket's scorecard stands a count for each of its minutes: the topmost one is the watermark."""

SMALL_PAGES_ALLOWED = 8
"""Pages of a unit that are not full; every assignment of its partition leaves one behind."""

Span = tuple[int, int]
"""[start, end) in minutes."""

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
        "recent",
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
        self.recent: dict[int, int] = {}
        self.dirty: set[Place] = set()
        self.unsaved: list[bytes] = []
        self.open: list[bytes] = []
        self.open_n = 0
        self.pages: dict[PageKey, int] = {}
        self.foreign: set[bytes] = set()

    def derive(self, spans: Iterable[tuple[int, Span]], minute_floor: int) -> None:
        """Build buckets, minutes and sums from the entries.

        Args:
            spans: step and span of each window.
            minute_floor: minutes before it are not kept one by one.
        """
        hours, minutes = self.hours, self.minutes
        for body in self.entries.values():
            if not is_content(body):
                continue
            minute, service, card = counted(body)
            hour, of_hour = divmod(minute, MINUTES_PER_HOUR)
            services = hours.get(hour)
            if services is None:
                hours[hour] = {service: card + MINUTE_MARKS[of_hour]}
            else:
                services[service] = services.get(service, 0) + card + MINUTE_MARKS[of_hour]
            if minute >= minute_floor:
                minutes[minute] = minutes.get(minute, 0) + card
        self.sums = [self.between(step, *span) for step, span in spans]

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

    def remember(self, id_hash: bytes, position: int, *bodies: bytes) -> None:
        """Note where entries of an id stand, and below which position the last of them came."""
        before, places = self.ever.get(id_hash, (0, frozenset()))
        now = {place_of(body) for body in bodies if is_content(body)}
        self.ever[id_hash] = (max(before, position), places | now)

    def between(self, step: int, start: int, end: int) -> int:
        """The packed scorecard of [start, end) in minutes, from the minutes (step 1) or from the hours."""
        if step == 1:
            minutes = self.minutes
            return sum(minutes[minute] for minute in range(start, end) if minute in minutes)
        hours = self.hours
        return sum(
            packed & _CARD_MASK
            for hour in range(start // MINUTES_PER_HOUR, end // MINUTES_PER_HOUR)
            if hour in hours
            for packed in hours[hour].values()
        )

    def settle(self, edges: Sequence[int], spans: Sequence[Span]) -> None:
        """Add what came since the last call to the windows' sums.

        It stands in `recent`, by the number of edges at or before it: one addition a response, whatever the windows.

        Args:
            edges: starts and ends of all windows, in order.
            spans: of each window.
        """
        if not self.recent:
            return
        recent, self.recent = self.recent, {}
        for window, (start, end) in enumerate(spans):
            first, last = bisect_right(edges, start), bisect_left(edges, end)
            self.sums[window] += sum(card for edge, card in recent.items() if first <= edge <= last)

    def slide(self, window: int, step: int, old: Span, new: Span) -> None:
        """Move the sum of a window, by its number, from one span to another."""
        if new[0] >= old[1]:
            self.sums[window] = self.between(step, *new)
        else:
            self.sums[window] += self.between(step, old[1], new[1]) - self.between(step, old[0], new[0])

    def save(self, writer: str, header: PageHeader) -> list[Page]:
        """The pages that carry what is unsaved: the open one, and new ones after it."""
        if not self.unsaved:
            return []
        entries, self.unsaved = self.open + self.unsaved, []
        pages: list[Page] = []
        for at in range(0, len(entries), ENTRIES_PER_PAGE):
            self.open = entries[at : at + ENTRIES_PER_PAGE]
            key = PageKey(self.name, writer, self.open_n)
            self.pages[key] = len(self.open)
            pages.append((key.encode(), encode_page(header, self.open)))
            if len(self.open) == ENTRIES_PER_PAGE:
                self.open, self.open_n = [], self.open_n + 1
        return pages

    def rewrite(self, writer: str, header: PageHeader) -> list[Page]:
        """Fresh pages with the current entries only, and the deletion of all others."""
        old = [*(key.encode() for key in self.pages), *self.foreign]
        self.foreign.clear()
        self.ever.clear()
        self.pages.clear()
        self.open, self.open_n = [], self.open_n + 1
        self.unsaved = [encode_entry(id_hash, body) for id_hash, body in self.entries.items()]
        pages = self.save(writer, header)
        return pages + [(key, None) for key in old]

    def is_untidy(self, committed: int) -> bool:
        """Whether `rewrite` would make it smaller, and every successor lies below the committed offset."""
        small = sum(count < ENTRIES_PER_PAGE for count in self.pages.values())
        if self.unsaved or not (self.ever or self.foreign or small > SMALL_PAGES_ALLOWED):
            return False
        return all(position <= committed for position, _ in self.ever.values())

    def _bucket(self, hour: int, service: str) -> Bucket:
        packed = self.hours.get(hour, {}).get(service, 0)
        top = (packed >> CARD_BITS).bit_length()
        watermark = hour * MINUTES_PER_HOUR + (top - 1) // _MINUTE_BITS if top else None
        return Bucket(hour, service, packed & _CARD_MASK, watermark)


def place_of(body: bytes) -> Place:
    """The bucket that a content body counts in."""
    minute, service = moment(body)
    return minute // MINUTES_PER_HOUR, service
