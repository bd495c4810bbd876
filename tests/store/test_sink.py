from collections.abc import Callable

from ikm.scorecard import Scorecard
from runtime.clickhouse import Lane, Store
from sinks.sink import Sink
from tests.fold import scratch
from tests.store.waiting import count, stored
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events


async def stored_buckets(store: Store, log: int) -> dict[tuple[str, str, int, str], Scorecard]:
    rows = await store.rows(
        "SELECT `index`, unit, toUnixTimestamp(hour), service, n, sum_x, sum_xx, histogram, parts "
        "FROM ikm.buckets FINAL WHERE epoch = {e:UInt64} AND n > 0",
        {"e": log},
        lane=Lane.CHECK,
    )
    return {
        (index, unit, hour // 3600, service): Scorecard(n, sum_x, sum_xx, tuple(histogram), tuple(parts))
        for index, unit, hour, service, n, sum_x, sum_xx, histogram, parts in rows
    }


async def test_everything_on_the_log_arrives_once(world: World, store: Store, new_sink: Callable[..., Sink]) -> None:
    sink = new_sink()
    await sink.start()
    await world.produce(mixed_events(1, 3_000, NOW_MS, units=12))
    await world.work(batch=200)
    await stored(store, world.topics.responses, world.log, world.ends())
    await stored(store, world.topics.scorecards, world.log, world.ends())
    await sink.stop()

    assert await count(store, "SELECT count() FROM ikm.events") == len(world.all_events)
    assert await count(store, "SELECT count() FROM ikm.events FINAL WHERE code = ''") == len(world.all_events)
    assert await stored_buckets(store, world.log) == scratch.buckets(world.all_events)


async def test_a_second_sink_goes_on_where_the_first_ended(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    for seed in (1, 2, 3):
        sink = new_sink()
        await sink.start()
        await world.produce(mixed_events(seed, 600, NOW_MS, units=12))
        await world.work(batch=50)
        await stored(store, world.topics.responses, world.log, world.ends())
        await stored(store, world.topics.scorecards, world.log, world.ends())
        await sink.stop()

    assert await count(store, "SELECT count() FROM ikm.events") == len(world.all_events)
    assert await stored_buckets(store, world.log) == scratch.buckets(world.all_events)
