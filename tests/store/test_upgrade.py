"""A store that an earlier version filled goes on: what is there stays as it was, what is missing comes from the log."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from runtime.clickhouse import Columns, Lane, Store, connect
from runtime.tasks import cancelled
from runtime.topics import new_epoch, states_of
from sinks import events, replays, responses
from sinks.events import EventsTable
from sinks.migrations import load, migrate
from sinks.quality import lacks_states
from sinks.responses import ResponsesTable
from sinks.schema import prepare
from sinks.sink import Sink
from tests.store import qualities
from tests.store.states import held, wanted
from tests.store.waiting import stored
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events

PLACES = next(one.number for one in load() if one.name == "quality")
"""The migration that gives events and states their places."""


@pytest.fixture
async def before(tmp_path: Path) -> AsyncIterator[Store]:
    """A store as it was before that."""
    opened = await connect(f"chdb://{tmp_path / 'store'}")
    await migrate(opened, [migration for migration in load() if migration.number < PLACES])
    yield opened
    await opened.close()


async def test_states_and_facts_stay_as_they_were(before: Store) -> None:
    log, some = new_epoch(), mixed_events(3, 400, NOW_MS, units=4)
    records = [qualities.record(event, offset, NOW_MS) for offset, event in enumerate(some)]
    for table, names in ((EventsTable, events.COLUMNS), (ResponsesTable, responses.COLUMNS)):
        rows, new = table(log, 1).rows(records, 0).columns, {"state"} if table is EventsTable else {"first_offset"}
        kept = [(name, values) for name, values in zip(names, rows.values, strict=True) if name not in new]
        await before.insert(table(log, 1).name, Columns(*zip(*kept, strict=True)))
    sql = "SELECT sum(sipHash64(offset, fingerprint)) FROM ikm.events"
    facts, states = await before.rows(sql), await held(before, log)
    assert states == wanted(some)
    await prepare(before)
    assert (await before.rows(sql), await held(before, log)) == (facts, states)
    assert await lacks_states(before, log)
    again = ResponsesTable(log, 1).rows(records, 0).columns
    await before.insert("ikm.responses", again)
    assert await held(before, log) == states
    assert await prepare(before) == []


async def test_the_sink_fills_in_what_is_missing_unasked(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    await world.produce(mixed_events(1, 300, NOW_MS, units=6))
    sink = new_sink()
    await sink.start()
    for topic in (world.topics.responses, states_of(world.topics.responses)):
        await stored(store, topic, world.log, world.ends())
    await sink.units.wait_ready()
    await sink.stop()
    await store.command("TRUNCATE TABLE ikm.quality")
    await store.command("ALTER TABLE ikm.events UPDATE state = 0 WHERE 1 SETTINGS mutations_sync = 2")
    rebuilt: asyncio.Queue[None] = asyncio.Queue()

    async def rebuild() -> None:
        await sink.rebuild(world.log)
        rebuilt.put_nowait(None)

    watch = asyncio.create_task(
        replays.watch(world.bootstrap, store, world.log, is_ours=lambda: True, rebuild=rebuild, clock=lambda: NOW_MS)
    )
    async with asyncio.timeout(60):
        await rebuilt.get()
    await cancelled([watch])
    assert await qualities.found(store, world.log) == qualities.wanted(world)
    assert not await lacks_states(store, world.log)
    rows = await store.rows("SHOW TABLES FROM ikm LIKE '%fresh'", lane=Lane.CHECK)
    assert list(rows) == []
