"""Verify counts every cell anew from the events and the register, and names the unit and place of one that differs."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest

from api import verify_cells
from api.difference import Difference, NotReached
from api.verify import Outcome, Report, verify
from api.verify_cells import cell_differences
from api.verify_tables import Tables
from ikm.events import Event, Response
from ikm.index import INDICES
from ikm.profile import PROFILE
from runtime.clickhouse import Store
from runtime.topics import states_of
from sinks.progress import read
from sinks.sink import Sink
from tests.store import cells
from tests.store.kept import Kept, kept
from tests.store.showing import following, reader, shown
from tests.store.test_verify_lineage import UNITS, unit
from tests.store.waiting import count, stored
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events

PLACES = "SELECT unit, scope, `index`, day, dimension, cell, partition FROM ikm.cells FINAL WHERE n > 0"
Differences = Callable[[], Awaitable[tuple[list[Difference], int]]]


@pytest.fixture(scope="module")
async def filled(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kept]:
    """Answers about seven units that moved and merged and one that nobody knows, stored by a sink that is stopped."""
    async with kept(kafka, tmp_path_factory.mktemp("filled"), fill) as made:
        yield made


async def fill(world: World, store: Store, new_sink: Callable[..., Sink]) -> None:
    sink = new_sink(clock=lambda: NOW_MS)
    await sink.start()
    await register(world, *UNITS, unit(6, 5, zone="Asia/Makassar"))
    await world.produce(said(mixed_events(6, 1_500, NOW_MS, units=8)))
    await world.work(batch=300)
    for topic in (world.topics.responses, states_of(world.topics.responses), world.topics.scorecards):
        await stored(store, topic, world.log, world.ends())
    await sink.quality.turn()
    await sink.stop()


async def register(world: World, *units: object) -> None:
    for one in units:
        await world.producer.send_and_wait(world.topics.units, one.model_dump_json().encode(), key=one.key.encode())


def said(events: Sequence[Event]) -> Iterator[Event]:
    """With channels and profiles, in every spelling that is taken."""
    rng = random.Random(7)
    for event in events:
        if isinstance(event, Response):
            told = {question: rng.choice([*known]) for question, known in PROFILE.items() if rng.random() < 0.7}
            yield event.model_copy(update={"channel": rng.choice((None, "qr", "wa")), "respondent": told or None})
        else:
            yield event


@pytest.fixture
def world(filled: Kept) -> World:
    return filled.world()


@pytest.fixture
async def store(filled: Kept, tmp_path: Path) -> AsyncIterator[Store]:
    async with filled.store(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
async def differences(world: World, store: Store, monkeypatch: pytest.MonkeyPatch) -> Differences:
    """Compares the cells with the log; nobody writes them."""
    monkeypatch.setattr(verify_cells, "SETTLES_S", 0)

    async def progress(topic: str) -> list[int]:
        found = await read(store, topic, world.log)
        return [found[partition].source_offset if partition in found else 0 for partition in range(2)]

    async def run() -> tuple[list[Difference], int]:
        tables = Tables(store, "ikm.verify_cells")
        try:
            return await cell_differences(tables, reader(world), world.log, progress)
        finally:
            await tables.drop()

    return run


async def verified(world: World, store: Store) -> Report:
    async with following(world) as units:
        return await verify(store, reader(world), lambda: shown(world, units), log_id=world.log, patience_s=2)


async def altered(store: Store, fault: str) -> None:
    await store.command(f"{fault} SETTINGS mutations_sync = 2" if fault.startswith("ALTER") else fault)


async def places(store: Store, where: str) -> set[tuple[str, str]]:
    """Unit and place of cells, as they are told."""
    rows = await store.rows(f"{PLACES} AND {where}")
    return {
        (name, f"{code} cells {scope} {day:%Y-%m-%dT%H:%M:%SZ} {dimension}/{cell} partition {partition}")
        for name, scope, code, day, dimension, cell, partition in rows
    }


async def test_what_the_sink_keeps_is_equal(
    differences: Differences, world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await count(store, "SELECT count() FROM ikm.cells FINAL WHERE n > 0")
    assert await differences() == ([], rows)
    monkeypatch.setattr(verify_cells, "MOST_EVENTS", 1_000)
    assert await differences() == ([], rows)
    for of in ("scope", "`index`", "dimension", "cell", "partition", "day", "unit"):
        found = await count(store, f"SELECT uniqExact({of}) FROM ikm.cells WHERE n > 0")
        assert found >= {"scope": 2, "`index`": 3, "dimension": 7, "cell": 50, "partition": 2, "day": 60, "unit": 8}[of]
    assert await cells.held(store, world.log) == cells.wanted(world.all_events, [*UNITS, unit(6, 5)])


CHANGES = (
    "n = n + 1", "sum_x = sum_x - 1", "sum_xx = sum_xx + 1", "histogram = arrayPushFront(histogram, 0)", "parts = [1]",
    "histogram = arrayMap((c, i) -> c + (i = 3), histogram, arrayEnumerate(histogram))", "n = 0",
)  # fmt: skip
DIMENSIONS = ("service", "channel", *PROFILE, "hour")


async def test_every_altered_row_is_named(differences: Differences, store: Store) -> None:
    """Each way in another dimension, of a unit's own answers and of its tree, in every index."""
    expected = set()
    for change, dimension in zip(CHANGES, DIMENSIONS, strict=True):
        some = f"n > 0 AND unit = 'unit-2' AND dimension = '{dimension}' AND toDayOfMonth(day) % 9 = 0"
        here = await places(store, some)
        assert {tuple(bucket.split()[:3]) for _, bucket in here} >= set(product(INDICES, ["cells"], ["self", "pooled"]))
        await altered(store, f"ALTER TABLE ikm.cells UPDATE {change} WHERE {some}")
        expected |= here
    found, _ = await differences()
    assert {(one.unit, one.bucket) for one in found} == expected
    assert all(one.expected != one.found for one in found)


async def test_every_deleted_row_is_named(differences: Differences, store: Store) -> None:
    some = "unit = 'unit-1' AND toDayOfMonth(day) % 9 = 0"
    expected = await places(store, some)
    assert {bucket.split()[4].partition("/")[0] for _, bucket in expected} == {*DIMENSIONS}
    await altered(store, f"ALTER TABLE ikm.cells DELETE WHERE {some}")
    found, _ = await differences()
    assert {(one.unit, one.bucket) for one in found} == expected
    assert {one.found for one in found} == {"no such row"}


async def test_every_added_row_is_named(differences: Differences, store: Store) -> None:
    changes = (
        "'unit-77' AS unit", "'pooled' AS scope", "'mean' AS scope", "'x' AS `index`", "day + 3600 AS day",
        "'x' AS dimension", "'x' AS cell", "1 - partition AS partition", "9 AS partition", "'' AS unit",
    )  # fmt: skip
    before = await places(store, "1")
    some = "n > 0 AND unit = 'unit-6' AND scope = 'self' AND `index` = 'ikm' AND dimension = 'service'"
    one = f"(SELECT * FROM ikm.cells FINAL WHERE {some} ORDER BY day LIMIT 1)"
    for change in changes:
        await altered(store, f"INSERT INTO ikm.cells SELECT * REPLACE ({change}) FROM {one}")
    added = await places(store, "1") - before
    assert len(added) == len(changes)
    found, _ = await differences()
    assert {(one.unit, one.bucket) for one in found} == added
    assert {one.expected for one in found} == {"no such row"}


async def test_what_is_said_of_a_row(differences: Differences, store: Store) -> None:
    some = "unit = 'unit-0' AND scope = 'pooled' AND `index` = 'ipkp' AND dimension = 'hour' AND n > 1"
    ((day, cell, partition, n),) = await store.rows(
        f"SELECT day, cell, partition, n FROM ikm.cells FINAL WHERE {some} ORDER BY day, cell, partition LIMIT 1"
    )
    some += f" AND day = {day.timestamp():.0f} AND cell = '{cell}' AND partition = {partition}"
    await altered(store, f"ALTER TABLE ikm.cells UPDATE n = n + 1 WHERE {some}")
    ((found,), _) = await differences()
    where = f"ipkp cells pooled {day:%Y-%m-%dT%H:%M:%SZ} hour/{cell} partition {partition}"
    assert (found.unit, found.bucket) == ("unit-0", where)
    assert found.expected.startswith(f"n={n} sum_x=")
    assert found.found == found.expected.replace(f"n={n} ", f"n={n + 1} ", 1)


MARK = "unit = '' AND partition = 1"


@pytest.mark.parametrize(
    "told",
    [
        ("UPDATE reached = reached + 1", "at most", "counted up to {above}"),
        ("UPDATE reached = reached - 1", "at least", "counted up to {below}"),
        ("DELETE", "at least", "not counted"),
    ],
)
async def test_a_wrong_mark_is_named_and_no_row(
    differences: Differences, store: Store, told: tuple[str, str, str]
) -> None:
    fault, bound, found = told
    end = await count(store, f"SELECT reached FROM ikm.cells FINAL WHERE {MARK}")
    await altered(store, f"ALTER TABLE ikm.cells {fault} WHERE {MARK}")
    found = found.format(above=end + 1, below=end - 1)
    expected = Difference("", "cells of partition 1", f"counted up to {end} {bound}", found)
    assert (await differences())[0] == [expected]


async def test_a_mark_of_no_partition_is_named(differences: Differences, store: Store) -> None:
    one = f"(SELECT * FROM ikm.cells FINAL WHERE {MARK})"
    await altered(store, f"INSERT INTO ikm.cells SELECT * REPLACE (9 AS partition) FROM {one}")
    ((found,), _) = await differences()
    assert found.bucket == "cells of partition 9"


async def test_cells_of_another_log_do_not_count(differences: Differences, store: Store) -> None:
    await altered(
        store, "INSERT INTO ikm.cells SELECT * REPLACE (epoch - 1 AS epoch, 7 AS n, 'x' AS cell) FROM ikm.cells"
    )
    assert (await differences())[0] == []


async def test_an_archive_that_is_behind_cannot_be_compared(
    differences: Differences, world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_cells, "PATIENCE_S", 0.1)
    await altered(store, f"ALTER TABLE ikm.progress DELETE WHERE topic = '{world.topics.responses}'")
    with pytest.raises(NotReached, match=r"the archive has it up to 0: is the sink up"):
        await differences()


async def test_the_whole_check_tells_it_and_a_rebuild_cures_it(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_cells, "SETTLES_S", 0.2)
    sink = world.sink(store, f"sink-{world.log}", clock=lambda: NOW_MS)
    await sink.start()
    equal = await verified(world, store)
    assert (equal.outcome, equal.differences) == (Outcome.EQUAL, ())
    assert equal.compared["cells"] == await count(store, "SELECT count() FROM ikm.cells FINAL WHERE n > 0")
    await altered(store, "ALTER TABLE ikm.cells UPDATE sum_x = sum_x + 1 WHERE unit = 'unit-3' AND scope = 'self'")
    await altered(store, "ALTER TABLE ikm.cells DELETE WHERE unit = 'unit-0' AND scope = 'pooled' AND cell = '03'")
    report = await verified(world, store)
    assert (report.outcome, report.cure) == (Outcome.DIFFERS, "ikm replay")
    assert {one.unit for one in report.differences} == {"unit-0", "unit-3"}
    await sink.rebuild(world.log)
    assert (await verified(world, store)).outcome is Outcome.EQUAL
    await sink.stop()
