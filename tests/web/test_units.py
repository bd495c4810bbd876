"""The register over HTTP."""

import pytest

from ikm.registry import Unit
from tests.web.problems import problem
from tests.web.serving import Served

BODY = {"name": "Puskesmas Contoh", "zone": "Asia/Makassar", "period": "semester"}


async def test_new_is_201_and_again_is_200(served: Served, unique):
    unit = unique("unit")
    for status in (201, 200):
        reply = await served.admin.put(f"/v1/units/{unit}", json=BODY)
        assert reply.status_code == status
        assert Unit.model_validate_json(reply.content).name == BODY["name"]
    later = {**BODY, "name": "Nama Baru", "valid_from": "2020-02-29"}
    for status in (201, 200):
        assert (await served.admin.put(f"/v1/units/{unit}", json=later)).status_code == status
    found = (await served.public.get(f"/v1/units/{unit}")).json()
    assert (found["unit"], found["name"], found["valid_from"], found["zone"]) == (
        unit, "Nama Baru", "2020-02-29", "Asia/Makassar",
    )  # fmt: skip


async def test_the_newest_version_that_is_valid_is_in_force(served: Served, unique):
    unit = unique("unit")
    for valid_from, name in (("2100-01-01", "nanti"), ("2010-01-01", "kini"), ("2005-01-01", "dulu")):
        body = {**BODY, "name": name, "valid_from": valid_from}
        assert (await served.admin.put(f"/v1/units/{unit}", json=body)).status_code == 201
    assert (await served.public.get(f"/v1/units/{unit}")).json()["name"] == "kini"


async def test_everything_given_is_kept(served: Served, unique):
    unit = unique("unit")
    whole = {
        **BODY,
        "type": "puskesmas",
        "parent": "kota",
        "services": [{"code": "KTP", "name": "Kartu"}],
        "population": 1234,
        "location": {"lat": -3.3, "lon": None},
        "valid_from": "2019-01-01",
        "valid_to": "2100-01-01",
        "merged_into": "lain",
        "periods": [{"code": "imunisasi", "from": "2026-02-01", "to": "2026-03-01", "grace_days": 3}],
        "targets": [{"period": "imunisasi", "index": "ipak", "n": None, "value": 3.6}],
    }
    assert (await served.admin.put(f"/v1/units/{unit}", json=whole)).status_code == 201
    assert (await served.public.get(f"/v1/units/{unit}")).json() == {"unit": unit, **whole}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"zone": "Asia/Tokyo"}, "zone", "out_of_scale"),
        ({"period": "mingguan"}, "period", "out_of_scale"),
        ({"name": ""}, "name", None),
        ({"population": 0}, "population", "out_of_scale"),
        ({"population": 1.0}, "population", "wrong_type"),
        ({"parent": "Kota Besar"}, "parent", "invalid_name"),
        ({"services": [{"code": "a b", "name": "x"}]}, "services.0.code", "invalid_name"),
        ({"valid_from": "kemarin"}, "valid_from", None),
        ({"color": "red"}, "color", "unknown_field"),
        ({"unit": "lain"}, "unit", "contradiction"),
    ],
)
async def test_what_is_no_unit(served: Served, unique, changes: dict, field: str, code: str | None):
    reply = await served.admin.put(f"/v1/units/{unique('unit')}", json={**BODY, **changes})
    body = problem(reply, 422, code or reply.json()["code"])
    assert [error["field"] for error in body["errors"]] == [field]


async def test_a_missing_field_and_a_bad_name(served: Served, unique):
    for field in ("name", "zone", "period"):
        body = {name: value for name, value in BODY.items() if name != field}
        problem(await served.admin.put(f"/v1/units/{unique('unit')}", json=body), 422, "missing_field")
    problem(await served.admin.put("/v1/units/Huruf", json=BODY), 422, "invalid_name")
    problem(await served.admin.put(f"/v1/units/{'a' * 65}", json=BODY), 422, "invalid_name")


async def test_only_an_admin_registers(served: Served, unique):
    path = f"/v1/units/{unique('unit')}"
    problem(await served.public.put(path, json=BODY), 401, "unauthorized")
    problem(await served.source.put(path, json=BODY), 403, "forbidden")
    problem(await served.public.get(path), 404, "unknown_unit")


async def test_a_unit_larger_than_a_record(served: Served, unique):
    services = [{"code": f"s{number}", "name": "x" * 250} for number in range(7_000)]
    body = {**BODY, "services": services}
    assert (await served.admin.put(f"/v1/units/{unique('unit')}", json=body)).status_code in {201, 413}


async def test_pages_of_units(served: Served, unique):
    names = sorted(unique("page") for _ in range(5))
    for name in names:
        await served.register(name)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        reply = await served.public.get("/v1/units", params={"limit": 3, **({"cursor": cursor} if cursor else {})})
        body = reply.json()
        assert set(body) == {"items", "next"}
        assert len(body["items"]) <= 3
        seen += [item["unit"] for item in body["items"]]
        cursor = body["next"]
        if cursor is None:
            break
    assert seen == sorted(set(seen))
    assert set(names) <= set(seen)
    for query in ("limit=0", "limit=201", "limit=x", "limit=-1", "limit=%C2%B2", "cursor=A", "sort=name"):
        assert problem(
            await served.public.get(f"/v1/units?{query}"),
            422,
            (await served.public.get(f"/v1/units?{query}")).json()["code"],
        )


async def test_a_unit_below_itself_and_versions_that_overlap_are_refused(served: Served, unique):
    above, below = unique("unit"), unique("unit")
    await served.register(above)
    await served.register(below, parent=above, valid_to="2026-01-01")
    ring = await served.admin.put(f"/v1/units/{above}", json={**BODY, "parent": below})
    assert [error["field"] for error in problem(ring, 422, "contradiction")["errors"]] == ["parent"]
    overlap = await served.admin.put(f"/v1/units/{below}", json={**BODY, "valid_from": "2025-12-31"})
    assert [error["field"] for error in problem(overlap, 422, "contradiction")["errors"]] == ["valid_from"]
    await served.register(below, valid_from="2026-01-01", zone="Asia/Jakarta")
    assert (await served.public.get(f"/v1/units/{below}")).json()["parent"] is None


async def test_the_tree_follows_the_register(served: Served, unique):
    above, below = unique("unit"), unique("unit")
    await served.register(below, parent=above)
    assert served.reads.units.tree().ancestors(below, 0) == (above,)
    await served.register(below)
    assert served.reads.units.tree().ancestors(below, 0) == ()
