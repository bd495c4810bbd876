"""Pooled and mean figures of a period are closed, corrected and read, over HTTP."""

from dataclasses import dataclass
from typing import Any

import pytest

from ikm.closing import SCOPES
from ikm.events import Withdrawal
from ikm.index import INDICES
from ikm.period import period_of
from ikm.statistics import sample_size
from runtime.clock import system_clock
from tests.web import test_closing
from tests.web.problems import problem
from tests.web.test_closing import FROZEN, Office, response

office = test_closing.office

TREE_FROZEN = (*(name for name in FROZEN if name != "reconciliation"), "scope", "units", "units_empty")
LIVE = {"status", "number", "frozen_at", "late", "as_of"}


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency with three offices below it: `big` and `few` have answers, `idle` has none."""

    office: Office
    code: str
    big: str
    few: str
    idle: str

    async def read(self, scope: str, **query: Any) -> dict[str, Any]:
        reply = await self.office.read(self.code, scope=scope, **query)
        assert reply.status_code == 200, reply.text
        body: dict[str, Any] = reply.json()
        return body

    async def post(self, what: str, body: object = None, **query: str) -> dict[str, Any]:
        reply = await self.office.post(self.code, what, body, **query)
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found


@pytest.fixture
async def agency(office: Office, unique) -> Agency:
    made = Agency(office, *(unique("unit") for _ in range(4)))
    await office.served.register(made.code)
    for code, population in ((made.big, 300), (made.few, 60), (made.idle, None)):
        await office.served.register(code, parent=made.code, population=population)
    await office.answer(made.big, *[3] * 30)
    await office.answer(made.few, *[4] * 10)
    return made


def frozen(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in TREE_FROZEN}


async def test_closing_a_unit_freezes_what_its_tree_said(agency: Agency):
    live = {scope: await agency.read(scope) for scope in ("pooled", "mean")}
    assert [(b["status"], b["number"]) for b in live.values()] == [("berjalan", None)] * 2
    assert (live["pooled"]["value"], live["mean"]["value"]) == (81.25, 87.5)
    body = await agency.post("close")
    assert (body["status"], body["n"], "scope" in body) == ("beku", 0, False)
    for scope, before in live.items():
        now = await agency.read(scope)
        assert list(now) == list(before)
        assert {k: v for k, v in now.items() if k not in LIVE} == {k: v for k, v in before.items() if k not in LIVE}
        assert (now["status"], now["number"], now["late"]) == ("beku", 0, {"n": 0, "value": 0.0})
        assert (now["units"], now["units_empty"], now["sample"]["needed"]) == (2, 2, sample_size(360))
        assert frozen(await agency.post("close", scope=scope)) == frozen(now)
        assert (await agency.read(scope, index="ipak"))["status"] == "beku"
    assert await agency.office.events(agency.code) == len(INDICES) * len(SCOPES)
    assert (await agency.office.read(agency.big)).json()["status"] == "berjalan"


async def test_one_scope_is_closed_and_corrected_by_itself(agency: Agency):
    closed = await agency.post("close", scope="mean")
    assert (closed["scope"], closed["status"], closed["value"]) == ("mean", "beku", 87.5)
    assert (await agency.read("pooled"))["status"] == "berjalan"
    problem(await agency.office.post(agency.code, "correct", {"reason": "x"}, scope="pooled"), 422, "unprocessable")
    await agency.office.answer(agency.few, *[2] * 10, first=50)
    corrected = await agency.post("correct", {"reason": "sepuluh formulir"}, scope="mean")
    assert (corrected["number"], corrected["value"], corrected["n"]) == (1, 75.0, 50)
    await agency.post("close")
    assert (await agency.post("correct", {"reason": "semua"}))["number"] == 1
    numbers = {scope: (await agency.read(scope))["number"] for scope in SCOPES}
    assert numbers == {"self": 1, "pooled": 1, "mean": 2}
    assert frozen(await agency.read("mean", version="0")) | {"late": 0} == frozen(closed) | {"late": 0}
    problem(await agency.office.read(agency.code, scope="pooled", version="2"), 404, "not_found")


async def test_what_comes_later_and_a_changed_tree_move_only_the_live_figure(agency: Agency):
    office = agency.office
    await agency.post("close")
    closed = {scope: frozen(await agency.read(scope)) for scope in ("pooled", "mean")}
    gone = [Withdrawal(unit=agency.few, source="kiosk", id=f"r{number}") for number in range(2)]
    await office.take([*gone, response(agency.big, 0, 4, revision=2), response(agency.idle, 0, 1)])
    assert (await agency.read("pooled"))["late"] == {"n": -1, "value": -1.76}
    assert (await agency.read("mean"))["late"] == {"n": -1, "value": -20.56}
    await office.served.register(agency.few, parent=agency.idle, population=9)
    await office.served.register(agency.big)
    for scope, before in closed.items():
        now = await agency.read(scope)
        assert frozen(now) == before
        assert now["late"]["n"] == 9 - 40
        live = await agency.read(scope, version="live")
        assert (live["status"], live["n"], live["sample"]) == ("berjalan", 9, None)
        today = await agency.read(scope, tree="current")
        assert (today["status"], today["number"], today["n"]) == ("berjalan", None, 9)
        assert (await agency.read(scope, period="2026-TW2"))["status"] == "berjalan"
    reply = await office.read(agency.code, scope="pooled", tree="current", version="0")
    (error,) = problem(reply, 422, "contradiction")["errors"]
    assert error["field"] == "version"


async def test_what_cannot_be_closed(agency: Agency):
    current = period_of("triwulan", system_clock() // 60_000, "Asia/Jakarta")
    for scope in ("pooled", "mean"):
        problem(await agency.office.post(agency.code, "close", period=current.code, scope=scope), 409, "conflict")
        reply = await agency.office.post(agency.big, "close", scope=scope)
        (error,) = problem(reply, 422, "contradiction")["errors"]
        assert (error["field"], agency.big in error["message"]) == ("scope", True)
    problem(await agency.office.post(agency.code, "close", scope="all"), 422, "out_of_scale")
    assert await agency.office.events(agency.big) == 0


async def test_the_public_sees_no_frozen_whole_from_which_few_could_be_told(agency: Agency):
    office = agency.office
    await agency.post("close")
    for scope in ("pooled", "mean"):
        body = await agency.read(scope, public=True)
        assert (body["n"], body["elements_n"], body["late"]) == (40, 40, {"n": 0, "value": 0.0})
    await office.answer(agency.idle, *[4] * 3)
    for scope in ("pooled", "mean"):
        body = await agency.read(scope, public=True)
        assert (body["status"], body["n"], body["late"]) == ("beku", 40, None)
        assert (await agency.read(scope, public=True, version="live"))["n"] is None
        assert (await agency.read(scope))["late"]["n"] == 3
    await agency.post("correct", {"reason": "x"})
    for scope in ("pooled", "mean"):
        body = await agency.read(scope, public=True)
        assert (body["number"], body["tier"], body["n"], body["value"]) == (1, "tertutup", None, None)
        assert (body["elements"], body["elements_n"], body["late"]) == ([], None, None)
        assert (await agency.read(scope, public=True, version="0"))["n"] == 40
        assert (await agency.read(scope))["n"] == 43
    await office.answer(agency.idle, *[4] * 7, first=50)
    for scope in ("pooled", "mean"):
        body = await agency.read(scope, public=True)
        assert (body["number"], body["n"], body["late"]) == (1, None, None)
        assert (await agency.read(scope, public=True, version="live"))["n"] == 50
        assert (await agency.read(scope, public=True, version="0"))["late"]["n"] == 10
