"""Verify holds `standing`, `tree` and `tree_days` against the register of the log, and names whose rows differ."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date

import pytest

from api import verify_lineage
from api.difference import Difference, NotReached
from api.verify_lineage import lineage_differences
from api.verify_tables import Tables
from ikm.own_period import OwnPeriod, Target
from ikm.registry import Service, Unit
from ikm.times import MS_PER_HOUR
from runtime.clickhouse import Store
from runtime.units import UnitsStore
from sinks.lineage import Lineages
from tests.store.showing import following, reader
from tests.store.waiting import count, until
from tests.store.world import NOW_MS, World


def unit(number: int, parent: int | None = None, **fields: object) -> Unit:
    values = {"name": f"Unit {number}", "zone": "Asia/Jakarta", "period": "triwulan"} | fields
    return Unit(code=f"unit-{number}", parent=None if parent is None else f"unit-{parent}", **values)


UNITS = (
    unit(0),
    unit(
        1, 0, population=900, location={"lat": -6.2, "lon": 106.8}, targets=(Target(period="2025", index="ikm", n=9),)
    ),
    unit(2, 0, services=(Service(code="ktp", name="KTP, 'baru'"), Service(code="sim", name="SIM"))),
    unit(3, 1, population=50),
    unit(3, 2, population=60, valid_from=date(2025, 11, 13)),
    unit(4, 1, valid_to=date(2025, 11, 10), merged_into="unit-2"),
    unit(5, 2, periods=(OwnPeriod(code="lebaran", from_day=date(2025, 3, 20), to_day=date(2025, 4, 9)),)),
)
"""Moved and merged in the midst of a month, with all that a row may say."""

Differences = Callable[[], Awaitable[list[Difference]]]


async def register(world: World, units: UnitsStore, *new: Unit) -> None:
    topic = world.topics.units
    for one in new:
        sent = await world.producer.send_and_wait(topic, one.model_dump_json().encode(), key=one.key.encode())
        await units.wait_for(sent.offset + 1, timeout_s=30)


@pytest.fixture
async def units(world: World) -> AsyncIterator[UnitsStore]:
    async with following(world) as found:
        await register(world, found, *UNITS)
        yield found


@pytest.fixture
def lineages(store: Store, units: UnitsStore) -> Lineages:
    return Lineages(store, units, is_ours=lambda: True, clock=lambda: NOW_MS)


@pytest.fixture
async def differences(
    world: World, store: Store, lineages: Lineages, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Differences]:
    """Compares what the sink wrote, which writes no more, with the log."""
    monkeypatch.setattr(verify_lineage, "SETTLES_S", 0.1)
    await lineages.bring_up()
    tables = Tables(store, "ikm.verify_lineage")

    async def run() -> list[Difference]:
        return (await lineage_differences(tables, reader(world), lambda: NOW_MS))[0]

    yield run
    await tables.drop()


async def test_what_the_sink_writes_is_equal(differences: Differences, store: Store) -> None:
    assert await differences() == []
    for table in ("standing", "tree", "tree_days"):
        assert await count(store, f"SELECT count() FROM ikm.{table}") >= 6


SAME = "SELECT * FROM ikm.kept WHERE unit = 'unit-1' LIMIT 1"
ANOTHER = "SELECT * REPLACE ('unit-1' AS unit) FROM (SELECT * FROM ikm.kept WHERE unit = 'unit-2' LIMIT 1)"
CHANGES = {
    "standing": ("population = 901", "services = map('a', 'b')", "targets = []", "lat = NULL", "`to` = `to` + 1",
                 "always = always + 1", "others = []", "is_open = NOT is_open", "zone_hours = 9", "name = 'x'"),
    "tree": ("population = 7", "member = 'unit-5'", "until = until - 3600", "until_month = 0", "scope = 'self'"),
    "tree_days": ("until = until - 3600", "period = 'x'", "is_calendar = NOT is_calendar", "`from` = `from` + 1"),
}  # fmt: skip


@pytest.mark.parametrize("table", CHANGES)
async def test_every_alteration_names_its_unit(differences: Differences, store: Store, table: str) -> None:
    await store.command(f"CREATE TABLE ikm.kept ENGINE = Memory AS SELECT * FROM ikm.{table}")
    faults = [
        f"DELETE FROM ikm.{table} WHERE unit = 'unit-1'",
        f"INSERT INTO ikm.{table} {SAME}",
        f"INSERT INTO ikm.{table} {ANOTHER}",
        *(
            f"INSERT INTO ikm.{table} SELECT * FROM ikm.kept WHERE unit != 'unit-1' "
            f"UNION ALL SELECT * REPLACE ({' AS '.join(change.split(' = ')[::-1])}) FROM ikm.kept WHERE unit = 'unit-1'"
            for change in CHANGES[table]
        ),
    ]
    for fault in faults:
        if "UNION" in fault:
            await store.command(f"TRUNCATE TABLE ikm.{table}")
        await store.command(f"{fault} SETTINGS insert_deduplicate = 0" if fault.startswith("INSERT") else fault)
        found = await differences()
        assert {one.unit for one in found} == {"unit-1"}, fault
        assert all(one.bucket.split()[0] == table and one.expected != one.found for one in found)
        await store.command(f"TRUNCATE TABLE ikm.{table}")
        await store.command(f"INSERT INTO ikm.{table} SELECT * FROM ikm.kept SETTINGS insert_deduplicate = 0")
        assert await differences() == []


async def test_what_differs_is_said_by_column(differences: Differences, store: Store) -> None:
    await store.command(
        "ALTER TABLE ikm.standing UPDATE population = 901, lat = NULL WHERE unit = 'unit-1' SETTINGS mutations_sync = 2"
    )
    assert await differences() == [Difference("unit-1", "standing", "population=900 lat=-6.2", "population=901 lat=-")]


async def test_an_emptied_table_names_every_unit(differences: Differences, store: Store) -> None:
    await store.command("TRUNCATE TABLE ikm.standing")
    assert {one.unit for one in await differences()} == {one.code for one in UNITS}


async def test_the_hour_decides_what_stands(world: World, differences: Differences, store: Store) -> None:
    """A table of yesterday is not today's: unit-3 stood elsewhere."""
    before = NOW_MS - 20 * 24 * MS_PER_HOUR
    tables = Tables(store, "ikm.verify_before")
    found, _ = await lineage_differences(tables, reader(world), lambda: before)
    await tables.drop()
    assert {"unit-3", "unit-4"} <= {one.unit for one in found}


async def test_it_waits_for_a_sink_that_is_about_to_write(
    world: World, differences: Differences, units: UnitsStore, lineages: Lineages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_lineage, "SETTLES_S", 60.0)
    await register(world, units, unit(6, 5))
    checking = asyncio.create_task(differences())
    await until(lambda: asyncio.sleep(0, [task for task in asyncio.all_tasks() if task is checking]), bool)
    await lineages.bring_up()
    assert await checking == []


async def test_a_register_that_never_stands_still_cannot_be_compared(
    world: World, differences: Differences, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.command("TRUNCATE TABLE ikm.tree")
    monkeypatch.setattr(verify_lineage, "PATIENCE_S", 0.2)
    monkeypatch.setattr(verify_lineage, "SETTLES_S", 60.0)
    tables = Tables(store, "ikm.verify_moving")
    with pytest.raises(NotReached, match="the register has changed all the while"):
        await lineage_differences(tables, reader(world), lambda: NOW_MS)
    await tables.drop()
