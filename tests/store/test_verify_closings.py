"""Verify recomputes every frozen number, each at its own position."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from api.difference import NotReached
from api.verify_closings import closing_differences
from api.verify_periods import closing_row_differences
from ikm.index import INDICES
from ikm.period import parse_period
from ikm.scorecard import LAYOUTS
from runtime.clickhouse import Columns, Store
from runtime.closings import ClosingsTable
from sinks.periods import COLUMNS, PeriodsTable
from sinks.sink import Sink
from tests.store.kept import Kept, kept
from tests.store.showing import reader
from tests.store.test_closing import closer, fill, settled, unit
from tests.store.waiting import count
from tests.store.world import NOW_MS, World

UNITS = 3
PERIODS = ("2025-10", "2025-TW4", "2025")
NUMBERS = UNITS * len(INDICES) * (len(PERIODS) + 1)
"""A closing of each period, and one correction."""


@pytest.fixture(scope="module")
async def filled(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kept]:
    """Closings and a correction at different positions, and answers that came after all of them."""
    async with kept(kafka, tmp_path_factory.mktemp("filled"), freeze) as made:
        yield made


async def freeze(world: World, store: Store, new_sink: Callable[..., Sink]) -> None:
    sink = new_sink(clock=lambda: NOW_MS)
    await sink.start()
    closes = closer(world, store)
    for seed, code in enumerate(PERIODS):
        await fill(world, seed, 400)
        await settled(world, store)
        for number in range(UNITS):
            await closes.close(unit(f"unit-{number}"), parse_period(code, "Asia/Jakarta"), "admin")
    await fill(world, 7, 400)
    for number in range(UNITS):
        await closes.correct(unit(f"unit-{number}"), parse_period("2025-10", "Asia/Jakarta"), "admin", "x")
    await fill(world, 8, 400)
    await settled(world, store)
    await sink.stop()


@pytest.fixture
def world(filled: Kept) -> World:
    return filled.world()


@pytest.fixture
async def store(filled: Kept, tmp_path: Path) -> AsyncIterator[Store]:
    async with filled.store(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def frozen(world: World) -> list[int]:
    """What is archived."""
    return [end for _, end in sorted(world.ends().items())]


async def test_each_number_is_true_at_its_position(world: World, store: Store, frozen: list[int]) -> None:
    assert await closing_differences(store, world.log, frozen) == ([], NUMBERS)
    ends = [one.where for one in await ClosingsTable(store, world.log).of_units(["unit-0"])]
    assert len({position.encode() for position in ends}) == len(PERIODS) + 1


@pytest.mark.parametrize(
    "change",
    [
        "figure = replaceRegexpOne(figure, '\"value\":', '\"value\":1')",
        "figure = replaceRegexpOne(figure, '\"n\":', '\"n\":1')",
        "figure = '{}'",
        "scorecard = replaceOne(scorecard, '\"sum_x\":', '\"sum_x\":1')",
        "population = 12",
        "`to` = `to` - 3600",
        "closed_at = closed_at + 1",
    ],
)
async def test_what_was_altered_names_its_unit(world: World, store: Store, frozen: list[int], change: str) -> None:
    await store.command(
        f"ALTER TABLE ikm.periods UPDATE {change} WHERE unit = 'unit-1' AND `index` = 'ikm' AND period = '2025-10' "
        "AND number = 0 SETTINGS mutations_sync = 2"
    )
    found, compared = await closing_differences(store, world.log, frozen)
    assert [(one.unit, one.bucket) for one in found] == [("unit-1", "ikm 2025-10 number 0")]
    assert compared == NUMBERS - 1


async def test_a_number_that_was_never_true_is_found_though_nothing_was_altered(
    world: World, store: Store, frozen: list[int]
) -> None:
    (true, *_) = [c for c in await ClosingsTable(store, world.log).of_units(["unit-2"]) if c.index == "ikm"]
    card = LAYOUTS["ikm"].from_json(true.scorecard)
    without_spread = LAYOUTS["ikm"].to_json(card) | {"sum_xx": card.sum_xx + 1}
    changed = (
        {"scorecard": without_spread, "number": 5},
        {"figure": true.figure | {"value": 99.99}, "number": 6},
        {"watermark": "2025-10-02T00:00:00Z", "number": 7},
    )
    table = PeriodsTable(world.log)
    for offset, change in enumerate(changed, 10_000):
        value = json.dumps(json.loads(true.model_dump_json()) | change).encode()
        rows = table.rows([Record(offset, value)], 0)
        assert not rows.unfit
        await store.insert(table.name, Columns(COLUMNS, rows.columns.values))
    found, _ = await closing_differences(store, world.log, frozen)
    assert {(one.unit, one.bucket) for one in found} == {
        ("unit-2", f"ikm {true.period} number {number}") for number in (5, 6, 7)
    }


class Record:
    def __init__(self, offset: int, value: bytes) -> None:
        self.offset, self.value = offset, value


async def test_an_archive_that_is_behind_cannot_be_compared(world: World, store: Store, frozen: list[int]) -> None:
    with pytest.raises(NotReached, match="is the sink up"):
        await closing_differences(store, world.log, [1] * len(frozen))
    assert await closing_differences(store, world.log + 1, frozen) == ([], 0)
    assert await count(store, "SELECT count() FROM system.tables WHERE database = 'ikm' AND name LIKE 'closings%'") == 0


async def test_a_row_that_the_log_has_not_or_has_otherwise_is_named(
    world: World, store: Store, frozen: list[int]
) -> None:
    async def named() -> set[tuple[str, str]]:
        found = await closing_row_differences(store, world.log, logs, *await logs.closings_span())
        return {(one.unit, one.bucket) for one in found}

    logs, where = reader(world), "unit = 'unit-1' AND `index` = 'ikm' AND period = '2025-10'"
    assert await logs.closings_span() == (0, NUMBERS)
    assert await named() == set()
    await store.command(f"DELETE FROM ikm.periods WHERE {where} AND number = 0")
    assert await named() == {("unit-1", "ikm 2025-10 number 0")}
    await store.command(f"INSERT INTO ikm.periods SELECT * REPLACE (0 AS number) FROM ikm.periods WHERE {where}")
    assert ("unit-1", "ikm 2025-10 self number 0") in await named()
    await store.command("INSERT INTO ikm.periods SELECT * REPLACE (7777 AS offset) FROM ikm.periods LIMIT 1")
    assert any(unit == "unit-0" for unit, _ in await named())
