from collections.abc import Callable
from itertools import pairwise, product

import pytest

from api.periods import ClickHouseHistory
from ikm.index import INDICES
from ikm.scorecard import LAYOUTS
from runtime.clickhouse import Store
from sinks.sink import Sink
from tests.fold import scratch
from tests.rules.cards import EMPTY
from tests.store.waiting import stored
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events

NOW_HOUR = NOW_MS // 3_600_000
DAY = 24


async def test_spans_are_what_the_events_say(world: World, store: Store, new_sink: Callable[..., Sink]) -> None:
    sink = new_sink()
    await sink.start()
    await world.produce(mixed_events(3, 1_500, NOW_MS, units=5))
    await world.work(batch=100)
    await stored(store, world.topics.scorecards, world.log, world.ends())
    await sink.stop()
    periods = ClickHouseHistory(store, world.log, scorecards=world.topics.scorecards)

    for span in ((0, NOW_HOUR + 1), (NOW_HOUR - 7 * DAY, NOW_HOUR - 2 * DAY), (NOW_HOUR - 3, NOW_HOUR)):
        for unit, index in product(("unit-0", "unit-4"), INDICES):
            expected = scratch.window(world.all_events, index, unit, span[0] * 60, span[1] * 60)
            assert await periods.read(unit, index, *span) == expected
    assert await periods.progress() == world.ends()
    latest = max(
        hour for index, unit, hour, _ in scratch.buckets(world.all_events) if (index, unit) == ("ikm", "unit-1")
    )
    assert (await periods.latest_hours("ikm"))["unit-1"] == latest


async def test_nothing_stored_is_an_empty_scorecard(store: Store) -> None:
    periods = ClickHouseHistory(store, 1)
    assert await periods.read("nobody", "ikm", -5, 10_000_000) == (EMPTY, None)
    assert await periods.read_steps("nobody", "ikm", [-5, 0, 10_000_000]) == {}
    assert await periods.progress() == {}
    assert await periods.latest_hours("ikm") == {}


@pytest.mark.parametrize("index", list(INDICES))
async def test_steps_are_what_the_events_say(
    world: World, store: Store, new_sink: Callable[..., Sink], index: str
) -> None:
    sink = new_sink()
    await sink.start()
    await world.produce(mixed_events(3, 1_500, NOW_MS, units=5))
    await world.work(batch=100)
    await stored(store, world.topics.scorecards, world.log, world.ends())
    await sink.stop()
    hours = [0, NOW_HOUR - 9 * DAY, NOW_HOUR - 5, NOW_HOUR - 4, NOW_HOUR - 1, NOW_HOUR, NOW_HOUR + 1, NOW_HOUR + 900]
    for unit in ("unit-0", "unit-4"):
        cards = await ClickHouseHistory(store, world.log).read_steps(unit, index, hours)
        assert len(cards) > 2
        for first, end in pairwise(hours):
            expected, _ = scratch.window(world.all_events, index, unit, first * 60, end * 60)
            assert cards.get(first, LAYOUTS[index].empty) == expected
