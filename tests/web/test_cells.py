"""An index by service, channel and profile: over HTTP, through the fold's join and the store, to members and public."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest

from api.cell_frames import CellFrames, Key
from ikm.cells import KINDS
from ikm.events import Response, Withdrawal
from ikm.figure import headline
from ikm.index import IKM
from ikm.partition import partition_of
from ikm.profile import PROFILE
from ikm.scorecard import Scorecard
from ikm.times import parse_rfc3339
from runtime.topics import CELLS, RESPONSES, SCORECARDS
from sinks import progress
from tests.contracts.conformity import assert_conforms
from tests.fold import scratch
from tests.rules.samples import ITEMS
from tests.stream.topics import read_all
from tests.web.answers import answer, card
from tests.web.pipeline import Pipeline, pipeline
from tests.web.problems import problem

NOW = "2026-11-23T03:04:05Z"
PERIOD = {"period": "2026-11"}
BODY = ["unit", "index", "by", "scope", "period", "from", "to", "as_of", "position", "items"]
ITEM = ["cell", "name", "n", "value", "mutu", "tier", "interval"]
HIDDEN = [None, None, None, "tertutup", None]


@pytest.fixture(scope="module")
async def pipe(kafka: str, log_epoch: int, tmp_path_factory) -> AsyncIterator[Pipeline]:
    def clock() -> int:
        return parse_rfc3339(NOW)

    async with pipeline(kafka, log_epoch, tmp_path_factory.mktemp("cells"), clock) as running:
        yield running
    for record in await read_all(kafka, CELLS.name):
        assert_conforms(CELLS.name, record)


@pytest.fixture
async def unit(pipe: Pipeline, unique: Callable[[str], str]) -> str:
    name = unique("unit")
    services = [{"code": "ktp", "name": "KTP elektronik"}, {"code": "kk", "name": "Kartu keluarga"}]
    await pipe.served.register(name, services=services)
    return name


def given(unit: str, number: int, score: int = 3, **changes: Any) -> dict[str, Any]:
    """An answer of this hour with something to tell it by."""
    told = {
        "channel": (None, "qr", "wa")[number % 3],
        "service": ("ktp", None)[number % 2],
        "respondent": {"jenis_kelamin": "LP"[number % 2], "pekerjaan": "pelajar"} if number % 4 else None,
    }
    whole = {"submitted_at": "2026-11-23T03:00:00Z", "answers": dict.fromkeys(ITEMS, score), **told, **changes}
    return answer(unit, f"a{number}", **whole)


def event(body: dict[str, Any], revision: int = 1) -> Response:
    at = parse_rfc3339(body["submitted_at"])
    return Response.model_validate({**body, "submitted_at": at, "source": "admin", "revision": revision})


def wanted(kind: str, events: list[Any]) -> dict[str | None, list[Any]]:
    """Fields of each cell with a response, recomputed from scratch."""
    inside: dict[str | None, list[Response]] = defaultdict(list)
    for response in scratch.counted(events):
        said = (response.respondent or {}).get(kind) if kind in PROFILE else getattr(response, kind)
        inside[PROFILE[kind][said] if kind in PROFILE and said else said].append(response)
    found = {}
    for cell, responses in inside.items():
        short = headline(IKM, scratch.scorecard(IKM, responses))
        assert short.interval is not None
        tier = "tertutup" if short.n < 10 else "sementara"
        found[cell] = [short.n, short.value, short.mutu, tier, list(short.interval)]
    return found


def cells(body: dict[str, Any]) -> dict[str | None, list[Any]]:
    assert all(list(item) == ITEM for item in body["items"])
    return {item["cell"]: [item[name] for name in ITEM[2:]] for item in body["items"]}


@pytest.mark.parametrize("kind", KINDS)
async def test_cells_are_a_fold_from_scratch(pipe: Pipeline, unit: str, kind: str):
    bodies = [given(unit, number, 1 + number % 4) for number in range(30)]
    await pipe.answer(unit, *bodies)
    path = f"/v1/units/{unit}/responses/admin"
    revised = given(unit, 4, 1, channel="interview", respondent={"usia": ">=50", "jenis_kelamin": "laki-laki"})
    reply = await pipe.served.admin.put(f"{path}/a4", json={**revised, "revision": 2})
    assert reply.status_code == 202, reply.text
    reply = await pipe.served.admin.delete(f"{path}/a7")
    assert reply.status_code == 202, reply.text
    await pipe.carry(unit, reply.json()["position"])
    events = [*map(event, bodies), event(revised, 2), Withdrawal(unit=unit, source="admin", id="a7")]

    body = await pipe.get(f"/v1/units/{unit}/cells", by=kind, after=reply.json()["position"], **PERIOD)
    assert list(body) == BODY
    assert [body[name] for name in BODY[:5]] == [unit, "ikm", kind, "self", "2026-11"]
    assert {cell: said for cell, said in cells(body).items() if said[0]} == wanted(kind, events)
    assert all(said == [0, None, None, "kosong", None] for said in cells(body).values() if not said[0])
    whole = await pipe.get(f"/v1/units/{unit}/index", **PERIOD)
    assert sum(item["n"] for item in body["items"]) == whole["n"] == 29
    assert body["items"][-1]["cell"] is None
    window = await pipe.get(f"/v1/units/{unit}/cells", by=kind, window="1h")
    assert window["items"] == body["items"]


async def test_names_and_order_are_the_registers_and_the_forms(pipe: Pipeline, unit: str):
    await pipe.carry(unit, await pipe.answer(unit, given(unit, 1), given(unit, 2, service="kk")))

    async def names(kind: str) -> list[str]:
        return [item["name"] for item in (await pipe.get(f"/v1/units/{unit}/cells", by=kind))["items"]]

    assert await names("service") == ["KTP elektronik", "Kartu keluarga", "Tidak disebutkan"]
    assert await names("channel") == [
        "Kode QR", "Tautan", "Kios layanan", "WhatsApp", "Formulir kertas", "Wawancara", "Tidak disebutkan"
    ]  # fmt: skip
    assert await names("jenis_kelamin") == ["Laki-laki", "Perempuan", "Tidak disebutkan"]
    assert await names("usia") == ["<20", "20–29", "30–39", "40–49", "≥50", "Tidak disebutkan"]  # noqa: RUF001


async def test_pooled_cells_are_those_of_the_tree(pipe: Pipeline, unit: str, unique):
    below = unique("below")
    await pipe.served.register(below, parent=unit)
    await pipe.carry(unit, await pipe.answer(unit, *(given(unit, number) for number in range(12))))
    await pipe.carry(below, await pipe.answer(below, *(given(below, number, 4) for number in range(12))))
    path = f"/v1/units/{unit}/cells"
    for time in (PERIOD, {"window": "24h"}, {"from": "2026-11-22T00:00:00Z", "to": "2026-11-23T04:00:00Z"}):
        own, pooled = [await pipe.get(path, by="service", scope=scope, **time) for scope in ("self", "pooled")]
        assert [own["items"][0][name] for name in ITEM[:4]] == ["ktp", "KTP elektronik", 6, 75.0]
        assert [pooled["items"][0][name] for name in ITEM[:4]] == ["ktp", "KTP elektronik", 12, 87.5]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({}, "by", "missing_field"),
        ({"by": "umur"}, "by", "out_of_scale"),
        ({"by": "usia", "scope": "mean"}, "scope", "out_of_scale"),
        ({"by": "usia", "index": "nps"}, "index", "out_of_scale"),
        ({"by": "usia", "period": "2026-13"}, "period", "out_of_scale"),
        ({"by": "usia", "version": "0"}, "'version'", "unknown_field"),
        ({"by": "usia", "tree": "at"}, "tree", "contradiction"),
    ],
)
async def test_a_faulty_question_is_refused(pipe: Pipeline, unit: str, query: dict[str, str], field: str, code: str):
    body = problem(await pipe.served.admin.get(f"/v1/units/{unit}/cells", params=query), 422, code)
    assert [fault["field"] for fault in body["errors"]] == [field]


@pytest.mark.parametrize("query", [{"scope": "pooled"}, {"from": "2026-11-22T00:00:00Z", "to": "2026-11-23T00:00:00Z"}])
async def test_the_public_reads_windows_and_periods_of_one_unit(pipe: Pipeline, unit: str, query: dict[str, str]):
    problem(
        await pipe.served.public.get(f"/v1/units/{unit}/cells", params={"by": "usia", **query}), 401, "unauthorized"
    )


async def test_the_public_sees_single_answers_in_steps_and_no_small_cell(pipe: Pipeline, unit: str):
    path, seen = f"/v1/units/{unit}/cells", []
    for number in range(24):
        respondent = {"jenis_kelamin": "P" if number in {3, 12, 20} else "L"}
        await pipe.carry(unit, await pipe.answer(unit, given(unit, number, respondent=respondent)))
        reply = await pipe.served.public.get(path, params={"by": "jenis_kelamin", **PERIOD})
        assert reply.status_code == 200, reply.text
        seen.append({cell: said[0] for cell, said in cells(reply.json()).items()})
        if number < 9:
            assert all(said == HIDDEN for said in cells(reply.json()).values())
    shown = [counts["L"] for counts in seen if counts["L"] is not None]
    assert all(counts["P"] is None for counts in seen), "one to four women are never told"
    assert shown == [], "nor by what is left when the men are taken from the total"

    seen = []
    for number in range(24, 40):
        respondent = {"jenis_kelamin": "LP"[number % 2]}
        await pipe.carry(unit, await pipe.answer(unit, given(unit, number, 4, respondent=respondent)))
        reply = await pipe.served.public.get(path, params={"by": "jenis_kelamin", "window": "30d"})
        seen.append(tuple(said[0] for said in cells(reply.json()).values()))
    counts = [tuple(one) for one in dict.fromkeys(seen)]
    for one, other in pairwise(counts):
        steps = [abs(n - m) for n, m in zip(one, other, strict=True) if n is not None and m is not None]
        assert all(step == 0 or step >= 5 for step in steps), counts


def same(n: int, score: int = 3) -> Scorecard:
    return card(*[(score,) * 9] * n)


@asynccontextmanager
async def process(pipe: Pipeline) -> AsyncIterator[CellFrames]:
    """The tables of one more API process, which has read the topic to its end."""
    frames = CellFrames(pipe.bootstrap, log_epoch=pipe.served.reads.log_epoch)
    await frames.start()
    await frames.log.wait_ready()
    yield frames
    await frames.stop()


async def test_processes_agree_and_a_restart_forgets_nothing(pipe: Pipeline, unit: str):
    key, other = (Key(unit, "ikm", "jenis_kelamin", span) for span in ("30d", "7d"))
    async with process(pipe) as first, process(pipe) as second:
        for n in range(20, 31):
            live = {"L": same(n), "P": same(30)}
            shown = [await frames.shown(key, live) for frames in (first, second)]
            assert shown[0] == shown[1]
            assert {cell: one.n for cell, (one, _) in shown[0].items()} == {"L": n // 5 * 5, "P": 30}
        async with process(pipe) as third:
            assert await third.shown(key, {"L": same(31), "P": same(30)}) == shown[0]
            near_by = await third.shown(other, {"L": same(27), "P": same(50)})
            assert {cell: one.n for cell, (one, _) in near_by.items()} == {"L": 30, "P": 50}
        assert await first.shown(key, {"L": same(5), "P": same(4)}) == {}


async def test_nothing_is_answered_while_the_store_has_not_read_the_answers(pipe: Pipeline, unit: str):
    # The last test: from here on the partition has fallen behind for good.
    partition, log = partition_of(unit, RESPONSES.partitions), pipe.served.reads.log_epoch
    end = 1_000_000
    await progress.write(pipe.store, log, [progress.Reached(SCORECARDS.name, partition, end, end)], 0)
    problem(await pipe.served.admin.get(f"/v1/units/{unit}/cells", params={"by": "usia"}), 503, "unavailable")
