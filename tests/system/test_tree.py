"""Verify on the whole system about a tree: what was altered is named, and what moves under answers stays equal."""

import asyncio
from datetime import date, timedelta

import pytest

from runtime.clock import system_clock
from tests.stream.mixed import mixed_events
from tests.stream.topics import produce
from tests.system.conftest import System
from tests.system.test_truth import assert_found_and_cured, closed, filled, ikm

ALTER_EDGE = "ALTER TABLE ikm.units UPDATE parent = 'unit-1' WHERE unit = 'unit-3'"
DROP_EDGE = "DELETE FROM ikm.units WHERE unit = 'unit-4'"
DROP_FROZEN = "DELETE FROM ikm.periods WHERE unit = 'unit-3' AND `index` = 'ikm'"
UNITS = 8


async def put(system: System, number: int, parent: int | None = None, **fields: object) -> None:
    body = {"name": f"Unit {number}", "zone": "Asia/Jakarta", "period": "bulanan", **fields}
    if parent is not None:
        body["parent"] = f"unit-{parent}"
    answer = await system.retry("PUT", f"/v1/units/unit-{number}", json=body)
    assert answer.status_code in {200, 201}, answer.text


async def grow(system: System) -> None:
    """One city, two agencies, and five offices below them."""
    for number in range(UNITS):
        await put(system, number, None if number == 0 else 0 if number < 3 else 1 + number % 2)


@pytest.mark.timeout(400)
async def test_verify_names_the_unit_of_an_altered_edge_and_of_a_deleted_closing(system: System) -> None:
    await filled(system, 1_000)
    frozen = await closed(system, "unit-3")
    await grow(system)
    for statement, named in ((ALTER_EDGE, "unit-3"), (DROP_EDGE, "unit-4"), (DROP_FROZEN, "unit-3")):
        await assert_found_and_cured(system, statement, named)
    assert await closed(system, "unit-3") == frozen


@pytest.mark.timeout(400)
async def test_verify_stays_equal_while_units_move_merge_close_and_change_zone_under_load(system: System) -> None:
    await grow(system)
    answering = asyncio.create_task(answer_for_ever(system))
    moves = (
        {"number": 3, "parent": 1, "valid_from": ago(10)},
        {"number": 4, "parent": 1, "valid_to": ago(8), "merged_into": "unit-5"},
        {"number": 6, "parent": 1, "valid_to": ago(20)},
        {"number": 0, "zone": "Asia/Jayapura", "valid_from": ago(2)},
        {"number": 2, "parent": 0, "zone": "Asia/Makassar", "period": "tahun", "valid_from": ago(5)},
        {"number": 3, "parent": 5, "valid_from": ago(30), "valid_to": ago(25)},
    )
    try:
        for move in moves:
            verifying = asyncio.create_task(ikm(system, "verify"))
            await put(system, **move)
            verified = await verifying
            assert verified.returncode == 0, (move, verified.stdout, verified.stderr)
            assert not answering.done()
    finally:
        answering.cancel()
    verified = await ikm(system, "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def ago(days: int) -> str:
    return str(date.today() - timedelta(days=days))  # noqa: DTZ011 - any day will do


async def answer_for_ever(system: System) -> None:
    """Straight on the topic, where also answers for closed units count."""
    seed = 0
    while True:
        now = system_clock()
        await produce(system.bootstrap, mixed_events(seed, 60, now, units=UNITS), now)
        await asyncio.sleep(0.5)
        seed += 1
