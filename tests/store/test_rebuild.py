import asyncio
from collections.abc import Callable

from runtime.clickhouse import Lane, Store
from runtime.topics import states_of
from sinks.sink import Sink
from tests.fold import scratch
from tests.store import cells
from tests.store.test_sink import stored_buckets
from tests.store.test_sums import assert_added_up
from tests.store.waiting import count, stored
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events


async def settle(world: World, store: Store) -> None:
    for topic in (world.topics.responses, states_of(world.topics.responses), world.topics.scorecards):
        await stored(store, topic, world.log, world.ends())


async def test_an_altered_store_is_whole_again_and_nothing_is_lost_meanwhile(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    sink = new_sink()
    await sink.start()
    await world.produce(mixed_events(1, 1_500, NOW_MS, units=6))
    await world.work(batch=100)
    await settle(world, store)
    for sql in (
        "ALTER TABLE ikm.events DELETE WHERE unit = 'unit-1' SETTINGS mutations_sync = 2",
        "ALTER TABLE ikm.buckets UPDATE n = n + 5 WHERE unit = 'unit-2' SETTINGS mutations_sync = 2",
        "INSERT INTO ikm.buckets SELECT * REPLACE ('never' AS service) FROM ikm.buckets LIMIT 3",
        "ALTER TABLE ikm.days UPDATE n = n + 7 WHERE unit = 'unit-3' SETTINGS mutations_sync = 2",
        "TRUNCATE TABLE ikm.months",
        "ALTER TABLE ikm.cells UPDATE n = n + 3 WHERE unit = 'unit-4' SETTINGS mutations_sync = 2",
    ):
        await store.command(sql)
    rebuilding = asyncio.create_task(sink.rebuild(world.log))
    seed = 2
    while not rebuilding.done():
        await world.produce(mixed_events(seed, 80, NOW_MS, units=6))
        await world.work(batch=20)
        seed += 1
    await rebuilding
    await world.produce(mixed_events(seed, 80, NOW_MS, units=6))
    await world.work(batch=20)
    await settle(world, store)
    await sink.stop()

    assert await count(store, "SELECT count() FROM ikm.events FINAL") == len(world.all_events)
    assert await stored_buckets(store, world.log) == scratch.buckets(world.all_events)
    await assert_added_up(store, world)
    assert await cells.held(store, world.log) == cells.wanted(world.all_events)
    assert list(await store.rows("SHOW TABLES FROM ikm LIKE '%fresh'", lane=Lane.CHECK)) == []
