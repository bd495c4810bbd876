"""The public frames of periods in the store: of each span the one that holds for whoever reads the topic."""

import json
from collections.abc import Callable

from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import rfc3339_minute
from runtime.clickhouse import Lane, Store
from sinks import progress
from sinks.frames_read import NAME
from sinks.sink import Sink
from tests.rules.cards import one
from tests.store.waiting import stored, until
from tests.store.world import World

LAYOUT = LAYOUTS["ikm"]
SPANS = ((29_453_340, 29_978_940), (29_453_340, 29_713_980))
READ = """
SELECT unit, toUnixTimestamp(`from`), toUnixTimestamp(`to`), n, sum_x, sum_xx, histogram, number
FROM ikm.frames FINAL"""


def card(n: int) -> Scorecard:
    return LAYOUT.total([one((3,) * 9)] * n)


async def say(
    world: World, unit: str, n: int, number: int, *, settled: bool = False, span: int = 0, log: int | None = None
) -> None:
    start, end = (rfc3339_minute(minute) for minute in SPANS[span])
    said = {"unit": unit, "index": "ikm", "from": start, "to": end, "log": world.log if log is None else log}
    value = {**said, "number": number, "settled": settled, "scorecard": LAYOUT.to_json(card(n))}
    key = f"{unit}|ikm|{start}|{end}"
    await world.producer.send_and_wait(world.topics.frames, json.dumps(value).encode(), key=key.encode(), partition=0)


async def test_the_frame_that_holds_is_stored(world: World, store: Store, new_sink: Callable[..., Sink]) -> None:
    await say(world, "first", 10, 1)
    await say(world, "first", 12, 1)  # refused: of a number the first holds
    await say(world, "settled", 20, 1)
    sink = new_sink()
    await sink.start()
    await until(lambda: progress.read(store, NAME, world.log), bool)
    assert {row[0] for row in await store.rows(READ, lane=Lane.CHECK)} == {"first", "settled"}
    await say(world, "settled", 25, 2)
    await say(world, "settled", 30, 3)
    await say(world, "settled", 33, 3)
    await say(world, "settled", 30, 3, settled=True)
    await say(world, "settled", 16, 1, span=1)
    await say(world, "stranger", 40, 1, log=world.log + 1)
    await world.producer.send_and_wait(world.topics.frames, b'{"unit": 7}', key=b"broken", partition=0)
    await stored(store, world.topics.frames, world.log, {0: 10})
    await sink.stop()
    found = {row[:3]: row[3:] for row in await store.rows(READ, lane=Lane.CHECK)}
    expected = {("first", 0): (10, 1), ("settled", 0): (30, 3), ("settled", 1): (16, 1)}
    assert found == {
        (unit, *(60 * minute for minute in SPANS[span])): (
            n, card(n).sum_x, card(n).sum_xx, list(card(n).histogram), number,
        )
        for (unit, span), (n, number) in expected.items()
    }  # fmt: skip


async def test_nothing_is_shown_before_all_frames_are_stored(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    """The note comes with the last frame that stood on the topic, also where a partition has none."""
    for number in range(1, 40):
        await say(world, "unit", 10 + 5 * number, number)
    sink = new_sink()
    await sink.start()
    await until(lambda: progress.read(store, NAME, world.log), bool)
    assert [row[-1] for row in await store.rows(READ, lane=Lane.CHECK)] == [39]
    await sink.stop()
