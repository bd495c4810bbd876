"""Who is let in: keys, the cookie of the pages, and what every refusal looks like."""

import pytest

from runtime.keys import COOKIE, create_key, keys_file
from tests.web.answers import answer
from tests.web.problems import problem
from tests.web.serving import Served

EVERYWHERE = ["/v1/units", "/v1/units/x/index", "/health/live", "/metrics", "/docs", "/", "/nowhere", "/static/none"]


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Basic YTpi", ""])
async def test_an_unknown_key_is_401_anywhere(served: Served, path: str, header: str):
    reply = await served.public.get(path, headers={"Authorization": header})
    problem(reply, 401, "unauthorized")
    assert reply.headers["www-authenticate"].startswith("Bearer")


async def test_writing_needs_a_key(served: Served):
    for call in (
        served.public.post("/v1/responses", json=answer("x", "a")),
        served.public.put("/v1/units/x/responses/s/a", json={}),
        served.public.delete("/v1/units/x/responses/s/a"),
        served.public.post("/v1/admin/verify"),
        served.public.post("/v1/admin/replay"),
    ):
        problem(await call, 401, "unauthorized")
    for path in ("/v1/admin/verify", "/v1/admin/replay"):
        problem(await served.source.post(path), 403, "forbidden")


async def test_a_key_works_as_soon_as_it_is_made_and_only_its_hash_is_kept(served: Served, unique):
    unit, data_dir = unique("unit"), served.reads.settings.data_dir
    await served.register(unit)
    key = create_key(data_dir, "web-2")
    assert key not in keys_file(data_dir).read_text()
    assert keys_file(data_dir).stat().st_mode & 0o777 == 0o600
    headers = {"Authorization": f"Bearer {key}"}
    assert (await served.public.post("/v1/responses", json=answer(unit, "a"), headers=headers)).status_code == 202
    problem(
        await served.public.post("/v1/responses", json=answer(unit, "a", source="kiosk"), headers=headers),
        403,
        "source_not_yours",
    )
    for name in ("", "a b", "admin", "x" * 129):
        with pytest.raises(ValueError, match="source"):
            create_key(data_dir, name)


async def test_the_login_link_sets_a_cookie_that_reads_everything_and_writes_nothing(served: Served, unique):
    unit = unique("unit")
    await served.register(unit)
    problem(await served.public.get("/login?token=wrong"), 401, "unauthorized")
    problem(await served.public.get("/login"), 401, "unauthorized")
    reply = await served.public.get("/login", params={"token": served.token})
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    cookie = reply.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert served.token not in cookie
    served.public.cookies.clear()
    headers = {"Cookie": f"{COOKIE}={cookie.split('=', 1)[1].split(';')[0]}"}
    path = f"/v1/units/{unit}/index"
    assert len((await served.public.get(path, headers=headers)).json()["elements"]) == 9
    assert (await served.public.get(path)).json()["elements"] == []
    assert (await served.public.get(path, headers={"Cookie": f"{COOKIE}=stale"})).json()["elements"] == []
    problem(await served.public.post("/v1/responses", json=answer(unit, "a"), headers=headers), 401, "unauthorized")


async def test_unknown_addresses_and_methods(served: Served):
    problem(await served.public.get("/nowhere"), 404, "not_found")
    problem(await served.admin.get("/v1/units/"), 404, "not_found")
    for method, path, allowed in (
        ("DELETE", "/v1/responses", "POST"),
        ("POST", "/v1/units", "GET"),
        ("PATCH", "/health/live", "GET"),
        ("PATCH", "/v1/units/x", "GET, HEAD, PUT"),
    ):
        reply = await served.admin.request(method, path)
        problem(reply, 405, "method_not_allowed")
        assert allowed in reply.headers["allow"]


async def test_what_can_be_read_answers_head(served: Served):
    await served.register("kepala")
    for path in ("/health/live", "/metrics", "/docs", "/v1/units", "/v1/units/kepala", "/v1/units/kepala/index"):
        reply = await served.public.head(path)
        assert (reply.status_code, reply.content) == (200, b"")
        assert reply.headers["content-type"] == (await served.public.get(path)).headers["content-type"]
    assert (await served.public.head("/v1/units/none")).status_code == 404
    assert (await served.public.head("/v1/units/kepala/index/stream")).status_code == 405
