"""`cells`: what answers come to by service, channel, profile and hour, of each unit and of each tree, day by day.

A round of the states of responses (`sinks.responses`) brings the cells up to date before it stores its states: what a
response was, the states still say; the difference goes into its cells, and in the same block of rows the offset up to
which its partition is counted. After a crash the same round comes again (`sinks.plan`) and is passed over if it is
counted. Where the two do not meet (rows of before, another tree, a store that was filled by hand), all is counted anew
from the states.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from ikm.cells import Answer
from ikm.grid import DAYS
from ikm.partition import partition_of
from ikm.scorecard import LAYOUTS
from runtime.clickhouse import Store
from runtime.crash import crash_point
from runtime.logging import logger
from runtime.topics import RESPONSES, states_of
from runtime.units import UnitsStore
from sinks import progress
from sinks.ancestry import Ancestry
from sinks.cell_rows import CellRows, Change, FewerThanNoneError, Key, Mark, Name, State

log = logger(__name__)

POLL_S: Final = 0.5
_ROWS_AT_ONCE: Final = 100_000
_MEMBERS_AT_ONCE: Final = 1_000
PLACES_AT_ONCE: Final = 80_000
"""Units and trees that the answers of one block count in, each with a cell of every kind: below the million rows that
are one block (`runtime.clickhouse.INSERT_SETTINGS`)."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a range of one partition's log says of responses: offsets [first, end), each with what it says."""

    first: int
    end: int
    states: Sequence[tuple[int, Name, State]]


class Cells:
    """Keeps the cells of partitions at their states; a partition has one writer at a time.

    Args:
        store: migrated.
        log: the log's epoch.
        units: the register, running or about to.
        partitions: of the log.
        responses: name of the log's topic.
        suffix: of the tables' names, while they are rebuilt.
        most: see `PLACES_AT_ONCE`; of answers too, where all are counted anew.
    """

    def __init__(
        self,
        store: Store,
        log: int,
        units: UnitsStore,
        partitions: int,
        *,
        responses: str = RESPONSES.name,
        suffix: str = "",
        most: int = PLACES_AT_ONCE,
    ) -> None:
        self._most = most
        self._store, self._log, self._states = store, log, states_of(responses)
        self._rows = CellRows(store, log, suffix)
        self._units, self._partitions = units, partitions
        self._ancestry: tuple[int, Ancestry] | None = None
        self._free = asyncio.Lock()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """While the block runs nothing is counted."""
        async with self._free:
            yield

    async def watch(self, owns: Callable[[int], bool]) -> None:
        """Bring the cells up at a start, and when the register has changed, though no answer comes; never returns."""
        seen: tuple[int, frozenset[int]] = (0, frozenset())
        while True:
            try:
                await self._units.wait_ready()
                found = self._units.position, frozenset(p for p in range(self._partitions) if owns(p))
                if found != seen:
                    await self.bring_up(found[1])
                    seen = found
            except Exception as error:  # noqa: BLE001 - the cells are as they were; it is tried again
                log.warning("cells_wait", error=repr(error))
            await asyncio.sleep(POLL_S)

    async def bring_up(self, partitions: Collection[int]) -> None:
        """Make these partitions' cells where there are none, and their trees anew where the register has others."""
        async with self._free:
            ancestry = await self._current()
            marks = await self._rows.marks()
            stored = await progress.read(self._store, self._states, self._log)
            for partition in partitions:
                mark = marks.get(partition)
                if mark is None and partition in stored:
                    await self._count_anew(partition, Mark(stored[partition].source_offset), ancestry)
                elif mark is not None and mark.tree != ancestry.digests[partition]:
                    await self._pool(partition, mark, ancestry)

    async def add(self, runs: Mapping[int, Run]) -> None:
        """Bring in what runs of states change, by partition; the states are stored afterwards.

        Raises:
            Exception: the store or Kafka failed; it may be repeated.
        """
        async with self._free:
            ancestry = await self._current()
            known = await self._rows.marks()
            marks = {}
            for partition, run in runs.items():
                mark = known.get(partition, Mark())
                if mark.reached < run.end:
                    marks[partition] = await self._met(partition, mark, run.first, ancestry)
            if marks:
                await self._change({partition: runs[partition] for partition in marks}, marks, ancestry)
        crash_point("sink.after_cells")

    async def count_anew(self, partition: int, reached: int) -> None:
        """Make all cells of a partition from its states, which hold every event below an offset."""
        async with self._free:
            mark = (await self._rows.marks()).get(partition, Mark())
            await self._count_anew(partition, replace(mark, reached=reached), await self._current())

    async def _met(self, partition: int, mark: Mark, first: int, ancestry: Ancestry) -> Mark:
        """The partition's mark once it stands at a run's beginning, by the tree of now."""
        if mark.reached < first:
            return await self._count_anew(partition, replace(mark, reached=first), ancestry)
        if mark.tree != ancestry.digests[partition]:
            return await self._pool(partition, mark, ancestry)
        return mark

    async def _current(self) -> Ancestry:
        await self._units.wait_ready()
        position = self._units.position
        if self._ancestry is None or self._ancestry[0] != position:
            versions = {
                code: found for code in self._units.codes() if (found := self._units.versions(code)) is not None
            }
            self._ancestry = position, await asyncio.to_thread(Ancestry.of, versions, self._partitions)
        return self._ancestry[1]

    async def _change(
        self, runs: Mapping[int, Run], marks: Mapping[int, Mark], ancestry: Ancestry
    ) -> Mapping[int, Mark]:
        """Take what was said before out of its cells and put in what is said now; the marks as they are then."""
        names = {name for run in runs.values() for _, name, _ in run.states}
        old = await self._rows.states(sorted(names))
        new: dict[Name, State] = {}
        for partition, run in runs.items():
            for offset, name, state in run.states:
                # Of a range that is counted in part, what is counted is not stored yet.
                _keep_later(old if offset < marks[partition].reached else new, name, state)
        new = {name: state for name, state in new.items() if name not in old or old[name].place < state.place}
        old = {name: old[name] for name in new if name in old}
        changes = await asyncio.to_thread(self._changes, old, new, ancestry)
        if sum(len(places) for _, places, *_ in changes) > self._most and (part := _part(runs, marks)):
            between = await self._change(part, {p: marks[p] for p in part}, ancestry)
            return await self._change(runs, {**marks, **between}, ancestry)
        counted = {p: Mark(run.end, marks[p].tree, marks[p].step + 1) for p, run in runs.items()}
        try:
            await self._rows.change(changes, counted)
        except FewerThanNoneError:
            # Somebody altered states or cells. What the states say is what the rest of the store goes by.
            anew = {p: await self._count_anew(p, marks[p], ancestry) for p in runs}
            return await self._change(runs, anew, ancestry)
        return counted

    def _changes(self, old: Mapping[Name, State], new: Mapping[Name, State], ancestry: Ancestry) -> list[Change]:
        return [
            change
            for sign, states in ((-1, old), (1, new))
            for (unit, _, _), state in states.items()
            if state.answer is not None
            for change in self._change_of(unit, state.answer, sign, ancestry)
        ]

    def _change_of(self, unit: str, answer: Answer, sign: int, ancestry: Ancestry) -> Iterator[Change]:
        day, partition = DAYS.piece(answer.hour)[0], partition_of(unit, self._partitions)
        places = [(unit, "self"), *((tree, "pooled") for tree in ancestry.owners(unit, day))]
        cells = [cell for _, cell in answer.cells]
        for index, packed in answer.cards.items():
            card = LAYOUTS[index].unpack(packed)
            sums = (sign * card.n, sign * card.sum_x, sign * card.sum_xx)
            counts = ([sign * count for count in card.histogram], [sign * part for part in card.parts])
            yield partition, places, index, 3600 * day, cells, *sums, *counts

    async def _count_anew(self, partition: int, mark: Mark, ancestry: Ancestry) -> Mark:
        """Make all cells of a partition from its states; what the mark says of offsets is so."""
        counts = await self._rows.units()
        units = {unit: n for unit, n in counts.items() if partition_of(unit, self._partitions) == partition}
        if not units:
            return replace(mark, tree=ancestry.digests[partition])
        log.info("cells_counted_anew", partition=partition, reached=mark.reached, states=sum(units.values()))
        for some, slices in _batches(units, self._most):
            cards: dict[Key, int] = defaultdict(int, dict.fromkeys(await self._rows.own_keys(some), 0))
            for number in range(slices):
                await asyncio.to_thread(self._count_all, cards, await self._rows.answers(some, slices, number))
            items = list(cards.items())
            for row in range(0, len(items), _ROWS_AT_ONCE):
                await self._rows.insert(dict(items[row : row + _ROWS_AT_ONCE]), {partition: mark.step + 1}, {})
        return await self._pool(partition, mark, ancestry)

    def _count_all(self, cards: dict[Key, int], answers: Iterable[tuple[str, Answer]]) -> None:
        for unit, answer in answers:
            day, partition = DAYS.piece(answer.hour)[0], partition_of(unit, self._partitions)
            cells = list(answer.cells)
            for index, card in answer.cards.items():
                for kind, cell in cells:
                    cards[unit, "self", index, day, kind, cell, partition] += card

    async def _pool(self, partition: int, mark: Mark, ancestry: Ancestry) -> Mark:
        """Make the cells of trees from those of their members, and say so."""
        members: dict[str, list[tuple[str, str, int, int]]] = {
            owner: [] for owner in await self._rows.pooled(partition)
        }
        for one in ancestry.of_partition(partition):
            members.setdefault(one[1], []).append(one)
        step, some = mark.step + 1, list[str]()
        owners = sorted(members)
        for number, owner in enumerate(owners):
            some.append(owner)
            pairs = [one for each in some for one in members[each]]
            if len(pairs) >= _MEMBERS_AT_ONCE or number == len(owners) - 1:
                await self._rows.pool(partition, step, some, pairs)
                some = []
        new = Mark(mark.reached, ancestry.digests[partition], step)
        await self._rows.insert({}, {}, {partition: new})
        return new


def _keep_later(states: dict[Name, State], name: Name, state: State) -> None:
    if name not in states or states[name].place < state.place:
        states[name] = state


def _part(runs: Mapping[int, Run], marks: Mapping[int, Mark]) -> Mapping[int, Run]:
    """Of runs that are too much for one block what goes first: one partition's, or half of it; nothing of one state."""
    partition, run = next((p, run) for p, run in runs.items() if marks[p].reached < run.end)
    if sum(marks[p].reached < other.end for p, other in runs.items()) > 1:
        return {partition: run}
    waiting = [offset for offset, _, _ in run.states if offset >= marks[partition].reached]
    if len(waiting) < 2:  # noqa: PLR2004 - halves
        return {}
    cut = waiting[len(waiting) // 2]
    return {partition: Run(run.first, cut, [one for one in run.states if one[0] < cut])}


def _batches(units: Mapping[str, int], most: int) -> Iterator[tuple[list[str], int]]:
    """Units whose answers are read together, and in how many slices."""
    some, total = list[str](), 0
    for unit, count in units.items():
        if some and total + count > most:
            yield some, 1 + total // most
            some, total = [], 0
        some.append(unit)
        total += count
    if some:
        yield some, 1 + total // most
