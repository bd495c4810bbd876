"""The versions of one unit in the order of time: which is in force when, and when the unit is closed."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from ikm.errors import Code, Fault
from ikm.registry import Unit
from ikm.times import midnight_ms, rfc3339_ms


class Versions:
    """All versions of one unit, at least one, in any order; of two from the same day the later one counts.

    A version holds over [valid_from, valid_to), local midnights in its own zone, and at most until the next one begins.
    Before the first version the first holds.
    """

    def __init__(self, versions: Iterable[Unit]) -> None:
        by_day = {version.valid_from: version for version in versions}
        self._units = tuple(by_day[day] for day in sorted(by_day))
        self._starts = [midnight_ms(unit.valid_from, unit.zone) for unit in self._units]
        self._ends = [self._end(number) for number in range(len(self._units))]

    def at(self, ms: int) -> Unit:
        """The version that holds at an instant (UTC epoch ms); once closed, the last one that held."""
        return self._units[self._number(ms)]

    def closed(self, ms: int) -> Unit | None:
        """The version whose end closed the unit at an instant (UTC epoch ms); None while it is open."""
        number = self._number(ms)
        end = self._ends[number]
        return self._units[number] if end is not None and ms >= end else None

    def closed_fault(self, ms: int) -> Fault | None:
        """Why the unit takes no answer that was submitted at an instant (UTC epoch ms); None when it takes it."""
        last = self.closed(ms)
        if last is None:
            return None
        heir = last.merged_into
        cure = f"send it for unit {heir}, which carries on" if heir else "correct submitted_at, or the unit's valid_to"
        found = f"unit {last.code} was closed on {last.valid_to} ({last.zone}) and submitted_at is {rfc3339_ms(ms)}"
        return Fault("unit", Code.UNIT_CLOSED, f"{found}: {cure}.")

    def parents(self) -> Iterator[tuple[int, str | None]]:
        """From which instant (UTC epoch ms) on the unit stands below which other, in the order of time.

        The first entry holds before its instant as well. After a merger the unit stands below the one that carries on;
        closed without one it stands below none.
        """
        for number, unit in enumerate(self._units):
            yield self._starts[number], unit.parent
            end = self._ends[number]
            if end is not None and self._starts[number + 1 : number + 2] != [end]:
                yield end, unit.merged_into

    def __iter__(self) -> Iterator[Unit]:
        """The versions, the oldest first."""
        return iter(self._units)

    def _number(self, ms: int) -> int:
        return max(bisect_right(self._starts, ms) - 1, 0)

    def _end(self, number: int) -> int | None:
        """Versions that follow each other day on day leave no gap, also where the zone changes between them."""
        unit, later = self._units[number], self._units[number + 1 : number + 2]
        if later and (unit.valid_to is None or unit.valid_to >= later[0].valid_from):
            return self._starts[number + 1]
        return None if unit.valid_to is None else midnight_ms(unit.valid_to, unit.zone)
