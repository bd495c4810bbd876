"""A period is closed, corrected and read, over HTTP, on a log, a sink and a store of the test's own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from aiokafka.admin import NewTopic

from api.courses import period_steps
from api.periods import ClickHouseHistory
from ikm.events import Response, Withdrawal
from ikm.index import INDICES
from ikm.period import period_of
from ikm.position import Position
from ikm.registry import Unit
from ikm.times import MS_PER_MINUTE, parse_rfc3339
from runtime import kafka as clients
from runtime.clickhouse import Store
from runtime.clock import system_clock
from runtime.closer import Closer
from runtime.reached import Names
from runtime.topics import new_epoch
from sinks.sink import Sink, Topics
from tests.prepared import prepared_store
from tests.rules.samples import ITEMS
from tests.store.waiting import stored
from tests.store.world import World, new_producer
from tests.stream.topics import read_all
from tests.web.answers import PARTITIONS
from tests.web.problems import problem
from tests.web.serving import Served, serve

INSIDE = parse_rfc3339("2026-02-03T04:00:00Z")
"""In 2026-TW1, which is over."""
PERIOD = "2026-TW1"


@dataclass(frozen=True, slots=True)
class Office:
    """The API with all that lies behind it."""

    served: Served
    world: World
    store: Store

    async def answer(self, unit: str, *scores: int, at_ms: int = INSIDE, first: int = 0) -> None:
        """One response for each score, given for every element; the first one has this number in its id."""
        events = [response(unit, number, score, at_ms) for number, score in enumerate(scores, first)]
        await self.take(events)

    async def take(self, events: list) -> None:
        await self.world.produce(events, system_clock())
        await self.world.work(now_ms=system_clock())
        for topic in (self.world.topics.responses, self.world.topics.scorecards):
            await stored(self.store, topic, self.world.log, self.world.ends())

    async def post(self, unit: str, what: str, body: object = None, period: str = PERIOD, **query: str):
        request = {} if body is None else {"json": body}
        return await self.served.admin.post(f"/v1/units/{unit}/periods/{period}/{what}", params=query, **request)

    async def read(self, unit: str, *, period: str = PERIOD, public: bool = False, **query: str):
        client = self.served.public if public else self.served.admin
        return await client.get(f"/v1/units/{unit}/index", params={"period": period, **query})

    async def events(self, unit: str) -> int:
        return sum(record.key == unit.encode() for record in await self.on_log())

    async def on_log(self):
        return await read_all(self.world.bootstrap, self.world.topics.periods)


def response(unit: str, number: int, score: int, at_ms: int = INSIDE, revision: int = 1) -> Response:
    answers = dict.fromkeys(ITEMS, score)
    return Response(
        id=f"r{number}", source="kiosk", unit=unit, submitted_at=at_ms, questionnaire="skm", answers=answers,
        revision=revision,
    )  # fmt: skip


@pytest.fixture(scope="module")
async def office(kafka: str, log_epoch: int, tmp_path_factory) -> AsyncIterator[Office]:
    home = tmp_path_factory.mktemp("office")
    roles = ("responses", "scorecards", "index", "frames", "units", "periods", "rejected")
    topics = Topics(**{role: f"{role}-{home.name}" for role in roles}, partitions=PARTITIONS)
    async with clients.admin(kafka) as admin:
        for role in roles:
            partitions = 1 if role in {"units", "periods"} else PARTITIONS
            kept = {"retention.ms": "-1"}
            await admin.create_topics([NewTopic(getattr(topics, role), partitions, 1, topic_configs=kept)])
    log, store, producer = new_epoch(), await prepared_store(home / "store"), new_producer(kafka)
    await producer.start()
    sink = Sink(kafka, store, topics=topics, group_prefix=f"sink-{home.name}", log_id=log)
    await sink.start()
    names = Names(topics.responses, topics.scorecards, topics.periods, PARTITIONS)

    def register() -> Iterator[Unit]:
        return served.reads.units.all_versions()

    closer = Closer(kafka, store, log, clock=system_clock, register=register, names=names)
    history = ClickHouseHistory(store, log, scorecards=topics.scorecards)
    async with serve(kafka, log, home / "api", history, closer=closer) as served:
        yield Office(served, World(kafka, topics, log, producer), store)
    await sink.stop()
    await producer.stop()
    await store.close()


@pytest.fixture
async def unit(office: Office, unique) -> str:
    name = unique("unit")
    await office.served.register(name, population=4000)
    return name


FROZEN = ("n", "value", "mutu", "kinerja", "interval", "elements", "tier", "watermark", "from", "to", "missing",
          "number", "frozen_at", "status", "reconciliation", "complete")  # fmt: skip


def frozen(body: dict) -> dict:
    return {name: body[name] for name in FROZEN}


async def test_closing_freezes_what_the_live_figure_said(office: Office, unit: str):
    await office.answer(unit, *[3] * 30, *[4] * 10)
    live = (await office.read(unit)).json()
    assert (live["status"], live["number"], live["frozen_at"], live["late"]) == ("berjalan", None, None, None)
    reply = await office.post(unit, "close")
    assert reply.status_code == 200
    body = reply.json()
    assert list(body) == list(live)
    assert (body["status"], body["number"], body["late"]) == ("beku", 0, {"n": 0, "value": 0.0})
    changed = {"status", "number", "frozen_at", "late", "as_of"}
    assert {k: v for k, v in body.items() if k not in changed} == {k: v for k, v in live.items() if k not in changed}
    for index in INDICES:
        read = (await office.read(unit, index=index)).json()
        assert (read["status"], read["n"]) == ("beku", 40 if index == "ikm" else 0)
    assert (await office.read(unit, index="ipak")).json()["value"] is None
    assert frozen((await office.read(unit)).json()) == frozen(body)


async def test_repeated_or_at_once_it_is_the_same_and_one_event_an_index(office: Office, unit: str):
    await office.answer(unit, *[2] * 12)
    first = await asyncio.gather(*(office.post(unit, "close") for _ in range(4)))
    again = await office.post(unit, "close", index="ikm")
    bodies = [frozen(reply.json()) for reply in (*first, again)]
    assert all(body == bodies[0] for body in bodies)
    assert await office.events(unit) == len(INDICES)
    await office.answer(unit, 4, 4, first=50)
    assert frozen((await office.post(unit, "close")).json()) == bodies[0]
    assert await office.events(unit) == len(INDICES)


async def test_late_revised_and_withdrawn_answers_change_only_the_live_figure(office: Office, unit: str):
    await office.answer(unit, *[3] * 20)
    body = (await office.post(unit, "close")).json()
    steps = [
        ([response(unit, 100, 4)], {"n": 1, "value": 1.19}),
        ([response(unit, 0, 4, revision=2)], {"n": 1, "value": 2.38}),
        ([Withdrawal(unit=unit, source="kiosk", id="r1"), Withdrawal(unit=unit, source="kiosk", id="r2")],
         {"n": -1, "value": 2.63}),
    ]  # fmt: skip
    for events, late in steps:
        await office.take(events)
        read = (await office.read(unit)).json()
        assert read["late"] == late
        assert frozen(read) == frozen(body)
        live = (await office.read(unit, version="live")).json()
        assert (live["status"], live["number"], live["late"]) == ("berjalan", None, None)
        assert (live["n"], live["value"]) == (20 + late["n"], round(75 + late["value"], 2))
    following = (await office.read(unit, period="2026-TW2")).json()
    assert (following["status"], following["n"]) == ("berjalan", 0)


async def test_the_steps_of_a_unit_are_its_latest_frozen_numbers(office: Office, unique):
    name = unique("unit")
    await office.served.register(name, period="triwulan")
    quarterly = Unit(unit=name, name=name, zone="Asia/Jakarta", period="triwulan")
    later = period_of("triwulan", INSIDE // MS_PER_MINUTE, quarterly.zone).to_minute

    async def steps() -> list[tuple[str, bool, int | None]]:
        found = await period_steps(office.served.reads.history, [quarterly], later)
        return [(one.code, one.is_frozen, one.standing and one.standing.n) for one in found[name]]

    assert await steps() == [("2026-TW2", False, None)]
    await office.answer(name, *[3] * 20)
    assert await steps() == [("2026-TW1", False, 20), ("2026-TW2", False, None)]
    await office.post(name, "close")
    await office.answer(name, *[4] * 5, first=50)
    await office.answer(name, 4, at_ms=later * MS_PER_MINUTE, first=90)
    assert await steps() == [("2026-TW1", True, 20), ("2026-TW2", False, 1)]
    await office.post(name, "correct", {"reason": "lima formulir terlambat"})
    assert await steps() == [("2026-TW1", True, 25), ("2026-TW2", False, 1)]


async def test_corrections_are_further_numbers(office: Office, unit: str):
    await office.answer(unit, *[3] * 20)
    problem(await office.post(unit, "correct", {"reason": "x"}), 422, "unprocessable")
    closed = (await office.post(unit, "close")).json()
    await office.answer(unit, *[4] * 5, first=50)
    live = (await office.read(unit, version="live")).json()
    first = (await office.post(unit, "correct", {"reason": "lima formulir terlambat"})).json()
    assert (first["number"], first["n"], first["value"], first["late"]) == (1, 25, live["value"], {"n": 0, "value": 0})
    await office.answer(unit, *[1] * 5, first=70)
    second = (await office.post(unit, "correct", {"reason": "lagi"})).json()
    for version, body in (("0", closed), ("1", first), ("2", second), (None, second)):
        read = (await office.read(unit, **({"version": version} if version else {}))).json()
        assert frozen(read) == frozen(body)
    assert (await office.read(unit, version="0")).json()["late"] == {"n": 10, "value": -4.17}
    assert await office.events(unit) == 3 * len(INDICES)
    assert frozen((await office.post(unit, "close")).json()) == frozen(closed)
    problem(await office.read(unit, version="3"), 404, "not_found")
    assert (await office.read(unit, period="2026-TW2")).json()["status"] == "berjalan"


async def test_a_period_that_is_not_over_cannot_be_closed(office: Office, unit: str):
    current = period_of("triwulan", system_clock() // 60_000, "Asia/Jakarta")
    body = problem(await office.post(unit, "close", period=current.code), 409, "conflict")
    year, quarter = int(current.code[:4]), int(current.code[-1])
    ends = f"{year + quarter // 4}-{3 * (quarter % 4) + 1:02d}-01T00:00+07:00"
    assert ends in body["detail"]
    assert await office.events(unit) == 0


async def test_who_may_and_what_is_refused(office: Office, unit: str):
    for what in ("close", "correct"):
        path = f"/v1/units/{unit}/periods/{PERIOD}/{what}"
        problem(await office.served.public.post(path), 401, "unauthorized")
        problem(await office.served.source.post(path, json={"reason": "x"}), 403, "forbidden")
    problem(await office.post("nobody-here", "close"), 404, "unknown_unit")
    problem(await office.post(unit, "close", period="2026-TW5"), 422, "out_of_scale")
    problem(await office.post(unit, "close", index="ikx"), 422, "out_of_scale")
    problem(await office.post(unit, "close", window="1h"), 422, "unknown_field")
    problem(await office.post(unit, "correct", {"reason": ""}), 422, "invalid_name")
    problem(await office.post(unit, "correct", {}), 422, "missing_field")
    for version in ("x", "-1", "01x", "9" * 12):
        problem(await office.read(unit, version=version), 422, "out_of_scale")
    problem(await office.read(unit, version="0"), 404, "not_found")
    path = f"/v1/units/{unit}/index"
    problem(await office.served.admin.get(path, params={"window": "1h", "version": "0"}), 422, "contradiction")


async def test_the_public_sees_a_frozen_figure_as_it_sees_a_live_one(office: Office, unit: str, unique):
    await office.answer(unit, *[3] * 40)
    await office.post(unit, "close")
    body = (await office.read(unit, public=True)).json()
    assert (body["status"], body["n"], body["value"], body["elements_n"]) == ("beku", 40, 75.0, 40)
    assert {element["sum"] for element in body["elements"]} == {120}
    assert body["late"] == {"n": 0, "value": 0.0}
    await office.answer(unit, *[4] * 4, first=50)
    assert (await office.read(unit, public=True)).json()["elements_n"] == 40
    await office.answer(unit, 4, first=60)
    live = (await office.read(unit, public=True, version="live")).json()
    assert (live["n"], live["elements_n"]) == (45, 45)
    body = (await office.read(unit, public=True)).json()
    assert (body["status"], body["n"], body["elements"], body["elements_n"]) == ("beku", 40, [], None)

    few = unique("unit")
    await office.served.register(few)
    await office.answer(few, *[3] * 9)
    await office.post(few, "close")
    await office.answer(few, *[4] * 9, first=50)
    body = (await office.read(few, public=True)).json()
    assert (body["tier"], body["n"], body["value"], body["late"]) == ("tertutup", None, None, None)
    assert (await office.read(few)).json()["late"] == {"n": 9, "value": 12.5}


async def test_what_is_frozen_keeps_the_population_and_the_zone_of_then(office: Office, unit: str):
    await office.answer(unit, *[3] * 40)
    closed = (await office.post(unit, "close")).json()
    assert closed["tier"] == "terbit"
    await office.served.register(unit, population=40, zone="Asia/Jayapura")
    assert frozen((await office.read(unit)).json()) == frozen(closed)
    live = (await office.read(unit, version="live")).json()
    assert (live["tier"], live["to"]) == ("memenuhi_sampel", "2026-03-31T15:00:00Z")


async def test_after_is_what_it_is_elsewhere(office: Office, unit: str):
    await office.answer(unit, *[3] * 10)
    await office.post(unit, "close")
    await office.answer(unit, 4, first=50)
    position = Position(office.world.log, office.world.ends()).encode()
    assert (await office.read(unit, after=position)).json()["late"]["n"] == 1
