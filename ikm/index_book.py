"""One index of one unit: its hour buckets, recent minutes and rolling sums."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from ikm.scorecard import LAYOUTS
from ikm.window import WINDOWS

MINUTES_PER_HOUR: Final = 60
_MINUTE_BITS: Final = 24

Span = tuple[int, int]
"""[start, end) in minutes."""


class Bucket(NamedTuple):
    """One hour of one service of a unit in one index; `card` is a packed scorecard, `watermark` a minute."""

    code: str
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


class _Shape:
    """Above an hour bucket's scorecard stands a count for each of its minutes: the topmost one is the watermark."""

    __slots__ = ("bits", "marks", "mask")

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.mask = (1 << bits) - 1
        self.marks = tuple(1 << (bits + _MINUTE_BITS * minute) for minute in range(MINUTES_PER_HOUR))


_SHAPES: Final = {code: _Shape(layout.bits) for code, layout in LAYOUTS.items()}


class IndexBook:
    """What the responses of one unit come to in one index."""

    __slots__ = ("_marks", "_shape", "code", "hours", "minutes", "recent", "sums")

    def __init__(self, code: str) -> None:
        self.code = code
        self.hours: dict[int, dict[str, int]] = {}
        self.minutes: dict[int, int] = {}
        self.sums = [0] * len(WINDOWS)
        self.recent: dict[int, int] = {}
        self._shape = _SHAPES[code]
        self._marks = self._shape.marks

    def count(self, minute: int, service: str, card: int, minute_floor: int, edge: int) -> int:
        """Add a packed scorecard, or take it off again if it is negative; returns its hour.

        Args:
            minute: Of the response.
            service: Of the response.
            card: What it adds.
            minute_floor: minutes before it are not kept one by one.
            edge: number of the windows' edges at or before the minute.
        """
        recent = self.recent
        recent[edge] = recent.get(edge, 0) + card
        if minute >= minute_floor:
            minutes = self.minutes
            minutes[minute] = minutes.get(minute, 0) + card
        hour, of_hour = divmod(minute, MINUTES_PER_HOUR)
        mark = self._marks[of_hour]
        services = self.hours.get(hour)
        if services is None:
            services = self.hours[hour] = {}
        services[service] = services.get(service, 0) + (card + mark if card > 0 else card - mark)
        return hour

    def bucket(self, hour: int, service: str) -> Bucket:
        """One bucket, empty if nothing was ever counted in it."""
        packed = self.hours.get(hour, {}).get(service, 0)
        top = (packed >> self._shape.bits).bit_length()
        watermark = hour * MINUTES_PER_HOUR + (top - 1) // _MINUTE_BITS if top else None
        return Bucket(self.code, hour, service, packed & self._shape.mask, watermark)

    def buckets(self) -> Iterator[Bucket]:
        """All buckets that were ever touched since the book was loaded, or hold a response."""
        for hour, services in self.hours.items():
            for service in services:
                yield self.bucket(hour, service)

    def watermark(self, start: int, end: int) -> int | None:
        """The greatest minute in [start, end) with a counted response."""
        first, last = start // MINUTES_PER_HOUR, (end - 1) // MINUTES_PER_HOUR
        for hour in range(last, first - 1, -1):
            services = self.hours.get(hour)
            if not services:
                continue
            width = _MINUTE_BITS * min(MINUTES_PER_HOUR, end - hour * MINUTES_PER_HOUR)
            mask = (1 << width) - 1
            top = max((packed >> self._shape.bits & mask).bit_length() for packed in services.values())
            if top:
                minute = hour * MINUTES_PER_HOUR + (top - 1) // _MINUTE_BITS
                return minute if minute >= start else None
        return None

    def resum(self, spans: Iterable[tuple[int, Span]]) -> None:
        """Work the windows' sums out anew, from step and span of each."""
        self.recent.clear()
        self.sums = [self._between(step, *span) for step, span in spans]

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
            self.sums[window] = self._between(step, *new)
        else:
            self.sums[window] += self._between(step, old[1], new[1]) - self._between(step, old[0], new[0])

    def rolling(self, spans: Sequence[Span]) -> dict[str, RollingCard]:
        """All windows, settled."""
        return {
            code: RollingCard(start, end, card, self.watermark(start, end) if card else None)
            for code, (start, end), card in zip(WINDOWS, spans, self.sums, strict=True)
        }

    def forget_minutes(self, old: int, floor: int, longest: int) -> None:
        """Drop the minutes before a floor; `old` is the floor before, `longest` the most minutes that are kept."""
        if floor - old <= longest:
            for minute in range(old, floor):
                self.minutes.pop(minute, None)
        else:
            self.minutes = {minute: card for minute, card in self.minutes.items() if minute >= floor}

    def _between(self, step: int, start: int, end: int) -> int:
        """The packed scorecard of [start, end) in minutes, from the minutes (step 1) or from the hours."""
        if step == 1:
            minutes = self.minutes
            return sum(minutes[minute] for minute in range(start, end) if minute in minutes)
        hours, mask = self.hours, self._shape.mask
        return sum(
            packed & mask
            for hour in range(start // MINUTES_PER_HOUR, end // MINUTES_PER_HOUR)
            if hour in hours
            for packed in hours[hour].values()
        )
