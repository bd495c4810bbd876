"""The truth check of `cells`: what answers come to by cell and day, counted anew from the events and the register.

Each partition of the log is compared at the position that its own mark names, which is stored together with its rows.
They are written a moment before the states, so a mark never lies behind those, nor beyond the log. The sink brings the
cells of trees after the register within a moment; where it counts a partition anew, rows come before their mark. So
what differs is looked at again, and is told when it has differed ever since the register stands still, for longer than
the sink takes.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.difference import Difference, NotReached, texts
from api.verify_log import LogReader
from api.verify_tables import Tables
from api.verify_tree import fill_members
from ikm.index import INDICES
from ikm.times import rfc3339_minute
from runtime import verify_cells_sql as sql
from runtime.topics import states_of

SETTLES_S: Final = 5.0
PATIENCE_S: Final = 30.0
PAUSE_S: Final = 0.5
MOST_EVENTS: Final = 500_000
"""About as many at once: partitions of a longer log are looked at some at a time."""

_MOST: Final = 1_000
_CARD: Final = ("n", "sum_x", "sum_xx", "histogram", "parts")
_OWN: Final = [sql.own(index) for index in INDICES.values()]

Progress = Callable[[str], Awaitable[Sequence[int]]]
"""Up to where the store has a topic of the sink's progress, by partition."""


async def cell_differences(
    tables: Tables, reader: LogReader, log: int, progress: Progress
) -> tuple[list[Difference], int]:
    """Compare every cell of one log with its events.

    Args:
        tables: this check's own.
        reader: of the log.
        log: the log's epoch.
        progress: of the store.

    Returns:
        The differences, at most 1,000, and how many cells were compared.

    Raises:
        NotReached: the archive does not get what the cells have, or the cells do not come to rest.
    """
    check = _CellCheck(tables, reader, log, progress)
    events = sum(await progress(reader.names.responses))
    slices = min(events // MOST_EVENTS + 1, reader.names.partitions)
    found, count = list[Difference](), 0
    for number in range(slices):
        some, cells = await check.settled(_Slice(slices, number))
        found, count = found + some, count + cells
    return found[:_MOST], count


@dataclass(frozen=True, slots=True)
class _Slice:
    """The partitions that are `number` modulo `of`."""

    of: int
    number: int

    @property
    def parameters(self) -> Mapping[str, int]:
        return {"slices": self.of, "slice": self.number}

    def has(self, partition: int) -> bool:
        return partition % self.of == self.number


class _CellCheck:
    def __init__(self, tables: Tables, reader: LogReader, log: int, progress: Progress) -> None:
        self._tables, self._reader, self._log, self._progress = tables, reader, log, progress
        self._register_end = -1

    async def settled(self, part: _Slice) -> tuple[list[Difference], int]:
        """What differs of some partitions and goes on differing, and how many cells they have."""
        begun = time.monotonic()
        since: dict[tuple[str, str], float] = {}
        while True:
            if await self._trees_changed():
                since = {}
            looked = time.monotonic()
            found = await self._differences(part)
            since = {_place(one): since.get(_place(one), looked) for one in found}
            lasting = [one for one in found if looked - since[_place(one)] >= SETTLES_S]
            if lasting or not found:
                ((count,),) = await self._tables.rows(sql.COUNT)
                return lasting, count
            if looked - begun > PATIENCE_S:
                raise NotReached(f"cells have moved all the while for {PATIENCE_S:g} s: compare again later")
            await asyncio.sleep(PAUSE_S)

    async def _trees_changed(self) -> bool:
        """Read the register anew if there is more of it now."""
        end = await self._reader.register_end()
        if end == self._register_end:
            return False
        self._register_end = end
        await fill_members(self._tables, [unit for _, unit in (await self._reader.register(end)).values()])
        await self._tables.run("DROP TABLE IF EXISTS $above")
        await self._tables.run(sql.ABOVE)
        return True

    async def _differences(self, part: _Slice) -> list[Difference]:
        """One look."""
        stored = await self._progress(states_of(self._reader.names.responses))
        for table in ("cells", "answers", "recounted"):
            await self._tables.run(f"DROP TABLE IF EXISTS ${table}")
        await self._tables.run(sql.SNAPSHOT, log=self._log, **part.parameters)
        marks = dict(await self._tables.rows(sql.MARKS))
        ends = await self._reader.ends()
        floor = [
            min(max(marks.get(number, 0), offset), ends[number]) if part.has(number) else 0
            for number, offset in enumerate(stored)
        ]
        await self._wait_archived(floor)
        await self._recount(floor, part)
        least = {number: offset for number, offset in enumerate(stored) if part.has(number)}
        return [*_mark_differences(marks, least, ends), *await self._row_differences()]

    async def _wait_archived(self, needed: Sequence[int]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            reached = await self._progress(self._reader.names.responses)
            behind = [number for number, offset in enumerate(needed) if reached[number] < offset]
            if not behind:
                return
            if time.monotonic() > deadline:
                have, need = reached[behind[0]], needed[behind[0]]
                raise NotReached(
                    f"cells are counted up to {need} of partition {behind[0]}, the archive has it up to {have}: is the "
                    "sink up?"
                )
            await asyncio.sleep(PAUSE_S)

    async def _recount(self, floor: Sequence[int], part: _Slice) -> None:
        await self._tables.run(sql.ANSWERS, log=self._log, floor=floor, **part.parameters)
        await self._tables.run(sql.RECOUNTED)
        for statement in (*_OWN, sql.TREES):
            await self._tables.run(statement)

    async def _row_differences(self) -> list[Difference]:
        ((odd,),) = await self._tables.rows(sql.ODD)
        rows = await self._tables.rows(sql.DIFFERENT) if odd else ()
        return [_difference(row) for row in rows]


def _place(difference: Difference) -> tuple[str, str]:
    return difference.unit, difference.bucket


def _mark_differences(
    marks: Mapping[int, int], stored: Mapping[int, int], ends: Mapping[int, int]
) -> Iterator[Difference]:
    """Of partitions whose mark lies behind the states that are stored, or beyond the log."""
    for partition in sorted(marks.keys() | stored.keys()):
        least, end, reached = stored.get(partition, 0), ends.get(partition, 0), marks.get(partition)
        found = "not counted" if reached is None else f"counted up to {reached}"
        if (reached or 0) < least:
            yield Difference("", f"cells of partition {partition}", f"counted up to {least} at least", found)
        elif reached is not None and reached > end:
            yield Difference("", f"cells of partition {partition}", f"counted up to {end} at most", found)


def _difference(row: Sequence[Any]) -> Difference:
    unit, scope, code, day, dimension, cell, partition, *both = row
    where = f"{code} cells {scope} {rfc3339_minute(day // 60)} {dimension}/{cell} partition {partition}"
    cards = [card for side in both for card in side]
    shown = texts(_CARD, cards[0], cards[-1])
    return Difference(unit, where, *(text if side else "no such row" for text, side in zip(shown, both, strict=True)))
