"""Health, metrics, documentation and what an operator may start."""

import asyncio
import re
import time

import pytest

from api.index_store import IndexStore, require_figures
from api.verify import Outcome, Report
from ikm.errors import Code
from runtime.clock import system_clock
from runtime.web import Problem
from tests.web.answers import PARTITIONS, answer, publish_progress
from tests.web.problems import problem
from tests.web.serving import Served, serve


async def test_live(served: Served):
    assert (await served.public.get("/health/live")).status_code == 200


async def test_ready_once_every_partition_has_a_worker(served: Served, kafka: str, tmp_path):
    from aiokafka import TopicPartition

    from runtime import kafka as clients

    log, places = served.reads.log_epoch, [TopicPartition("responses.v1", number) for number in range(PARTITIONS)]
    consumer = clients.consumer(kafka, client_id="test")
    await consumer.start()
    ends = await consumer.end_offsets(places)
    await consumer.stop()
    body = problem(await served.public.get("/health/ready"), 503, "unavailable")
    assert "worker" in [error["field"] for error in body["errors"]]
    for place, end in ends.items():
        await publish_progress(kafka, log, place.partition, end, time.time_ns() // 1_000_000)
    for partition in range(PARTITIONS):
        await served.reads.published.wait_offset(partition, ends[places[partition]], timeout_s=30)
    for _ in range(100):
        reply = await served.public.get("/health/ready")
        if reply.status_code == 200:
            break
        assert reply.headers["retry-after"] == "1"
    body = reply.json()
    assert (body["status"], body["lag"]) == ("ready", 0), reply.text


async def test_until_the_register_is_read_no_unit_is_unknown(kafka: str, log_epoch: int, tmp_path, history):
    async with serve("127.0.0.1:1", log_epoch, tmp_path, history, wait_ready=False, writers_at=kafka) as served:
        for call in (
            served.admin.post("/v1/responses", json=answer("x", "a")),
            served.admin.put("/v1/units/x/responses/s/a", json=answer("x", "a", revision=2)),
            served.admin.delete("/v1/units/x/responses/s/a"),
            served.admin.put("/v1/units/x", json={"name": "X", "zone": "Asia/Jakarta", "period": "tahun"}),
            served.admin.get("/v1/units"),
            served.admin.get("/v1/units/x"),
            served.admin.get("/v1/units/x/index"),
            served.admin.get("/v1/units/x/index/stream"),
        ):
            reply = await call
            problem(reply, 503, "unavailable")
            assert int(reply.headers["retry-after"]) >= 1


async def test_metrics(served: Served, unique):
    unit = unique("unit")
    await served.register(unit)
    await served.admin.post("/v1/responses", json=answer(unit, "a"))
    await served.public.get("/health/live")
    text = (await served.public.get("/metrics")).text
    assert "ikm_http_request_seconds" in text
    assert 'route="/health/live"' in text
    assert 'ikm_http_responses_total{outcome="accepted"}' in text


async def test_docs_lists_every_code_and_address_and_needs_nothing_from_elsewhere(served: Served):
    reply = await served.public.get("/docs")
    assert reply.headers["content-type"].startswith("text/html")
    for code in Code:
        assert f'id="{code}"' in reply.text
    for address in ("POST /v1/responses", "GET /v1/units/{unit}/index/stream", "PUT /v1/units/{unit}", "GET /metrics"):
        assert address in reply.text
    assert not re.search(r"(https?:)?//[a-z]", reply.text)
    assert (await served.public.get("/openapi.json")).json()["info"]["title"] == "IKM"


async def test_an_operator_starts_verify_and_replay(kafka: str, log_epoch: int, tmp_path, history):
    equal, waiting = Report(Outcome.EQUAL).to_json(), {"requested": 3, "workers": 3, "store": 2, "done": False}

    async def verify():
        return equal

    async def replay():
        return 3

    async def replay_status():
        return waiting

    calls = {"verify": verify, "replay": replay, "replay_status": replay_status}
    async with serve(kafka, log_epoch, tmp_path, history, **calls) as served:
        assert (await served.admin.post("/v1/admin/verify")).json() == equal
        reply = await served.admin.post("/v1/admin/replay")
        assert (reply.status_code, reply.json()) == (202, {"replay": 3})
        assert (await served.admin.get("/v1/admin/replay")).json() == waiting


async def test_what_fails_inside_is_a_problem_too(kafka: str, log_epoch: int, tmp_path, history):
    async def verify():
        raise RuntimeError("broken")

    async with serve(kafka, log_epoch, tmp_path, history, verify=verify) as served:
        problem(await served.admin.post("/v1/admin/verify"), 500, "internal")


async def test_until_the_figures_are_read_no_unit_is_empty(log_epoch: int):
    published = IndexStore("127.0.0.1:1", log_epoch=log_epoch, clock=system_clock)
    with pytest.raises(Problem) as raised:
        require_figures(published)
    assert (raised.value.status, raised.value.headers["Retry-After"]) == (503, "1")


async def test_a_lag_over_the_limit_is_not_ready(kafka: str, log_epoch: int, tmp_path, history, unique):
    unit = unique("unit")
    async with serve(kafka, log_epoch, tmp_path, history, lag_limit=0) as served:
        await served.register(unit)
        assert (await served.admin.post("/v1/responses", json=answer(unit, "a"))).status_code == 202
        async with asyncio.timeout(30):
            while True:
                body = problem(await served.public.get("/health/ready"), 503, "unavailable")
                if "lag" in [error["field"] for error in body["errors"]]:
                    break
