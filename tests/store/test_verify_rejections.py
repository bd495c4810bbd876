"""Verify holds `rejections` against the letters that the log remembers, and names whose row says another thing."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiokafka.admin import RecordsToDelete
from aiokafka.structs import TopicPartition

from api import verify_rejections
from api.difference import Difference, NotReached
from api.verify_rejections import rejection_differences
from api.verify_tables import Tables
from runtime import kafka
from runtime.clickhouse import Lane, Store
from runtime.letters import DISORDER_MS
from sinks import progress
from sinks.sink import Sink
from tests.store.showing import reader
from tests.store.test_rejections import letter, poisoned
from tests.store.waiting import stored
from tests.store.world import NOW_MS, World

SENT = (
    (0, 7, "unit-0", 0),
    (1, 9, "unit-1", 1),
    (0, 7, "unit-0", 60_000),
    (1, 11, "unit-1|ikm", 2),
    (0, 12, "?", 3),
    (1, 20, "unit-4", 3 * DISORDER_MS),
)
"""Partition and offset of a record, its key, and how much later its letter came: one came twice."""

Compare = Callable[[], Awaitable[list[Difference]]]


async def write(world: World, partition: int, offset: int, key: str, after_ms: int) -> None:
    sent = letter(poisoned(lambda said: said["answers"].update({"waktu": 9})), f"responses.v1/{partition}/{offset}")
    await world.producer.send_and_wait(
        world.topics.rejected, sent.value, key=key.encode(), headers=sent.headers, partition=partition,
        timestamp_ms=NOW_MS + after_ms,
    )  # fmt: skip


@pytest.fixture
async def sink(new_sink: Callable[..., Sink]) -> Sink:
    return new_sink()


@pytest.fixture
async def compare(world: World, store: Store, sink: Sink) -> AsyncIterator[Compare]:
    """Letters, and one record that is none, in the store."""
    for one in SENT:
        await write(world, *one)
    await world.producer.send_and_wait(world.topics.rejected, b"somebody else's", partition=0)
    await sink.start()
    await stored(store, world.topics.rejected, world.log, {0: 4, 1: 3})

    async def run() -> list[Difference]:
        async def reached() -> list[int]:
            found = await progress.read(store, world.topics.rejected, world.log)
            return [found[number].source_offset if number in found else 0 for number in range(2)]

        tables = Tables(store, "ikm.verify_rejections")
        try:
            return (await rejection_differences(tables, reader(world), world.log, reached))[0]
        finally:
            await tables.drop()

    yield run
    await sink.stop()


async def test_what_the_sink_stored_is_equal(compare: Compare) -> None:
    assert await compare() == []


@pytest.mark.parametrize(
    "fault",
    [
        *(
            f"ALTER TABLE ikm.rejections UPDATE {change} WHERE unit = 'unit-1' AND offset = 9"
            for change in ("field = 'x'", "at = at + 1", "unit = 'unit-2'", "unit = ''")
        ),
        "DELETE FROM ikm.rejections WHERE unit = 'unit-1' AND offset = 11",
        "INSERT INTO ikm.rejections SELECT * REPLACE (10 AS offset) FROM ikm.rejections WHERE unit = 'unit-1'",
        "INSERT INTO ikm.rejections SELECT * REPLACE ('too_large' AS code) FROM ikm.rejections WHERE unit = 'unit-1'",
    ],
)
async def test_every_alteration_names_its_unit(compare: Compare, store: Store, fault: str) -> None:
    await store.command(f"{fault} SETTINGS mutations_sync = 2" if fault.startswith("ALTER") else fault)
    found = await compare()
    assert {one.unit for one in found} == {"unit-1"}
    assert all(one.bucket.startswith("rejection responses.v1/1/") and one.expected != one.found for one in found)


async def test_a_topic_that_has_forgotten_all_is_equal(compare: Compare, world: World) -> None:
    places = {TopicPartition(world.topics.rejected, number): RecordsToDelete(end) for number, end in ((0, 4), (1, 3))}
    async with kafka.admin(world.bootstrap) as admin:
        await admin.delete_records(places)
    assert await compare() == []


async def test_what_the_topic_has_forgotten_is_not_compared(compare: Compare, store: Store, world: World) -> None:
    async with kafka.admin(world.bootstrap) as admin:
        await admin.delete_records({TopicPartition(world.topics.rejected, 1): RecordsToDelete(2)})
    assert await compare() == []
    await store.command("ALTER TABLE ikm.rejections DELETE WHERE unit = 'unit-1' SETTINGS mutations_sync = 2")
    assert await compare() == []
    await store.command("ALTER TABLE ikm.rejections UPDATE field = 'x' WHERE 1 SETTINGS mutations_sync = 2")
    assert {one.unit for one in await compare()} == {"unit-0", "unit-4", ""}


async def test_a_row_as_young_as_what_the_topic_remembers_needs_a_letter(
    compare: Compare, store: Store, world: World
) -> None:
    async with kafka.admin(world.bootstrap) as admin:
        await admin.delete_records({TopicPartition(world.topics.rejected, 1): RecordsToDelete(2)})
    for after_ms, found in ((3 * DISORDER_MS, set()), (4 * DISORDER_MS, {"unit-3"})):
        await store.command(
            "INSERT INTO ikm.rejections SELECT * REPLACE (99 AS offset, 'unit-3' AS unit, "
            f"fromUnixTimestamp64Milli({NOW_MS + after_ms}, 'UTC') AS at, bitNot(toUInt64({after_ms})) AS version) "
            "FROM (SELECT * FROM ikm.rejections LIMIT 1)"
        )
        assert {one.unit for one in await compare()} == found
        await store.command("ALTER TABLE ikm.rejections DELETE WHERE offset = 99 SETTINGS mutations_sync = 2")


async def test_letters_that_are_not_stored_are_waited_for(
    compare: Compare, sink: Sink, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sink.stop()
    await write(world, 1, 21, "unit-4", 0)
    monkeypatch.setattr(verify_rejections, "PATIENCE_S", 0.1)
    with pytest.raises(NotReached, match="partition 1 of the refused records up to 3, the log up to 4: is the sink up"):
        await compare()


async def test_a_rebuild_brings_back_what_the_topic_remembers_and_keeps_the_rest(
    compare: Compare, sink: Sink, store: Store, world: World
) -> None:
    async with kafka.admin(world.bootstrap) as admin:
        await admin.delete_records({TopicPartition(world.topics.rejected, 1): RecordsToDelete(2)})
    before = await store.rows("SELECT * FROM ikm.rejections FINAL ORDER BY ALL", lane=Lane.CHECK)
    for fault in (
        "DELETE FROM ikm.rejections WHERE unit = 'unit-0'",
        "ALTER TABLE ikm.rejections UPDATE field = 'x' WHERE unit = 'unit-4' SETTINGS mutations_sync = 2",
    ):
        await store.command(fault)
    assert {one.unit for one in await compare()} == {"unit-0", "unit-4"}
    await sink.rebuild(world.log)
    assert await compare() == []
    assert await store.rows("SELECT * FROM ikm.rejections FINAL ORDER BY ALL", lane=Lane.CHECK) == before
