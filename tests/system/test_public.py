"""Who reads without a key between single answers never sees one to four of them, whatever is restarted."""

import asyncio
import json
from datetime import UTC, datetime
from itertools import combinations

import httpx
import pytest

from ikm.window import WINDOWS
from tests.rules.samples import ITEMS
from tests.system.conftest import System

ANSWERS = 24
RESTARTED_AFTER = {12: "worker", 15: "api", 22: "worker"}

REPLAYED_AFTER = 18


async def look(system: System, unit: str) -> dict[str, dict]:
    """What the public sees of every window and of the current period, and of the year."""
    found = {}
    async with httpx.AsyncClient(base_url=system.endpoints["api"], timeout=30) as public:
        for read in [*(f"window={code}" for code in WINDOWS), "period=2026", f"period={datetime.now(UTC):%Y-%m}"]:
            reply = await public.get(f"/v1/units/{unit}/index?{read}")
            if reply.status_code == 200:
                found[read] = reply.json()
    return found


async def restart(system: System, name: str) -> None:
    old = system.endpoints["pids"][name]
    await asyncio.to_thread(system.kill, name)
    while system.endpoints["pids"][name] == old:
        await asyncio.sleep(0.05)


@pytest.mark.timeout(300)
async def test_single_answers_between_keyless_reads(system: System):
    unit = "unit-publik"
    body = {"name": "Unit Publik", "zone": "Asia/Jakarta", "period": "bulanan"}
    assert (await system.retry("PUT", f"/v1/units/{unit}", json=body)).status_code == 201
    seen: dict[str, tuple[int, str]] = {}
    bodies: dict[str, dict] = {}
    for n in range(1, ANSWERS + 1):
        answers = {code: 1 + (n * (at + 2)) % 4 for at, code in enumerate(ITEMS)}
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        sent = {"id": f"p{n}", "unit": unit, "submitted_at": at, "answers": answers}
        reply = await system.retry("POST", "/v1/responses", json=sent)
        assert reply.status_code == 202
        position = reply.json()["position"]
        if n == REPLAYED_AFTER:
            replayed = await asyncio.to_thread(system.command, "replay")
            assert replayed.returncode == 0, replayed.stdout + replayed.stderr
        if n in RESTARTED_AFTER:
            await restart(system, RESTARTED_AFTER[n])
        for read in ("window=30d", "period=2026"):
            while True:
                reply = await system.retry("GET", f"/v1/units/{unit}/index?{read}&after={position}")
                for shown in (await look(system, unit)).values():
                    if shown["elements"]:
                        elements = [[e["n"], e["sum"], e["low_share"]] for e in shown["elements"]]
                        seen[json.dumps(elements)] = shown["elements_n"], shown["as_of"]
                if reply.status_code == 200:
                    break
        bodies = await look(system, unit)
        assert {shown["n"] for shown in bodies.values()} <= {n if n >= 10 else None}
        assert bool(bodies["window=30d"]["elements"]) == (n >= 10)
    frames = sorted(n for n, _ in seen.values())
    assert all(other - one >= 5 for one, other in combinations(frames, 2)), seen
    assert frames[0] == 10
    assert all(shown["elements_n"] >= ANSWERS - 4 for shown in bodies.values()), bodies
