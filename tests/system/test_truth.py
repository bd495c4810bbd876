"""Index = replay = SQL on the whole system, and verify finds what was altered behind its back."""

import asyncio
import subprocess
import sys

import pytest

from ikm.period import period_of
from ikm.position import Position
from runtime.clock import system_clock
from runtime.topics import INDEX, SCORECARDS, log_epoch
from tests.stream.exact import published
from tests.stream.mixed import mixed_events
from tests.stream.topics import produce, wait_progress
from tests.system.conftest import System

EVENTS = 20_000

ALTER_FACT = "ALTER TABLE ikm.events UPDATE answers = mapUpdate(answers, map('waktu', 1)) WHERE id = 'r1-7'"
ALTER_BUCKET = "ALTER TABLE ikm.buckets UPDATE n = n + 1 WHERE unit = 'unit-3' AND service = 'ktp'"
ALTER_FROZEN = "ALTER TABLE ikm.periods UPDATE figure = replaceOne(figure, '\"n\":', '\"n\":1') WHERE unit = 'unit-3'"
DROP_FACT = "DELETE FROM ikm.events WHERE id = 'r1-7'"

OPEN_BY_HAND = """
import sys
from clickhouse_connect import get_client
client = get_client(interface="chdb", path=sys.argv[1])
client.command(sys.argv[2], settings={"mutations_sync": 2, "lightweight_deletes_sync": 2})
client.close()
"""


async def filled(system: System, count: int = EVENTS) -> dict[int, int]:
    """Mixed events, published; partition → next offset."""
    now = system_clock()
    ends: dict[int, int] = {}
    events = mixed_events(1, count, now)
    for at in range(0, len(events), 4_000):
        ends.update(await produce(system.bootstrap, events[at : at + 4_000], now))
    log = await log_epoch(system.bootstrap)
    for topic in (SCORECARDS, INDEX):
        await wait_progress(system.bootstrap, topic.name, ends, log)
    return ends


async def ikm(system: System, *arguments: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(system.command, *arguments)


async def alter(system: System, statement: str) -> None:
    """Stop, alter the store by hand, start."""
    await asyncio.to_thread(system.down)
    store = str(system.data_dir / "clickhouse")
    await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", OPEN_BY_HAND, store, statement], check=True, capture_output=True
    )
    await asyncio.to_thread(system.up)


@pytest.mark.timeout(300)
async def test_index_replay_and_sql_agree(system: System) -> None:
    ends = await filled(system)
    (await published(system.bootstrap)).assert_last_equal_everything()
    verified = await ikm(system, "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    units = [f"unit-{i}" for i in range(40)]
    position = Position(await log_epoch(system.bootstrap), ends).encode()
    for unit in units:
        body = {"name": unit, "zone": "Asia/Jakarta", "period": "semester"}
        assert (await system.retry("PUT", f"/v1/units/{unit}", json=body)).status_code == 201
    before = await figures(system, units, position)
    replayed = await ikm(system, "replay")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert await figures(system, units, position) == before
    verified = await ikm(system, "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert (await published(system.bootstrap)).assert_each_equals_its_prefix(every=23) > 500


async def figures(system: System, units: list[str], position: str) -> dict[str, tuple[object, ...]]:
    found = {}
    for unit in units:
        for read in ("window=30d", "period=2026", "period=2026-11"):
            answer = await system.retry("GET", f"/v1/units/{unit}/index?{read}&after={position}")
            body = answer.json()
            assert answer.status_code == 200, body
            keys = ("n", "value", "interval", "elements", "watermark")
            found[f"{unit} {read}"] = tuple(str(body[key]) for key in keys)
    return found


@pytest.mark.timeout(400)
async def test_verify_names_the_unit_of_what_was_altered_and_replay_cures_it(system: System) -> None:
    await filled(system, 4_000)
    unit = next(event.unit for event in mixed_events(1, 4_000, system_clock()) if event.id == "r1-7")
    frozen = await closed(system, "unit-3")
    for statement, named in (
        (ALTER_FACT, unit),
        (ALTER_BUCKET, "unit-3"),
        (DROP_FACT, unit),
        (ALTER_FROZEN, "unit-3"),
    ):
        await assert_found_and_cured(system, statement, named)
    assert await closed(system, "unit-3") == frozen


async def assert_found_and_cured(system: System, statement: str, named: str) -> None:
    """What the statement alters is named by `ikm verify`, and cured by what it says."""
    await alter(system, statement)
    verified = await ikm(system, "verify")
    assert verified.returncode == 1, (statement, verified.stdout, verified.stderr)
    assert any(line.startswith(f"{named}: ") for line in verified.stdout.splitlines()), (statement, verified.stdout)
    assert "ikm replay" in verified.stdout + verified.stderr
    assert (await ikm(system, "replay")).returncode == 0
    verified = await ikm(system, "verify")
    assert verified.returncode == 0, (statement, verified.stdout, verified.stderr)


async def closed(system: System, unit: str) -> dict[str, object]:
    """The figure of a unit's last month, closed; what of it never changes."""
    body = {"name": unit, "zone": "Asia/Jakarta", "period": "bulanan"}
    assert (await system.retry("PUT", f"/v1/units/{unit}", json=body)).status_code in {200, 201}
    this = period_of("bulanan", system_clock() // 60_000, "Asia/Jakarta")
    month = period_of("bulanan", this.from_minute - 1, "Asia/Jakarta").code
    answer = await system.retry("POST", f"/v1/units/{unit}/periods/{month}/close")
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    assert (found["status"], found["number"]) == ("beku", 0)
    del found["as_of"]
    return found
