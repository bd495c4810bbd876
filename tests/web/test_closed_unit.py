"""A unit that was closed or merged takes answers up to its end, and none after it."""

import pytest

from tests.web.answers import answer
from tests.web.problems import problem
from tests.web.serving import Served

LAST = "2026-06-30T23:59:59.999+08:00"
FIRST_AFTER = "2026-07-01T00:00:00+08:00"


@pytest.fixture
async def closed(served: Served, unique) -> tuple[str, str]:
    """A unit in WITA that was merged into another one on 2026-07-01, and the other."""
    unit, heir = unique("lama"), unique("baru")
    await served.register(heir)
    await served.register(unit, zone="Asia/Makassar", valid_to="2026-07-01", merged_into=heir)
    return unit, heir


async def test_submitted_at_decides_and_neighbours_are_kept(served: Served, closed: tuple[str, str]):
    unit, heir = closed
    items = [
        answer(unit, "late", submitted_at=FIRST_AFTER),
        answer(unit, "in-time", submitted_at=LAST),
        answer(heir, "there", submitted_at=FIRST_AFTER),
    ]
    reply = await served.admin.post("/v1/responses", json=items)
    assert reply.status_code == 202
    assert reply.json()["accepted"] == 2
    [rejected] = reply.json()["rejected"]
    assert (rejected["id"], rejected["field"], rejected["code"]) == ("late", "unit", "unit_closed")
    assert f"send it for unit {heir}" in rejected["message"]
    assert "2026-06-30T16:00:00.000Z" in rejected["message"]
    alone = await served.admin.post("/v1/responses", json=items[0])
    problem(alone, 422, "unit_closed")


async def test_a_correction_stays_within_and_a_withdrawal_is_always_taken(served: Served, closed: tuple[str, str]):
    unit, _ = closed
    address = f"/v1/units/{unit}/responses/admin/a"
    corrected = answer(unit, "a", submitted_at=LAST, revision=2, source="admin")
    assert (await served.admin.put(address, json=corrected)).status_code == 202
    moved = {**corrected, "submitted_at": FIRST_AFTER, "revision": 3}
    problem(await served.admin.put(address, json=moved), 422, "unit_closed")
    assert (await served.admin.delete(address)).status_code == 202


async def test_a_closed_unit_is_still_read(served: Served, closed: tuple[str, str]):
    unit, heir = closed
    found = (await served.public.get(f"/v1/units/{unit}")).json()
    assert (found["valid_to"], found["merged_into"]) == ("2026-07-01", heir)
    assert (await served.public.get(f"/v1/units/{unit}/index?window=24h")).status_code == 200
