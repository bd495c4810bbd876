"""Verify on a tree: altered edges are named, and a tree that moves under answers stays equal."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date

import pytest

from api.verify import Outcome, Report, verify
from ikm.registry import Unit
from runtime.clickhouse import Store
from runtime.topics import states_of
from runtime.units import UnitsStore
from sinks import quality
from sinks.sink import Sink
from tests.store.showing import following, reader, shown
from tests.store.waiting import stored
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events

PARENTS = {0: None, 1: 0, 2: 0, 3: 1, 4: 1, 5: 2, 6: 2, 7: 3}
"""NOW_MS is on 2025-11-23; answers are up to 40 days old."""


def unit(number: int, parent: int | None = None, **fields: object) -> Unit:
    values = {"name": f"Unit {number}", "zone": "Asia/Jakarta", "period": "triwulan"} | fields
    return Unit(code=f"unit-{number}", parent=None if parent is None else f"unit-{parent}", **values)


@dataclass
class City:
    """A tree of eight units with answers, and what verifies it."""

    world: World
    store: Store
    units: UnitsStore
    sink: Sink

    async def register(self, *units: Unit) -> None:
        topic = self.world.topics.units
        sent = [
            await self.world.producer.send(topic, one.model_dump_json().encode(), key=one.key.encode()) for one in units
        ]
        await self.units.wait_for(1 + max([(await receipt).offset for receipt in sent]), timeout_s=30)

    async def answer(self, seed: int, count: int) -> None:
        await self.world.produce(mixed_events(seed, count, NOW_MS, units=9))
        await self.world.work(batch=50)

    async def verify(self, patience_s: float = 60) -> Report:
        world = self.world
        return await verify(
            self.store, reader(world), lambda: shown(world, self.units), log_id=world.log, patience_s=patience_s
        )


@pytest.fixture
async def city(
    world: World, store: Store, new_sink: Callable[..., Sink], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[City]:
    monkeypatch.setattr(quality, "EVERY_S", 0.2)
    sink = new_sink(clock=lambda: NOW_MS)
    await sink.start()
    async with following(world) as units:
        found = City(world, store, units, sink)
        await found.register(*(unit(number, parent) for number, parent in PARENTS.items()))
        await found.answer(1, 600)
        for topic in (world.topics.responses, states_of(world.topics.responses), world.topics.scorecards):
            await stored(store, topic, world.log, world.ends())
        yield found
    await sink.stop()


@pytest.mark.parametrize(
    "faults",
    [
        (
            "ALTER TABLE ikm.units UPDATE parent = 'unit-2' WHERE unit = 'unit-3'",
            "ALTER TABLE ikm.units UPDATE valid_to = '2025-01-01' WHERE unit = 'unit-3'",
            "ALTER TABLE ikm.units UPDATE merged_into = 'unit-5' WHERE unit = 'unit-3'",
            "ALTER TABLE ikm.units UPDATE services = '[]x' WHERE unit = 'unit-3'",
        ),
        (
            "ALTER TABLE ikm.units UPDATE zone = 'Asia/Jayapura' WHERE unit = 'unit-3'",
            "ALTER TABLE ikm.units DELETE WHERE unit = 'unit-3'",
            "INSERT INTO ikm.units SELECT * REPLACE ('2025-01-01' AS valid_from) FROM ikm.units WHERE unit = 'unit-3'",
        ),
    ],
)
async def test_an_altered_edge_is_named_and_the_log_cures_it(city: City, faults: tuple[str, ...]) -> None:
    report = await city.verify()
    assert (report.outcome, report.differences) == (Outcome.EQUAL, ())
    assert report.compared["versions"] == len(PARENTS)
    for fault in faults:
        await city.store.command(f"{fault} SETTINGS mutations_sync = 2" if fault.startswith("ALTER") else fault)
        report = await city.verify(patience_s=10)
        assert (report.outcome, report.cure) == (Outcome.DIFFERS, "ikm replay")
        (difference,) = report.differences
        assert (difference.unit, difference.bucket[:13]) == ("unit-3", "register from"), fault
        assert difference.expected != difference.found
        await city.sink.rebuild(city.world.log)
        assert (await city.verify()).differences == ()


async def test_an_altered_row_of_the_tree_is_named_and_the_log_cures_it(city: City) -> None:
    assert (await city.verify()).differences == ()
    await city.store.command("DELETE FROM ikm.tree WHERE unit = 'unit-1' AND member = 'unit-3'")
    report = await city.verify(patience_s=10)
    assert (report.outcome, report.cure) == (Outcome.DIFFERS, "ikm replay")
    assert [(found.unit, found.bucket[:24], found.found) for found in report.differences] == [
        ("unit-1", "tree pooled unit-3 1970-", "no such row")
    ]
    await city.sink.rebuild(city.world.log)
    assert (await city.verify()).differences == ()


async def test_a_tree_of_the_api_that_is_not_the_logs_is_found_at_those_above(city: City) -> None:
    moved = unit(3, 2)
    city.units._records[moved.code][moved.key] = moved
    city.units._derive(moved.code)
    report = await city.verify(patience_s=5)
    assert {difference.unit for difference in report.differences} == {"unit-1", "unit-2"}
    places = {difference.bucket for difference in report.differences}
    assert {"ikm pooled window 30d", "ikm mean 2025-TW4", "ipak pooled all", "ipkp mean all tree=current"} <= places


MOVES = (
    unit(3, 2, valid_from=date(2025, 11, 13)),
    unit(4, 1, valid_to=date(2025, 11, 10), merged_into="unit-5"),
    unit(6, 2, valid_to=date(2025, 11, 3)),
    unit(0, zone="Asia/Jayapura", valid_from=date(2025, 11, 20)),
    unit(2, 0, zone="Asia/Makassar", period="bulanan", valid_from=date(2025, 11, 1)),
    unit(3, 5, valid_from=date(2025, 10, 20), valid_to=date(2025, 10, 30)),
    unit(6, 4, valid_from=date(2025, 11, 22), zone="Asia/Jayapura"),
    unit(8, 6),
)
"""Moved, merged, closed, in another zone, late, come back, new; most of it for a time that is past."""


@asynccontextmanager
async def answering(city: City) -> AsyncIterator[None]:
    """Answers come in while the block runs."""

    async def go_on() -> None:
        seed = 2
        while True:
            await city.answer(seed, 20)
            await asyncio.sleep(0.1)
            seed += 1

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.mark.timeout(600)
async def test_a_tree_that_moves_under_answers_is_equal_all_the_while(city: City) -> None:
    checks = []
    async with answering(city):
        for move in MOVES:
            checking = asyncio.create_task(city.verify())
            await city.register(move)
            checks.append(await checking)
    checks.append(await city.verify())
    assert [report.outcome for report in checks] == [Outcome.EQUAL] * len(checks), checks
    asked = [report.compared["answers"] for report in checks]
    assert asked == sorted(asked)
    assert checks[-1].compared["versions"] == len(city.units.codes()) + 5
