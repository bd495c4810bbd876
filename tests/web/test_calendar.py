"""Calendar periods and spans of hours, from ClickHouse's hour buckets."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from api.periods import ClickHouseHistory
from ikm.partition import partition_of
from ikm.position import RULES_VERSION, Position
from ikm.scorecard import Scorecard
from runtime.clickhouse import Columns, Store
from runtime.topics import SCORECARDS
from sinks import progress
from sinks.buckets import COLUMNS
from sinks.sums import add_up
from tests.prepared import prepared_store
from tests.rules.samples import ITEMS
from tests.web.answers import PARTITIONS, card
from tests.web.problems import problem
from tests.web.serving import Served, serve


@dataclass(frozen=True, slots=True)
class Calendar:
    """The API on a ClickHouse of the test's own, filled by hand."""

    served: Served
    store: Store

    async def put(
        self, unit: str, hour: datetime, counted: Scorecard, *, service: str = "", offset: int = 1, log: int = 0
    ):
        second = int(hour.timestamp())
        partition = partition_of(unit, PARTITIONS)
        row = (
            unit, "ikm", second, service, partition, counted.n, counted.sum_x, counted.sum_xx, list(counted.histogram),
            list(counted.parts), second + 120, log or self.served.reads.log_epoch, RULES_VERSION, offset,
            second // 60 + 60,
        )  # fmt: skip
        await self.store.insert("ikm.buckets", Columns(COLUMNS, [[value] for value in row]))
        await add_up(self.store, log or self.served.reads.log_epoch, [(unit, "ikm", second // 3600)])

    async def reach(self, unit: str, offset: int) -> None:
        reached = progress.Reached(SCORECARDS.name, partition_of(unit, PARTITIONS), 1, offset)
        await progress.write(self.store, self.served.reads.log_epoch, [reached], time.time_ns() // 1_000_000)


@pytest.fixture(scope="module")
async def calendar(kafka: str, log_epoch: int, tmp_path_factory) -> AsyncIterator[Calendar]:
    home = tmp_path_factory.mktemp("calendar")
    store = await prepared_store(home / "store")
    try:
        async with serve(kafka, log_epoch, home / "api", ClickHouseHistory(store, log_epoch)) as served:
            yield Calendar(served, store)
    finally:
        await store.close()


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


async def test_a_period_follows_the_units_own_calendar(calendar: Calendar, unique):
    unit, served = unique("unit"), calendar.served
    await served.register(unit, zone="Asia/Makassar")
    await calendar.put(unit, utc(2025, 12, 31, 15), card((1,) * 9))
    await calendar.put(unit, utc(2025, 12, 31, 16), card((3,) * 9))
    await calendar.put(unit, utc(2026, 1, 31, 15), card((4,) * 9), service="KTP")
    await calendar.put(unit, utc(2026, 1, 31, 16), card((2,) * 9))
    await calendar.put(unit, utc(2026, 1, 15, 3), card((1,) * 9), log=served.reads.log_epoch - 1)
    for period, n, value, bounds in (
        ("2026-01", 2, 87.5, ("2025-12-31T16:00:00Z", "2026-01-31T16:00:00Z")),
        ("2026-TW1", 3, 75.0, ("2025-12-31T16:00:00Z", "2026-03-31T16:00:00Z")),
        ("2026-S1", 3, 75.0, ("2025-12-31T16:00:00Z", "2026-06-30T16:00:00Z")),
        ("2026", 3, 75.0, ("2025-12-31T16:00:00Z", "2026-12-31T16:00:00Z")),
        ("2025", 1, 25.0, ("2024-12-31T16:00:00Z", "2025-12-31T16:00:00Z")),
    ):
        body = (await served.admin.get(f"/v1/units/{unit}/index", params={"period": period})).json()
        assert (body["period"], body["n"], body["value"], (body["from"], body["to"])) == (period, n, value, bounds)
        assert "window" not in body
    assert body["watermark"] == "2025-12-31T15:02:00Z"


async def test_a_period_of_the_units_own(calendar: Calendar, unique):
    unit, served = unique("unit"), calendar.served
    own = {"code": "haji-2026", "from": "2026-02-01", "to": "2026-02-03"}
    await served.register(unit, zone="Asia/Jayapura", periods=[own])
    await calendar.put(unit, utc(2026, 1, 31, 14), card((1,) * 9))
    await calendar.put(unit, utc(2026, 1, 31, 15), card((3,) * 9))
    await calendar.put(unit, utc(2026, 2, 2, 15), card((1,) * 9))
    path = f"/v1/units/{unit}/index"
    body = (await served.public.get(path, params={"period": "haji-2026"})).json()
    assert (body["period"], body["from"], body["to"]) == ("haji-2026", "2026-01-31T15:00:00Z", "2026-02-02T15:00:00Z")
    assert (await served.admin.get(path, params={"period": "haji-2026"})).json()["n"] == 1
    page = await served.admin.get(f"/board/{unit}?period=haji-2026")
    assert page.status_code == 200
    assert "haji-2026" in page.text
    unknown = problem(await served.admin.get(path, params={"period": "haji-2027"}), 422, "out_of_scale")
    assert "haji-2026" in unknown["errors"][0]["message"]


async def test_a_span_has_no_label(calendar: Calendar, unique):
    unit, served = unique("unit"), calendar.served
    await served.register(unit)
    await calendar.put(unit, utc(2026, 2, 1, 5), card((3,) * 9))
    await calendar.put(unit, utc(2026, 2, 1, 6), card((4,) * 9))
    span = {"from": "2026-02-01T12:00:00+07:00", "to": "2026-02-01T06:00:00Z"}
    body = (await served.source.get(f"/v1/units/{unit}/index", params=span)).json()
    assert (body["n"], body["value"], body["from"], body["to"]) == (
        1,
        75.0,
        "2026-02-01T05:00:00Z",
        "2026-02-01T06:00:00Z",
    )
    assert {"window", "period"}.isdisjoint(body)
    unescaped = "from=2026-02-01T12:00:00+07:00&to=2026-02-01T06:00:00Z"
    assert (await served.admin.get(f"/v1/units/{unit}/index?{unescaped}")).json()["n"] == 1
    assert len(body["elements"]) == 9


@pytest.mark.parametrize("period", ["2004", "2019-S1", "2140", "2148-12"])
async def test_a_period_without_answers(calendar: Calendar, unique, period: str):
    unit = unique("unit")
    await calendar.served.register(unit)
    body = (await calendar.served.admin.get(f"/v1/units/{unit}/index", params={"period": period})).json()
    assert (body["n"], body["value"], body["tier"], body["watermark"]) == (0, None, "kosong", None)
    assert body["missing"] == list(ITEMS)


async def test_the_public_view_of_a_period(calendar: Calendar, unique):
    unit = unique("unit")
    await calendar.served.register(unit)
    await calendar.put(unit, utc(2026, 2, 1, 5), card(*[(3,) * 9] * 9))
    path = f"/v1/units/{unit}/index"
    body = (await calendar.served.public.get(path, params={"period": "2026"})).json()
    assert (body["tier"], body["n"], body["value"], body["elements"]) == ("tertutup", None, None, [])
    await calendar.put(unit, utc(2026, 2, 1, 6), card((3,) * 9))
    body = (await calendar.served.public.get(path, params={"period": "2026"})).json()
    assert (body["tier"], body["n"], body["value"], body["elements_n"]) == ("sementara", 10, 75.0, 10)
    await calendar.put(unit, utc(2026, 2, 1, 7), card(*[(1,) * 9] * 4))
    body = (await calendar.served.public.get(path, params={"period": "2026"})).json()
    assert (body["n"], body["elements_n"], {element["value"] for element in body["elements"]}) == (14, 10, {75.0})
    await calendar.put(unit, utc(2026, 2, 1, 8), card((1,) * 9))
    body = (await calendar.served.public.get(path, params={"period": "2026"})).json()
    assert (body["n"], body["elements_n"], body["elements"][0]["sum"]) == (15, 15, 35)


async def test_after_waits_until_the_hours_have_it(calendar: Calendar, unique):
    unit, served = unique("unit"), calendar.served
    await served.register(unit)
    partition = partition_of(unit, PARTITIONS)
    after = Position(served.reads.log_epoch, {partition: 1_000}).encode()
    path, query = f"/v1/units/{unit}/index", {"period": "2026", "after": after}
    problem(await served.admin.get(path, params=query), 504, "timeout")
    reading = asyncio.create_task(served.admin.get(path, params=query))
    await calendar.put(unit, utc(2026, 2, 1, 5), card((4,) * 9), offset=1_000)
    await calendar.reach(unit, 1_000)
    reply = await reading
    assert (reply.status_code, reply.json()["n"]) == (200, 1)
    other = Position(served.reads.log_epoch, {(partition + 1) % PARTITIONS: 10**12}).encode()
    assert (await served.public.get(path, params={"period": "2026", "after": other})).status_code == 200


async def test_the_pages_show_the_latest_period(calendar: Calendar, unique):
    unit, served = unique("unit"), calendar.served
    await served.register(unit, period="semester")
    await calendar.put(unit, utc(2019, 1, 1, 5), card(*[(3,) * 9] * 49))
    reply = await served.public.get(f"/board/{unit}")
    assert reply.status_code == 200
    assert "2019" in reply.text
    assert "75,00" in reply.text
    assert (await served.public.get("/")).status_code == 200
