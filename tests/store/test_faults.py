from collections.abc import Callable
from typing import Any

import pytest
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from runtime import kafka as clients
from runtime.clickhouse import Columns, Lane, Store
from sinks.events import COLUMNS
from sinks.plan import Owner, Plan
from sinks.refusals import DeadLetters, TooManyRefused
from sinks.sink import Sink, store_id
from sinks.table import Unfit
from tests.fold import scratch
from tests.store.test_sink import stored_buckets
from tests.store.waiting import count, stored, until
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events
from tests.stream.topics import read_all


async def plan(world: World, group: str, partition: int, planned: Plan) -> None:
    """Leave a group as a sink leaves it that was killed after it planned a range."""
    client = clients.consumer(world.bootstrap, client_id="test", group_id=group)
    await client.start()
    tp = TopicPartition(world.topics.responses, partition)
    client.assign([tp])
    await client.commit({tp: OffsetAndMetadata(planned.first, planned.encode())})
    await client.stop()


async def token_without_rows(store: Store, world: World, token: str) -> None:
    """A token that the engine knows, though the rows never came: it was killed between the two."""
    row = (world.log - 1, 9, 0, 0, "", "", "", "", 0, 0, "", "", "", {}, {}, "x", 0)
    await store.insert("ikm.events", Columns(COLUMNS, [[value] for value in row]), token)


async def test_a_known_token_whose_rows_never_came_loses_nothing(
    world: World, store: Store, new_sink: Callable[..., Sink], group_prefix: str
) -> None:
    await world.produce(mixed_events(1, 200, NOW_MS, units=6))
    partition, end = next(iter(world.ends().items()))
    planned = Plan(Owner(world.log, await store_id(store)), 0, end // 2)
    await plan(world, f"{group_prefix}-events", partition, planned)
    await token_without_rows(store, world, planned.token(world.topics.responses, partition))
    sink = new_sink()
    await sink.start()
    await stored(store, world.topics.responses, world.log, world.ends())
    await sink.stop()
    assert await count(store, f"SELECT count() FROM ikm.events WHERE log = {world.log}") == len(world.all_events)


async def test_a_planned_range_that_is_there_is_not_doubled(
    world: World, store: Store, new_sink: Callable[..., Sink], group_prefix: str
) -> None:
    await world.produce(mixed_events(1, 200, NOW_MS, units=6))
    sink = new_sink(alone=False)
    await sink.start()
    await stored(store, world.topics.responses, world.log, world.ends())
    await sink.stop()
    owner = Owner(world.log, await store_id(store))
    for partition, end in world.ends().items():
        await plan(world, f"{group_prefix}-events", partition, Plan(owner, 0, end - 1))
    sink = new_sink()
    await sink.start()
    await world.produce(mixed_events(2, 50, NOW_MS, units=6))
    await stored(store, world.topics.responses, world.log, world.ends())
    await sink.stop()
    assert await count(store, "SELECT uniqExact(partition, offset) FROM ikm.events") == len(world.all_events)
    assert await count(store, "SELECT count() FROM ikm.events FINAL") == len(world.all_events)


async def test_a_new_store_is_filled_from_the_beginning(
    world: World, store: Store, new_sink: Callable[..., Sink], group_prefix: str
) -> None:
    await world.produce(mixed_events(1, 100, NOW_MS, units=6))
    for partition, end in world.ends().items():
        await plan(world, f"{group_prefix}-events", partition, Plan.none(Owner(world.log, 1), end))
    sink = new_sink()
    await sink.start()
    await stored(store, world.topics.responses, world.log, world.ends())
    await sink.stop()
    assert await count(store, "SELECT count() FROM ikm.events") == len(world.all_events)


async def test_a_row_that_the_store_refuses_goes_to_the_dead_letters_alone(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    await store.command("ALTER TABLE ikm.events ADD CONSTRAINT no_seven CHECK id NOT LIKE '%-7'")
    await world.produce(mixed_events(1, 300, NOW_MS, units=6))
    sink = new_sink()
    await sink.start()
    await stored(store, world.topics.responses, world.log, world.ends())
    await sink.stop()
    bad = [event for event in world.all_events if event.id.endswith("-7")]
    assert await count(store, "SELECT count() FROM ikm.events") == len(world.all_events) - len(bad)
    letters = await read_all(world.bootstrap, world.topics.rejected)
    assert len(letters) == len(bad)
    assert all(dict(letter.headers)["code"] == b"store_refused" for letter in letters)
    assert {dict(letter.headers)["origin"].split(b"/")[0] for letter in letters} == {world.topics.responses.encode()}
    assert list(await store.rows("SHOW TABLES FROM ikm LIKE '%probe%'", lane=Lane.CHECK)) == []


async def test_too_many_refusals_stop_the_sink(world: World, store: Store, new_sink: Callable[..., Sink]) -> None:
    await store.command("ALTER TABLE ikm.events ADD CONSTRAINT nothing CHECK id = 'never'")
    await world.produce(mixed_events(1, 300, NOW_MS, units=6))
    sink = new_sink()
    await sink.start()
    with pytest.raises(TooManyRefused, match="the sink stops"):
        await sink.wait()
    await sink.stop()


async def test_garbage_on_scorecards_is_refused_and_its_neighbours_kept(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    await world.produce(mixed_events(1, 200, NOW_MS, units=6))
    for partition in (0, 1):
        for value in (b"\xff", b"{}", b'{"unit": "x"}', b""):
            await world.publish(partition, [(b"unit-0|ikm||1", value)])
    await world.work(batch=50)
    sink = new_sink()
    await sink.start()
    await stored(store, world.topics.scorecards, world.log, world.ends())
    await sink.stop()
    assert await stored_buckets(store, world.log) == scratch.buckets(world.all_events)
    assert len(await read_all(world.bootstrap, world.topics.rejected)) == 8


async def test_rows_are_seen_in_whole_batches_only(world: World, store: Store, new_sink: Callable[..., Sink]) -> None:
    await world.produce(mixed_events(1, 100, NOW_MS, units=6))
    sink = new_sink()
    await sink.start()
    await world.work(batch=1_000)
    await stored(store, world.topics.scorecards, world.log, world.ends())
    before = await stored_buckets(store, world.log)

    await world.produce(mixed_events(2, 100, NOW_MS, units=6))
    batches: dict[int, list[tuple[bytes, bytes]]] = {}
    publish = world.publish

    async def hold_back(partition: int, records: Any) -> None:
        batches[partition] = records

    world.publish = hold_back  # type: ignore[method-assign]
    await world.work(batch=1_000)
    for partition, records in batches.items():
        await publish(partition, records[:-1])
    await world.producer.flush()
    behind = {partition: len(records) - 1 for partition, records in batches.items()}
    pipe = sink._pipes["scorecards"]
    await until(
        lambda: buffered(pipe), lambda found: all(found.get(partition, 0) >= n for partition, n in behind.items())
    )
    assert await stored_buckets(store, world.log) == before
    for partition, records in batches.items():
        await publish(partition, records[-1:])
    await stored(store, world.topics.scorecards, world.log, world.ends())
    await sink.stop()
    assert await stored_buckets(store, world.log) == scratch.buckets(world.all_events)


async def buffered(pipe: Any) -> dict[int, int]:
    return {tp.partition: len(lane.records) for tp, lane in pipe._intake.lanes.items()}


async def test_two_sinks_share_the_partitions_and_hand_them_over(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    first, second = new_sink(alone=False), new_sink(alone=False)
    await first.start()
    await world.produce(mixed_events(1, 500, NOW_MS, units=6))
    await world.work(batch=50)
    await second.start()
    await until(lambda: buffered(second._pipes["events"]), lambda lanes: len(lanes) == 1)
    await world.produce(mixed_events(2, 500, NOW_MS, units=6))
    await world.work(batch=50)
    await first.stop()
    await world.produce(mixed_events(3, 500, NOW_MS, units=6))
    await world.work(batch=50)
    for topic in (world.topics.responses, world.topics.scorecards):
        await stored(store, topic, world.log, world.ends())
    await second.stop()
    assert await count(store, "SELECT count() FROM ikm.events") == len(world.all_events)
    assert await stored_buckets(store, world.log) == scratch.buckets(world.all_events)


async def test_the_limit_counts_share_and_number(kafka: str) -> None:
    class Nowhere:
        async def send_and_wait(self, *_: Any, **__: Any) -> None: ...

    class Letter:
        topic, partition, offset, key, value, headers = "t", 0, 0, None, None, ()

    letters = DeadLetters(Nowhere(), "rejected")  # type: ignore[arg-type]
    letters.count(20_000)
    await letters.send([Unfit(Letter(), "x")] * 150)
    with pytest.raises(TooManyRefused):
        await letters.send([Unfit(Letter(), "x")] * 60)
