"""What all workers published for one minute: the windows that may be added up over units.

Each worker moves its windows when its own clock says so. Two units' windows may be pooled only if they end in the same
minute, so besides the newest value of each unit those are kept that end in the newest minute that every partition has
reached. A partition has reached a minute when a progress record says that each of its units has a window ending there.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ikm.position import Sequence
from ikm.published import WindowValue

_MOST_KEPT: Final = 4
"""Values of one unit: that of the common minute, and the newest ones, one of which is the next common minute's."""

Value = tuple[Sequence, Mapping[str, WindowValue]]
"""A sequence and the windows by code, as they stand in the record."""


@dataclass(slots=True)
class _Reached:
    """Of one partition: the last minute reached, and the offset up to which all is published, by minute."""

    minute: int = -1
    offsets: dict[int, int] = field(default_factory=dict)


class Minutes:
    """The values of the common minute.

    Args:
        partitions: how many there are; before each has reached a minute there is no common one.
    """

    def __init__(self, partitions: int) -> None:
        self._reached = {partition: _Reached() for partition in range(partitions)}
        self._values: dict[tuple[str, str], list[Value]] = {}

    @property
    def common(self) -> int | None:
        """The newest minute that every partition has reached: end of the windows that move by the minute."""
        minute = min(reached.minute for reached in self._reached.values())
        return None if minute < 0 else minute

    def pinned(self) -> "Minutes":
        """What is kept at this moment; what comes later does not change it."""
        found = copy.copy(self)
        reached = {number: _Reached(one.minute, dict(one.offsets)) for number, one in self._reached.items()}
        vars(found).update(_reached=reached, _values={place: list(kept) for place, kept in self._values.items()})
        return found

    def offsets(self, minute: int) -> Mapping[int, int]:
        """Partition -> offset up to which all is counted in the values of a minute; `minute` must be `common`."""
        return {partition: reached.offsets.get(minute, 0) for partition, reached in self._reached.items()}

    def take(self, unit: str, index: str, value: Value) -> None:
        """A value that is newer than all others of the unit in this index."""
        kept = self._values.setdefault((unit, index), [])
        to, common = value[0].to, self.common
        kept[:] = [held for held in kept if held[0].to != to]
        kept.append(value)
        kept.sort(key=lambda held: held[0].to)
        while len(kept) > 1 and common is not None and kept[1][0].to <= common:
            del kept[0]
        if len(kept) > _MOST_KEPT:
            del kept[1]

    def reach(self, partition: int, minute: int, next_offset: int) -> None:
        """Every unit of a partition has windows ending in a minute, in which all below an offset is counted."""
        reached, common = self._reached[partition], self.common
        reached.minute = max(reached.minute, minute)
        reached.offsets[minute] = max(reached.offsets.get(minute, 0), next_offset)
        for old in sorted(reached.offsets)[:-1]:
            if (common is not None and old < common) or len(reached.offsets) > _MOST_KEPT:
                del reached.offsets[old]

    def at(self, minute: int, units: Iterable[str], index: str) -> dict[str, Value]:
        """Of each of the units that has one, the value whose windows end in a minute; `minute` must be `common`."""
        found = {}
        for unit in units:
            for value in self._values.get((unit, index), ()):
                if value[0].to == minute:
                    found[unit] = value
        return found

    def includes(self, offsets: Mapping[int, int]) -> bool:
        """Whether the values of the common minute count everything below the given offset of each partition."""
        minute = self.common
        if minute is None:
            return not any(offsets.values())
        reached = self.offsets(minute)
        return all(reached[partition] >= offset for partition, offset in offsets.items() if partition in reached)
