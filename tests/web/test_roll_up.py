"""`scope=pooled|mean`: a unit with those below it, by the tree of each response's time or by that of today."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

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
from tests.web.answers import PARTITIONS, card, publish, publish_progress, published
from tests.web.problems import problem
from tests.web.serving import Served, serve

ALL_3, ALL_4, ALL_1 = (3,) * 9, (4,) * 9, (1,) * 9


@dataclass
class Offices:
    """A fresh tree on a running API: an agency with two offices, and answers put into hours by hand."""

    served: Served
    store: Store
    name: Callable[[str], str]

    async def grow(self, **parents: str | None) -> None:
        for code, parent in parents.items():
            await self.add(code, parent=parent)

    async def add(self, code: str, *, parent: str | None = None, **fields: Any) -> None:
        named = {"parent": parent and self.name(parent)} if parent else {}
        if "merged_into" in fields:
            fields["merged_into"] = self.name(fields["merged_into"])
        await self.served.register(self.name(code), **named, **fields)

    async def count(self, code: str, hour: datetime, *rows: tuple[int, ...]) -> None:
        unit, counted, second = self.name(code), card(*rows), int(hour.timestamp())
        row = (
            unit, "ikm", second, "", partition_of(unit, PARTITIONS), counted.n, counted.sum_x, counted.sum_xx,
            list(counted.histogram), [], second + 120, self.served.reads.log_epoch, RULES_VERSION, 1, second // 60 + 60,
        )  # fmt: skip
        await self.store.insert("ikm.buckets", Columns(COLUMNS, [[value] for value in row]))
        await add_up(self.store, self.served.reads.log_epoch, [(unit, "ikm", second // 3600)])

    async def read(self, code: str, *, who: str = "admin", **params: str) -> dict[str, Any]:
        reply = await getattr(self.served, who).get(f"/v1/units/{self.name(code)}/index", params=params)
        assert reply.status_code == 200, reply.text
        body: dict[str, Any] = reply.json()
        return body


@pytest.fixture(scope="module")
async def serving(kafka: str, log_epoch: int, tmp_path_factory) -> AsyncIterator[tuple[Served, Store]]:
    home = tmp_path_factory.mktemp("offices")
    store = await prepared_store(home / "store")
    try:
        async with serve(kafka, log_epoch, home / "api", ClickHouseHistory(store, log_epoch)) as served:
            yield served, store
    finally:
        await store.close()


@pytest.fixture
async def offices(serving: tuple[Served, Store], unique: Callable[[str], str]) -> Offices:
    names: dict[str, str] = {}
    return Offices(*serving, lambda code: names.setdefault(code, unique(code)))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def short(body: dict[str, Any]) -> tuple[Any, ...]:
    return body["n"], body["value"], body["units"], body["units_empty"]


async def test_pooled_counts_respondents_and_mean_counts_units(offices: Offices) -> None:
    await offices.grow(agency=None, east="agency", west="agency", hall="west")
    await offices.count("east", utc(2026, 3, 2, 4), *[ALL_3] * 3)
    await offices.count("west", utc(2026, 3, 2, 4), ALL_4)
    pooled = await offices.read("agency", period="2026", scope="pooled")
    assert short(pooled) == (4, 81.25, 2, 2)
    assert (pooled["scope"], pooled["period"], pooled["interval"] is None) == ("pooled", "2026", False)
    mean = await offices.read("agency", period="2026", scope="mean")
    assert short(mean) == (4, 87.5, 2, 2)
    assert (mean["interval"], mean["mutu"], mean["elements"][0]["value"]) == (None, "B", 87.5)
    assert short(await offices.read("west", period="2026", scope="pooled")) == (1, 100.0, 1, 1)
    assert (await offices.read("agency", period="2026"))["n"] == 0


async def test_a_unit_that_moved_counts_where_it_stood_unless_the_tree_of_today_is_asked_for(offices: Offices) -> None:
    await offices.grow(old=None, new=None)
    await offices.add("office", parent="old")
    await offices.add("office", parent="new", valid_from="2026-07-01")
    await offices.count("office", utc(2026, 6, 30, 16), ALL_3)
    await offices.count("office", utc(2026, 6, 30, 17), ALL_4, ALL_4)
    whole = {"period": "2026", "scope": "pooled"}
    assert short(await offices.read("old", **whole))[:2] == (1, 75.0)
    assert short(await offices.read("new", **whole))[:2] == (2, 100.0)
    assert short(await offices.read("old", tree="current", **whole)) == (0, None, 0, 1)
    assert short(await offices.read("new", tree="current", **whole))[:2] == (3, 91.67)
    span = {"from": "2026-06-30T16:00:00Z", "to": "2026-06-30T18:00:00Z", "scope": "mean"}
    assert short(await offices.read("new", **span))[:2] == (2, 100.0)


async def test_a_merged_units_past_stays_and_joins_by_the_tree_of_today(offices: Offices) -> None:
    await offices.grow(agency=None, keeper=None)
    await offices.add("gone", parent="agency", valid_to="2026-07-01", merged_into="keeper")
    await offices.count("gone", utc(2026, 3, 2, 4), ALL_3)
    await offices.count("gone", utc(2026, 8, 2, 4), ALL_1)
    await offices.count("keeper", utc(2026, 8, 2, 4), ALL_4)
    whole = {"period": "2026", "scope": "pooled"}
    assert short(await offices.read("agency", **whole))[:2] == (1, 75.0)
    assert short(await offices.read("keeper", **whole))[:2] == (2, 62.5)
    assert short(await offices.read("keeper", tree="current", **whole))[:2] == (3, 66.67)
    assert (await offices.read("gone", period="2026"))["n"] == 2


@pytest.mark.parametrize("scope", ["pooled", "mean"])
@pytest.mark.parametrize("tree", ["at", "current"])
async def test_a_trend_is_the_periods_one_after_the_other(offices: Offices, scope: str, tree: str) -> None:
    await offices.grow(old=None, new=None, other="new")
    await offices.add("office", parent="old")
    await offices.add("office", parent="new", valid_from="2026-05-15")
    for month, rows in ((4, [ALL_1]), (5, [ALL_3, ALL_3]), (6, [ALL_4])):
        await offices.count("office", utc(2026, month, 20, 4), *rows)
        await offices.count("office", utc(2026, month, 1, 4), ALL_4)
    await offices.count("other", utc(2026, 5, 3, 4), ALL_1)
    asked = {"scope": scope, "tree": tree}
    reply = await offices.served.admin.get(
        f"/v1/units/{offices.name('new')}/trend",
        params={"by": "month", "from": "2026-03-31T17:00:00Z", "to": "2026-06-30T17:00:00Z", **asked},
    )
    body = reply.json()
    assert (reply.status_code, body["scope"], len(body["items"])) == (200, scope, 3), body
    for item in body["items"]:
        single = await offices.read("new", period=item["period"], **asked)
        assert item == {name: single[name] for name in item}
    assert sum(item["n"] for item in body["items"]) == {"at": 5, "current": 8}[tree]


async def test_the_asked_units_zone_bounds_the_period_of_all(offices: Offices) -> None:
    await offices.add("agency", zone="Asia/Jayapura")
    await offices.add("office", parent="agency", zone="Asia/Jakarta")
    await offices.count("office", utc(2025, 12, 31, 15), ALL_4)
    assert (await offices.read("agency", period="2026", scope="pooled"))["n"] == 1
    assert (await offices.read("office", period="2026", scope="pooled"))["n"] == 0


async def test_the_public_sees_no_whole_from_which_few_could_be_told(offices: Offices) -> None:
    await offices.grow(agency=None, big="agency", small="agency")
    await offices.count("big", utc(2026, 3, 2, 4), *[ALL_3] * 40)
    read = {"period": "2026", "scope": "pooled", "who": "public"}
    assert (await offices.read("agency", **read))["n"] == 40
    await offices.count("small", utc(2026, 3, 2, 4), *[ALL_4] * 9)
    hidden = await offices.read("agency", **read)
    assert (hidden["n"], hidden["value"], hidden["tier"]) == (None, None, "tertutup")
    assert (await offices.read("agency", period="2026", scope="pooled"))["n"] == 49
    assert (hidden["elements"], hidden["elements_n"]) == ([], None)
    await offices.count("agency", utc(2026, 3, 2, 4), ALL_4)
    assert (await offices.read("agency", **read))["n"] == 50


@pytest.mark.parametrize("scope", ["pooled", "mean"])
async def test_the_elements_that_the_public_sees_are_those_of_the_units_frames(offices: Offices, scope: str) -> None:
    await offices.grow(agency=None, east="agency", west="agency", small="agency", other="agency")
    counted = {"east": [ALL_3] * 20, "west": [ALL_4] * 12, "small": [ALL_1] * 9, "other": [ALL_1] * 9}
    for code, rows in counted.items():
        await offices.count(code, utc(2026, 3, 2, 4), *rows)
    read = {"period": "2026", "scope": scope, "who": "public"}
    seen = await offices.read("agency", **read)
    assert (seen["n"], seen["elements_n"]) == (50, 32)
    assert seen["elements"][0]["nrr"] == (3.375 if scope == "pooled" else 3.5)
    await offices.count("west", utc(2026, 3, 2, 4), *[ALL_4] * 12, *[ALL_1] * 4)
    assert (await offices.read("agency", **read))["elements"] == seen["elements"]
    await offices.count("west", utc(2026, 3, 2, 4), *[ALL_4] * 12, *[ALL_1] * 5)
    assert (await offices.read("agency", **read))["elements_n"] == 37
    assert (await offices.read("west", period="2026", who="public"))["elements_n"] == 17


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("scope=all", "scope", "out_of_scale"),
        ("scope=pooled&tree=then", "tree", "out_of_scale"),
        ("scope=pooled&tree=at", "tree", "contradiction"),
        ("scope=pooled&window=1h&tree=at", "tree", "contradiction"),
        ("period=2026&tree=current", "tree", "contradiction"),
    ],
)
async def test_what_cannot_be_asked(offices: Offices, query: str, field: str, code: str) -> None:
    await offices.add("agency")
    reply = await offices.served.admin.get(f"/v1/units/{offices.name('agency')}/index?{query}")
    (error,) = problem(reply, 422, code)["errors"]
    assert (error["field"], error["code"]) == (field, code)


class Workers:
    """All partitions' workers, as they would publish."""

    def __init__(self, bootstrap: str, served: Served) -> None:
        self.bootstrap, self.served, self.log = bootstrap, served, served.reads.log_epoch
        self.offset = 1_000

    async def publish(self, now_ms: int, units: dict[str, Scorecard], *, of: int | None = None) -> None:
        """All units, then progress of every partition, or of one alone."""
        self.offset += 1
        for unit, counted in units.items():
            await publish(self.bootstrap, published(unit, self.log, self.offset, now_ms, counted))
        for partition in range(PARTITIONS) if of is None else [of]:
            to = now_ms // 60_000 + 1
            await publish_progress(self.bootstrap, self.log, partition, self.offset, now_ms, to=to)

    async def reached(self, offsets: dict[int, int]) -> None:
        await self.served.reads.published.wait_common(offsets, timeout_s=30)


async def test_windows_are_pooled_for_the_newest_minute_that_all_have_reached(kafka: str, offices: Offices) -> None:
    await offices.grow(agency=None, east="agency", west="agency")
    east, west = offices.name("east"), offices.name("west")
    workers, now = Workers(kafka, offices.served), time.time_ns() // 1_000_000
    await workers.publish(now, {east: card(ALL_3, ALL_3), west: card(ALL_4)})
    await workers.reached(dict.fromkeys(range(PARTITIONS), workers.offset))
    read = {"window": "24h", "scope": "pooled"}
    first = await offices.read("agency", **read)
    assert short(first) == (3, 83.33, 2, 1)
    assert short(await offices.read("agency", **(read | {"scope": "mean"}))) == (3, 87.5, 2, 1)

    ahead = partition_of(east, PARTITIONS)
    await workers.publish(now + 60_000, {east: card(ALL_1, ALL_1, ALL_1)}, of=ahead)
    await offices.served.reads.published.wait_offset(ahead, workers.offset, timeout_s=30)
    assert (await offices.read("agency", **read)) | {"as_of": 0} == first | {"as_of": 0}

    after = Position(workers.log, {ahead: workers.offset}).encode()
    asked = asyncio.create_task(offices.read("agency", after=after, **read))
    await workers.publish(now + 60_000, {east: card(ALL_1, ALL_1, ALL_1), west: card(ALL_4)})
    assert short(await asked)[:2] == (4, 43.75)


async def test_after_waits_until_the_hours_of_every_partition_have_it(offices: Offices) -> None:
    await offices.grow(agency=None)
    log = offices.served.reads.log_epoch
    after = Position(log, {0: 5, 3: 7}).encode()
    asked = asyncio.create_task(offices.read("agency", period="2026", scope="pooled", after=after))
    for partition, offset in ((0, 5), (3, 7)):
        done, _ = await asyncio.wait([asked], timeout=0.1)
        assert not done
        reached = [progress.Reached(SCORECARDS.name, partition, 1, offset)]
        await progress.write(offices.store, log, reached, time.time_ns() // 1_000_000)
    assert (await asked)["n"] == 0
