"""`GET /v1/units/{unit}/index`: shapes and numbers exactly as published, who sees what, and what is refused."""

import asyncio
import time

import pytest

from ikm.partition import partition_of
from ikm.position import Position
from ikm.scorecard import Scorecard
from ikm.times import rfc3339_minute
from ikm.window import WINDOWS
from tests.rules.samples import ITEMS
from tests.web.answers import PARTITIONS, card, publish, publish_progress, published
from tests.web.problems import problem
from tests.web.serving import Served

MEMBERS = [
    "unit", "index", "window", "from", "to", "n", "value", "mutu", "kinerja", "complete", "missing", "tier", "interval",
    "elements", "elements_n", "reconciliation", "as_of", "watermark",
]  # fmt: skip
ELEMENT = ["code", "u", "name", "n", "sum", "nrr", "nrr_weighted", "value", "mutu", "low_share", "distribution"]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def show(served: Served, bootstrap: str, unit: str, counted: Scorecard, *, offset: int = 1, **more):
    """Publish a figure as a worker would and wait until the API has it."""
    value = published(unit, served.reads.log_epoch, offset, now_ms(), counted, **more)
    await publish(bootstrap, value)
    async with asyncio.timeout(30):
        with served.reads.published.watch(unit, "ikm") as changed:
            while True:
                held = served.reads.published.get(unit, "ikm", "1h")
                if held is not None and list(held.sequence) == value["sequence"]:
                    return value
                await changed.wait()
                changed.clear()


@pytest.fixture
async def unit(served: Served, unique) -> str:
    name = unique("unit")
    await served.register(name)
    return name


async def test_a_unit_without_answers(served: Served, unit: str):
    for parameters in ({}, {"window": "30d"}):
        reply = await served.admin.get(f"/v1/units/{unit}/index", params=parameters)
        assert reply.status_code == 200
        body = reply.json()
        assert list(body) == MEMBERS
        assert (body["unit"], body["index"], body["window"], body["n"], body["tier"]) == (
            unit,
            "ikm",
            "30d",
            0,
            "kosong",
        )
        assert [body[name] for name in ("value", "mutu", "kinerja", "interval", "watermark", "reconciliation")] == [
            None
        ] * 6
        assert (body["complete"], body["missing"]) == (False, list(ITEMS))
        assert [(e["code"], e["u"], e["n"], e["sum"]) for e in body["elements"]] == [
            (code, u, 0, 0) for u, code in enumerate(ITEMS, 1)
        ]
        assert all(list(e) == ELEMENT for e in body["elements"])
        assert all(e[name] is None for e in body["elements"] for name in ELEMENT[5:])
        start, end = WINDOWS["30d"].bounds(now_ms())
        assert (body["from"], body["to"]) == (rfc3339_minute(start), rfc3339_minute(end))


async def test_numbers_are_rounded_once(served: Served, kafka: str, unit: str):
    rows = [(3, 3, 3, 4, 3, 3, 4, 3, 2)] * 20 + [(2, 3, 3, 4, 3, 4, 4, 0, 2)] * 15
    watermark = now_ms() // 60_000 - 3
    await show(served, kafka, unit, card(*rows), watermark=watermark)
    body = (await served.admin.get(f"/v1/units/{unit}/index", params={"window": "1h"})).json()
    assert (body["n"], body["complete"], body["missing"], body["tier"]) == (35, True, [], "terbit")
    assert body["watermark"] == rfc3339_minute(watermark)
    waktu, pengaduan = body["elements"][2], body["elements"][7]
    assert (waktu["code"], waktu["n"], waktu["sum"], waktu["nrr"]) == ("waktu", 35, 105, 3.0)
    assert (pengaduan["n"], pengaduan["sum"], pengaduan["value"], pengaduan["low_share"]) == (
        20,
        60,
        75.0,
        0.0,
    )
    assert waktu["nrr_weighted"] == 0.3333
    means = [90 / 35, 3, 3, 4, 3, 120 / 35, 4, 3, 2]
    assert body["value"] == round(25 * sum(means) / 9 + 1e-9, 2)
    assert set(body["reconciliation"]) == {"0.11", "0.111"}
    assert body["reconciliation"]["0.11"] == round(25 * sum(means) * 0.11 + 1e-9, 4)
    low, high = body["interval"]
    assert low < body["value"] < high


async def test_every_window_is_read_by_its_code(served: Served, kafka: str, unit: str):
    value = await show(served, kafka, unit, card((3,) * 9))
    for window in WINDOWS:
        body = (await served.admin.get(f"/v1/units/{unit}/index", params={"index": "ikm", "window": window})).json()
        assert (body["window"], body["from"], body["to"]) == (
            window, value["windows"][window]["from"], value["windows"][window]["to"],
        )  # fmt: skip


async def test_a_stale_value_is_served_with_its_own_bounds(served: Served, kafka: str, unit: str):
    value = await show(served, kafka, unit, card((3,) * 9), to_shift=-30)
    body = (await served.admin.get(f"/v1/units/{unit}/index", params={"window": "1h"})).json()
    assert (body["n"], body["to"]) == (1, value["windows"]["1h"]["to"])


async def test_the_greatest_sequence_stays(served: Served, kafka: str, unit: str):
    log = served.reads.log_epoch
    await show(served, kafka, unit, card((3,) * 9, (3,) * 9), offset=20)
    await publish(kafka, published(unit, log, 10, now_ms(), card((1,) * 9)))
    await publish(kafka, published(unit, log + 1, 99, now_ms(), card((1,) * 9)))
    await publish(kafka, published(unit, log, 99, now_ms(), card((1,) * 9), to_shift=10))
    await show(served, kafka, unit, card((4,) * 9), offset=21)
    body = (await served.admin.get(f"/v1/units/{unit}/index", params={"window": "1h"})).json()
    assert (body["n"], body["value"]) == (1, 100.0)


async def test_the_public_sees_the_headline_only(served: Served, kafka: str, unit: str):
    await show(served, kafka, unit, card(*[(3,) * 9] * 10))
    full = (await served.admin.get(f"/v1/units/{unit}/index", params={"window": "1h"})).json()
    body = (await served.public.get(f"/v1/units/{unit}/index", params={"window": "1h"})).json()
    assert list(body) == MEMBERS
    assert (body["elements"], body["reconciliation"]) == ([], None)
    for name in ("n", "value", "mutu", "kinerja", "interval", "tier", "complete", "missing", "watermark"):
        assert body[name] == full[name]
    assert body["tier"] == "sementara"


async def test_the_public_sees_nothing_of_few_answers(served: Served, kafka: str, unit: str):
    await show(served, kafka, unit, card(*[(3,) * 9] * 9), watermark=now_ms() // 60_000)
    body = (await served.public.get(f"/v1/units/{unit}/index", params={"window": "1h"})).json()
    assert body["tier"] == "tertutup"
    hidden = ("n", "value", "mutu", "kinerja", "complete", "missing", "interval", "watermark", "reconciliation")
    assert [body[name] for name in hidden] == [None] * len(hidden)
    assert body["elements"] == []
    assert (await served.source.get(f"/v1/units/{unit}/index", params={"window": "1h"})).json()["n"] == 9


async def test_a_span_is_not_for_the_public(served: Served, unit: str):
    span = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
    problem(await served.public.get(f"/v1/units/{unit}/index", params=span), 401, "unauthorized")


async def test_the_tier_counts_the_population(served: Served, kafka: str, unique):
    unit = unique("unit")
    await served.register(unit, population=10)
    await show(served, kafka, unit, card(*[(3,) * 9] * 10))
    assert (await served.public.get(f"/v1/units/{unit}/index")).json()["tier"] == "memenuhi_sampel"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("window=2h", "out_of_scale"),
        ("window=", "out_of_scale"),
        ("index=ipkx", "out_of_scale"),
        ("period=2026-TW5", "out_of_scale"),
        ("period=26", "out_of_scale"),
        ("window=1h&period=2026", "contradiction"),
        ("window=1h&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", "contradiction"),
        ("window=1h&window=24h", "contradiction"),
        ("from=2026-01-01T00:00:00Z", "missing_field"),
        ("to=2026-01-01T00:00:00Z", "missing_field"),
        ("from=2026-01-01T00:30:00Z&to=2026-01-02T00:00:00Z", "out_of_scale"),
        ("from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:01Z", "out_of_scale"),
        ("from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z", "contradiction"),
        ("from=2026-01-01T00:00:00&to=2026-01-02T00:00:00Z", "time_without_offset"),
        ("from=1900-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", "time_out_of_range"),
        ("from=x&to=2026-01-02T00:00:00Z", "wrong_type"),
        ("after=x", "wrong_type"),
        ("after=", "wrong_type"),
        ("windows=1h", "unknown_field"),
    ],
)
async def test_what_cannot_be_asked(served: Served, unit: str, query: str, code: str):
    problem(await served.admin.get(f"/v1/units/{unit}/index?{query}"), 422, code)


async def test_an_unknown_unit(served: Served, unique):
    unit = unique("nowhere")
    for path in (
        f"/v1/units/{unit}",
        f"/v1/units/{unit}/index",
        f"/v1/units/{unit}/index/stream",
        "/v1/units/A%00/index",
    ):
        problem(await served.admin.get(path), 404, "unknown_unit")


async def test_after_waits_for_the_units_own_partition(served: Served, kafka: str, unit: str):
    log, partition = served.reads.log_epoch, partition_of(unit, PARTITIONS)
    progress = served.reads.published.progress.get(partition)
    wanted = (progress.next_offset if progress else 0) + 5
    after = Position(log, {partition: wanted, (partition + 1) % PARTITIONS: 10**12}).encode()
    path = f"/v1/units/{unit}/index"
    reading = asyncio.create_task(served.admin.get(path, params={"window": "1h", "after": after}))
    await show(served, kafka, unit, card((4,) * 9), offset=wanted)
    assert not reading.done()
    await publish_progress(kafka, log, partition, wanted, now_ms())
    reply = await reading
    assert (reply.status_code, reply.json()["n"]) == (200, 1)


async def test_after_names_what_is_met_already(served: Served, unit: str):
    log, partition = served.reads.log_epoch, partition_of(unit, PARTITIONS)
    for offsets in ({}, {(partition + 1) % PARTITIONS: 10**12}, {partition: 0}):
        after = Position(log, offsets).encode()
        assert (await served.public.get(f"/v1/units/{unit}/index", params={"after": after})).status_code == 200


async def test_after_gives_up(served: Served, unit: str):
    after = Position(served.reads.log_epoch, {partition_of(unit, PARTITIONS): 10**15}).encode()
    began = time.monotonic()
    problem(await served.admin.get(f"/v1/units/{unit}/index", params={"after": after}), 504, "timeout")
    assert 4.5 < time.monotonic() - began < 8


async def test_after_of_another_log(served: Served, unit: str):
    after = Position(served.reads.log_epoch - 1, {0: 1}).encode()
    problem(await served.admin.get(f"/v1/units/{unit}/index", params={"after": after}), 409, "conflict")
