"""Verify finds every cell right, whatever the log says, and waits for cells that are about to be."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import verify_cells
from api.difference import Difference, NotReached
from api.verify_cells import cell_differences
from api.verify_tables import Tables
from ikm.events import Event
from ikm.registry import Unit
from runtime.clickhouse import Store
from runtime.reached import Names
from runtime.topics import states_of
from sinks.events import EventsTable
from tests.fold.strategies import UNITS
from tests.fold.strategies import events as any_event
from tests.store import cells
from tests.store.test_cells import MOVES, TREE, Log, Register
from tests.store.test_responses import record
from tests.store.waiting import until
from tests.store.world import NOW_MS
from tests.stream.mixed import mixed_events

NAMES = Names("responses", "scorecards", "periods", 1)
ONE_MORE = """INSERT INTO ikm.cells SELECT * REPLACE (step + 1 AS step, sum_xx + 1 AS sum_xx) FROM (
    SELECT * FROM ikm.cells FINAL WHERE epoch = {log:UInt64} AND n > 0 ORDER BY cityHash64(unit, day, cell) LIMIT 1)"""


class Reader:
    """What a log of one partition and its register say to who asks."""

    def __init__(self, log: Log) -> None:
        self.log, self.names, self.asked, self.changes = log, NAMES, 0, 0
        self.states: int | None = None

    async def ends(self) -> dict[int, int]:
        return {0: len(self.log.events)}

    async def register_end(self) -> int:
        self.asked += 1
        return self.log.register.position + self.asked * self.changes

    async def register(self, _end: int) -> dict[str, tuple[int, Unit]]:
        return {one.key: (0, one) for one in self.log.register.units}

    async def compared(self) -> list[Difference]:
        """Archive what the log has, and compare; its states are stored up to `states`, or as far as it goes."""
        events = EventsTable(self.log.epoch, 1)
        records = [record(event, at) for at, event in enumerate(self.log.events)]
        for one in records:
            one.partition = 0
        if records:
            await self.log.store.insert(events.name, events.rows(records, 0).columns)

        async def progress(topic: str) -> list[int]:
            end = len(self.log.events)
            return [
                {NAMES.responses: end, states_of(NAMES.responses): end if self.states is None else self.states}[topic]
            ]

        tables = Tables(self.log.store, f"ikm.verify_{self.log.epoch}")
        try:
            return (await cell_differences(tables, self, self.log.epoch, progress))[0]
        finally:
            await tables.drop()


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_cells, "SETTLES_S", 0)
    monkeypatch.setattr(verify_cells, "PAUSE_S", 0.01)


@given(events=st.lists(any_event, max_size=14), data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_events_and_moves_are_counted_alike_and_one_fault_is_found(
    store: Store, events: list[Event], data: st.DataObject
) -> None:
    log = Log(store, Register(TREE))
    again = data.draw(st.lists(st.sampled_from(events), max_size=4)) if events else []
    arriving = data.draw(st.permutations([*events, *again]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(arriving)), max_size=2)))
    moves = data.draw(st.lists(st.sampled_from(MOVES), max_size=2, unique_by=lambda one: one.key))
    for first, end in itertools.pairwise((0, *cuts, len(arriving))):
        await log.store_run(first, arriving[first:end])
        log.register.put([moves.pop()] if moves else [])
    await log.cells().bring_up([0])
    assert await Reader(log).compared() == []
    if await cells.held(store, log.epoch):
        await store.command(ONE_MORE, {"log": log.epoch})
        assert len(await Reader(log).compared()) == 1


@pytest.fixture
async def log(store: Store) -> AsyncIterator[Log]:
    found = Log(store, Register(TREE))
    events = [event.model_copy(update={"unit": UNITS[at % 2]}) for at, event in enumerate(mixed_events(1, 200, NOW_MS))]
    await found.store_run(0, events)
    return found


async def test_trees_that_the_sink_is_about_to_follow_are_waited_for(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_cells, "SETTLES_S", 60.0)
    log.register.put([MOVES[0]])
    reader = Reader(log)
    checking = asyncio.create_task(reader.compared())
    await until(lambda: asyncio.sleep(0, reader.asked), lambda asked: asked >= 3)
    assert not checking.done()
    await log.cells().bring_up([0])
    assert await checking == []


async def test_trees_that_nobody_follows_differ_where_the_unit_came_and_went(log: Log) -> None:
    log.register.put([MOVES[0]])
    assert {one.unit for one in await Reader(log).compared()} == {"dinas", "unit-b"}


async def test_a_position_that_the_rows_have_not_reached_is_found(log: Log) -> None:
    """What lies in the log and in no cell: where the mark or the states say that it is counted."""
    reader = Reader(log)
    reader.states = len(log.events)
    log.events.append(mixed_events(2, 2, NOW_MS)[0].model_copy(update={"unit": "unit-b"}))
    assert await reader.compared() == []
    reader.states = None
    found = await reader.compared()
    assert found[0].bucket == "cells of partition 0"
    assert {one.unit for one in found[1:]} == {"kota", "unit-b"}
    await log.store.command("ALTER TABLE ikm.cells UPDATE reached = reached + 1 WHERE 1 SETTINGS mutations_sync = 2")
    assert await reader.compared() == found[1:]


async def test_a_register_that_never_stands_still_cannot_be_compared(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_cells, "SETTLES_S", 0.3)
    monkeypatch.setattr(verify_cells, "PATIENCE_S", 1)
    await log.store.command("ALTER TABLE ikm.cells DELETE WHERE unit = 'kota' SETTINGS mutations_sync = 2")
    reader = Reader(log)
    assert {one.unit for one in await reader.compared()} == {"kota"}
    reader.changes = 1
    with pytest.raises(NotReached, match="cells have moved all the while"):
        await reader.compared()
