"""Trends, and periods beside them, by each unit's own calendar; the answers come over HTTP and through the fold."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ikm.partition import partition_of
from ikm.period import KINDS
from ikm.position import Position
from ikm.questionnaire import QUESTIONNAIRES
from ikm.steps import DEFAULT_STEPS
from ikm.times import ZONES, parse_rfc3339
from tests.rules.samples import ITEMS
from tests.web.answers import PARTITIONS, answer
from tests.web.pipeline import Pipeline, pipeline
from tests.web.problems import problem

NOW = "2026-01-02T03:04:05Z"
ITEM = ["from", "to", "period", "n", "value", "mutu", "tier", "interval"]
FIGURES = ITEM[3:]


@pytest.fixture(scope="module")
async def pipe(kafka: str, log_epoch: int, tmp_path_factory) -> AsyncIterator[Pipeline]:
    def clock() -> int:
        return parse_rfc3339(NOW)

    async with pipeline(kafka, log_epoch, tmp_path_factory.mktemp("trend"), clock) as running:
        yield running


@pytest.fixture
async def unit(pipe: Pipeline, unique: Callable[[str], str]) -> str:
    name = unique("unit")
    await pipe.served.register(name, period="semester")
    return name


def same(unit: str, name: str, at: str, score: int, **changes: Any) -> dict[str, Any]:
    return answer(unit, name, submitted_at=at, answers=dict.fromkeys(ITEMS, score), **changes)


def local(day: str, zone: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))


CODES: dict[str, Callable[[datetime], str]] = {
    "tahun": lambda at: f"{at.year}",
    "semester": lambda at: f"{at.year}-S{1 if at.month <= 6 else 2}",
    "triwulan": lambda at: f"{at.year}-TW{(at.month - 1) // 3 + 1}",
    "bulanan": lambda at: f"{at.year}-{at.month:02}",
}
MIDNIGHTS = [
    (local("2025-12-31T23:30", zone) + timedelta(hours=later), score)
    for (zone, score), later in ((each, later) for each in zip(ZONES, (1, 2, 4), strict=True) for later in (0, 1))
]
"""23:30 on 31 December and 00:30 on 1 January of every zone, with a score for all questions."""


@pytest.mark.parametrize("kind", list(KINDS))
async def test_each_zone_has_its_own_new_year(pipe: Pipeline, unique, kind: str):
    for zone in ZONES:
        unit = unique("unit")
        await pipe.served.register(unit, zone=zone, period=kind)
        await pipe.carry(unit, await pipe.answer(unit, *at_midnights(unit)))
        here = [(at.astimezone(ZoneInfo(zone)), score) for at, score in MIDNIGHTS]
        assert {at.year for at, _ in here} == {2025, 2026}
        path = f"/v1/units/{unit}"

        for name, code in CODES.items():
            scores = defaultdict[str, list[int]](list)
            for at, score in here:
                scores[code(at)].append(score)
            for period, given in scores.items():
                body = await pipe.get(f"{path}/index", period=period)
                assert (body["n"], body["value"]) == expected(given), (zone, period)
                if name == kind:
                    by_period = {
                        item["period"]: item for item in (await pipe.get(f"{path}/trend", by="period"))["items"]
                    }
                    assert [by_period[period][field] for field in FIGURES] == [body[field] for field in FIGURES]
                    assert [by_period[period][end] for end in ("from", "to")] == [body[end] for end in ("from", "to")]

        for by, truncated in (("day", {"hour": 0, "minute": 0}), ("hour", {"minute": 0})):
            given = defaultdict[datetime, list[int]](list)
            for at, score in here:
                given[at.replace(**truncated)].append(score)
            items = (await pipe.get(f"{path}/trend", by=by))["items"]
            found = {datetime.fromisoformat(item["from"]): (item["n"], item["value"]) for item in items if item["n"]}
            assert found == {begin: expected(scores) for begin, scores in given.items()}, (zone, by)


def at_midnights(unit: str) -> list[dict[str, Any]]:
    return [same(unit, f"a{number}", at.isoformat(), score) for number, (at, score) in enumerate(MIDNIGHTS)]


def expected(scores: list[int]) -> tuple[int, float]:
    return len(scores), int(2500 * sum(scores) / len(scores) + 0.5) / 100


@pytest.mark.parametrize(("by", "first", "last_ends"), [
    ("hour", "2025-12-31T04:00:00Z", "2026-01-02T04:00:00Z"),
    ("day", "2025-12-03T17:00:00Z", "2026-01-02T17:00:00Z"),
    ("month", "2025-01-31T17:00:00Z", "2026-01-31T17:00:00Z"),
    ("period", "2022-06-30T17:00:00Z", "2026-06-30T17:00:00Z"),
])  # fmt: skip
async def test_a_trend_without_answers_has_all_its_steps(
    pipe: Pipeline, unit: str, by: str, first: str, last_ends: str
):
    body = await pipe.get(f"/v1/units/{unit}/trend", by=by)
    assert list(body) == ["unit", "index", "scope", "by", "as_of", "position", "items"]
    assert [body[name] for name in ("unit", "index", "scope", "by")] == [unit, "ikm", "self", by]
    items = body["items"]
    assert len(items) == DEFAULT_STEPS[by]
    assert (items[0]["from"], items[-1]["to"]) == (first, last_ends)
    assert all(one["to"] == other["from"] for one, other in pairwise(items))
    for item in items:
        assert list(item) == ITEM
        assert [item[name] for name in FIGURES] == [0, None, None, "kosong", None]
        assert (item["period"] is None) == (by in {"hour", "day"})
    if by == "day":
        assert await pipe.get(f"/v1/units/{unit}/trend") == body
    if by in {"month", "period"}:
        assert items[-1]["period"] == {"month": "2026-01", "period": "2026-S1"}[by]


async def test_a_step_is_the_index_of_its_span(pipe: Pipeline, unit: str):
    times = [f"2025-11-{day:02}T{hour:02}:59:59.999Z" for day in (1, 2, 5) for hour in (16, 17, 23) for _ in range(4)]
    answers = [
        same(unit, f"a{number}", at, 1 + number % 4, **({"service": "KTP"} if number % 3 else {}))
        for number, at in enumerate(times)
    ]
    await pipe.carry(unit, await pipe.answer(unit, *answers))
    span = {"from": "2025-10-31T17:00:00Z", "to": "2025-11-07T00:00:00+07:00"}
    items = (await pipe.get(f"/v1/units/{unit}/trend", by="day", **span))["items"]
    assert [item["n"] for item in items] == [4, 12, 8, 0, 4, 8]
    for item in items:
        index = await pipe.get(f"/v1/units/{unit}/index", **{"from": item["from"], "to": item["to"]})
        assert [item[name] for name in FIGURES] == [index[name] for name in FIGURES]
    assert [item["tier"] for item in items][:2] == ["tertutup", "sementara"]


async def test_revisions_and_withdrawals_move_a_trend(pipe: Pipeline, unit: str):
    await pipe.answer(unit, *(same(unit, name, f"2025-12-{day}T05:00:00Z", 2) for day, name in ((20, "a"), (21, "b"))))
    path = f"/v1/units/{unit}/responses/admin"
    moved = {"submitted_at": "2025-12-22T05:00:00Z", "answers": dict.fromkeys(ITEMS, 4), "revision": 2}
    assert (await pipe.served.admin.put(f"{path}/a", json=moved)).status_code == 202
    position = (await pipe.served.admin.delete(f"{path}/b")).json()["position"]
    await pipe.carry(unit, position)
    items = (await pipe.get(f"/v1/units/{unit}/trend", by="day"))["items"]
    assert [(item["from"][:10], item["value"]) for item in items if item["n"]] == [("2025-12-21", 100.0)]
    assert [item["value"] for item in items].count(None) == 29


async def test_a_trend_of_another_index(pipe: Pipeline, unit: str):
    scores = {item.code: 6 for item in QUESTIONNAIRES["ipak"].items}
    given = answer(unit, "a", submitted_at="2025-12-20T05:00:00Z", questionnaire="ipak", answers=scores)
    await pipe.carry(unit, await pipe.answer(unit, given))
    item = (await pipe.get(f"/v1/units/{unit}/trend", index="ipak", by="period"))["items"][-2]
    assert [item[name] for name in ("period", "n", "value", "mutu")] == ["2025-S2", 1, 4.0, None]
    assert all(item["n"] == 0 for item in (await pipe.get(f"/v1/units/{unit}/trend", by="period"))["items"])


async def test_after_waits_and_the_position_is_kept(pipe: Pipeline, unit: str):
    path = f"/v1/units/{unit}/trend"
    after = await pipe.answer(unit, same(unit, "a", "2026-01-01T05:00:00Z", 3))
    problem(await pipe.served.admin.get(path, params={"after": after}), 504, "timeout")
    reading = asyncio.create_task(pipe.get(path, after=after))
    await pipe.carry(unit, after)
    body = await reading
    assert [item["n"] for item in body["items"]][-2:] == [1, 0]
    partition, log = partition_of(unit, PARTITIONS), pipe.served.reads.log_epoch
    assert Position.decode(body["position"]) == Position(log, {partition: Position.decode(after).offsets[partition]})
    other_log = Position(log - 1, {0: 1}).encode()
    problem(await pipe.served.admin.get(path, params={"after": other_log}), 409, "conflict")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("by=week", "out_of_scale"),
        ("by=day&by=hour", "contradiction"),
        ("index=ikp", "out_of_scale"),
        ("scope=all", "out_of_scale"),
        ("window=1h", "unknown_field"),
        ("from=2026-01-01T00:00:00Z", "missing_field"),
        ("from=2025-12-31T17:00:00&to=2026-01-01T17:00:00Z", "time_without_offset"),
        ("from=2025-12-31T16:00:00Z&to=2026-01-01T17:00:00Z", "out_of_scale"),
        ("by=hour&from=2025-12-31T16:30:00Z&to=2026-01-01T17:00:00Z", "out_of_scale"),
        ("by=month&from=2025-12-31T17:00:00Z&to=2026-01-01T17:00:00Z", "out_of_scale"),
        ("by=period&from=2025-12-31T17:00:00Z&to=2026-03-31T17:00:00Z", "out_of_scale"),
        ("by=hour&from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "out_of_scale"),
        ("from=2026-01-01T17:00:00Z&to=2025-12-31T17:00:00Z", "contradiction"),
        ("after=x", "wrong_type"),
    ],
)
async def test_what_cannot_be_asked(pipe: Pipeline, unit: str, query: str, code: str):
    problem(await pipe.served.admin.get(f"/v1/units/{unit}/trend?{query}"), 422, code)


async def test_what_is_refused_names_its_cure(pipe: Pipeline, unit: str):
    path = f"/v1/units/{unit}/trend?by=period&from=2025-12-31T17:00:00Z&to=2026-03-31T17:00:00Z"
    (error,) = problem(await pipe.served.admin.get(path), 422, "out_of_scale")["errors"]
    assert error["field"] == "to"
    assert "2025-12-31T17:00:00Z and 2026-06-30T17:00:00Z" in error["message"]
    path = f"/v1/units/{unit}/trend?by=hour&from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z"
    assert "2,000" in problem(await pipe.served.admin.get(path), 422, "out_of_scale")["detail"]


async def test_a_long_trend_by_an_escaped_and_an_unescaped_offset(pipe: Pipeline, unit: str):
    path = f"/v1/units/{unit}/trend?by=day&from=2021-01-01T00:00:00+07:00&to=2026-06-24T00:00:00%2B07:00"
    items = (await pipe.get(path))["items"]
    assert len(items) == 2000


async def test_a_trend_needs_a_key_and_a_unit(pipe: Pipeline, unit: str, unique):
    problem(await pipe.served.public.get(f"/v1/units/{unit}/trend"), 401, "unauthorized")
    assert (await pipe.served.source.get(f"/v1/units/{unit}/trend")).status_code == 200
    problem(await pipe.served.admin.get(f"/v1/units/{unique('nowhere')}/trend"), 404, "unknown_unit")


async def test_the_public_reads_whole_periods_in_steps_of_five(pipe: Pipeline, unit: str):
    path, public = f"/v1/units/{unit}/trend", pipe.served.public
    for by in ("hour", "day"):
        problem(await public.get(path, params={"by": by}), 401, "unauthorized")
    problem(await public.get(path, params={"by": "month", "scope": "pooled"}), 401, "unauthorized")
    seen = []
    for number in range(17):
        at = "2025-12-20T05:00:00Z"
        await pipe.carry(unit, await pipe.answer(unit, same(unit, f"a{number}", at, 3 + number % 2)))
        span = {"by": "month", "from": "2025-11-01T00:00:00+07:00", "to": "2026-01-01T00:00:00+07:00"}
        november, december = (await public.get(path, params=span)).json()["items"]
        assert (november["n"], november["tier"]) == (0, "kosong")
        assert (december["n"] is None) == (december["value"] is None) == (december["tier"] == "tertutup")
        seen.append(december["n"])
    assert seen == [None] * 9 + [10] * 5 + [15] * 3
    period = await public.get(f"/v1/units/{unit}/index", params={"period": "2025-12"})
    assert (period.json()["n"], period.json()["elements_n"]) == (17, 15)


async def test_a_period_tells_how_far_its_sample_has_come(pipe: Pipeline, unit: str, unique):
    served, small = pipe.served, unique("unit")
    aim = {"period": "2025", "index": "ikm", "n": None, "value": 88.31}
    await served.register(small, population=100, targets=[aim])
    answers = [same(small, f"a{number}", "2025-12-20T05:00:00Z", 3) for number in range(10)]
    path = f"/v1/units/{small}/index"
    await pipe.carry(small, await pipe.answer(small, *answers[:9]))
    assert (await pipe.get(path, period="2025"))["sample"] == {"needed": 80, "share": 0.1125}
    assert (await served.public.get(path, params={"period": "2025"})).json()["sample"] is None
    await pipe.carry(small, await pipe.answer(small, answers[9]))
    assert (await served.public.get(path, params={"period": "2025"})).json()["sample"] == {"needed": 80, "share": 0.125}
    assert (await pipe.get(path, period="2024"))["sample"] == {"needed": 80, "share": 0.0}
    assert (await pipe.get(path, period="2025"))["target"] == {"n": None, "value": 88.31}
    assert (await pipe.get(path, period="2024"))["target"] is None
    assert (await pipe.get(f"/v1/units/{unit}/index", period="2025"))["sample"] is None
    span = {"from": "2025-12-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
    assert "sample" not in await pipe.get(path, **span)
