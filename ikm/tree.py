"""The tree of units through time: who stands below whom at an instant.

There is one tree, and it changes: the current tree is the tree at the present instant, and a reading "at" attributes
each response by the tree at its `submitted_at`. From its `valid_to` on a merged unit stands below the one it was merged
into; what it counted before stays with the ancestors that it had, unless all is read by the current tree.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ikm.registry import Unit
from ikm.versions import Versions

Interval = tuple[int, int]
"""[from, to), UTC epoch milliseconds."""

_INSTANTS_KEPT = 64
_BEGINNING = -(10**15)
"""Before every date that the register takes."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """Units that stand below themselves.

    Attributes:
        units: each below the next, the last below the first; the least code comes first.
        from_ms: since when, UTC epoch milliseconds.
    """

    units: tuple[str, ...]
    from_ms: int


class Tree:
    """Who stands below whom, for every instant (UTC epoch ms).

    Codes that are nobody's in the register may be asked for and may be parents; they have no parent themselves. Every
    answer is finite also where units stand below themselves: `cycles` names those.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        """Take all versions of all units, in any order."""
        versions: dict[str, list[Unit]] = defaultdict(list)
        for unit in units:
            versions[unit.code].append(unit)
        self._parents = {code: tuple(Versions(versions[code]).parents()) for code in sorted(versions)}
        self._starts = {code: [start for start, _ in steps] for code, steps in self._parents.items()}
        self._changes = sorted({start for starts in self._starts.values() for start in starts[1:]})
        self._children = lru_cache(maxsize=_INSTANTS_KEPT)(self._children_of)

    def parent(self, code: str, at_ms: int) -> str | None:
        """The unit that this one stands directly below."""
        if code not in self._parents:
            return None
        return self._parents[code][max(bisect_right(self._starts[code], at_ms) - 1, 0)][1]

    def ancestors(self, code: str, at_ms: int) -> tuple[str, ...]:
        """All units that this one stands below, the nearest first; never the unit itself."""
        found: dict[str, None] = {}
        above = self.parent(code, at_ms)
        while above is not None and above != code and above not in found:
            found[above] = None
            above = self.parent(above, at_ms)
        return tuple(found)

    def descendants(self, code: str, at_ms: int) -> frozenset[str]:
        """All units that stand below this one; never the unit itself."""
        children = self._children(bisect_right(self._changes, at_ms))
        found, next_ones = {code}, [code]
        while next_ones:
            new = [child for child in children.get(next_ones.pop(), ()) if child not in found]
            found.update(new)
            next_ones += new
        return frozenset(found - {code})

    def members(self, code: str, from_ms: int, to_ms: int) -> Mapping[str, Sequence[Interval]]:
        """When, within [from, to), which unit was this one or stood below it.

        Returns:
            Each such unit with its intervals, in order and apart; what it counted in those belongs to the reading "at".
            Midnights of Indonesian zones bound them, or `from_ms` and `to_ms`.
        """
        if from_ms >= to_ms:
            return {}
        inner = self._changes[bisect_right(self._changes, from_ms) : bisect_left(self._changes, to_ms)]
        found: dict[str, list[Interval]] = {code: [(from_ms, to_ms)]}
        for begin, end in pairwise((from_ms, *inner, to_ms)):
            for below in self.descendants(code, begin):
                intervals = found.setdefault(below, [])
                joins = bool(intervals) and intervals[-1][1] == begin
                first = intervals.pop()[0] if joins else begin
                intervals.append((first, end))
        return found

    def cycles(self) -> tuple[Cycle, ...]:
        """Every cycle that there ever is, each once, in the order of time."""
        found: dict[tuple[str, ...], int] = {}
        steps = sorted((start, code) for code, starts in self._starts.items() for start in starts)
        # Only a unit that got another parent can close a cycle; the first parent holds from the beginning.
        instants = [(min(steps)[0], code) for code in self._parents] + steps if steps else []
        for at_ms, code in instants:
            ring = self._ring(code, at_ms)
            if ring:
                found.setdefault(ring, at_ms)
        return tuple(Cycle(units, from_ms) for units, from_ms in found.items())

    def _ring(self, code: str, at_ms: int) -> tuple[str, ...]:
        """The cycle that a unit is on, from its least code on; empty when it is on none."""
        ring = (code, *self.ancestors(code, at_ms))
        if self.parent(ring[-1], at_ms) != code:
            return ()
        least = ring.index(min(ring))
        return ring[least:] + ring[:least]

    def _children_of(self, change: int) -> Mapping[str, Sequence[str]]:
        """Parent to children after so many changes."""
        at_ms = self._changes[change - 1] if change else _BEGINNING
        children: dict[str, list[str]] = defaultdict(list)
        for code in self._parents:
            above = self.parent(code, at_ms)
            if above is not None:
                children[above].append(code)
        return children
