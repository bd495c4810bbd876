"""`GET /v1/units/{unit}/index/stream`: what a page or a TV hears."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from ikm.position import Sequence
from tests.web.answers import card, publish, published
from tests.web.problems import problem
from tests.web.serving import Served


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Listener:
    """Reads events one by one; a comment is the text after its colon."""

    def __init__(self, reply: httpx.Response) -> None:
        self.reply = reply
        self._blocks = self._read()

    async def next(self) -> dict[str, str] | str:
        async with asyncio.timeout(30):
            return await anext(self._blocks)

    async def figure(self) -> tuple[Sequence, dict]:
        block = await self.next()
        assert isinstance(block, dict)
        assert set(block) == {"event", "id", "data"}
        assert block["event"] == "index"
        return Sequence.parse(block["id"]), json.loads(block["data"])

    async def _read(self) -> AsyncIterator[dict[str, str] | str]:
        fields: dict[str, str] = {}
        async for line in self.reply.aiter_lines():
            if line.startswith(":"):
                yield line[1:].strip()
            elif line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                yield fields
                fields = {}


@asynccontextmanager
async def listening(
    client: httpx.AsyncClient, unit: str, window: str = "1h", **headers: str
) -> AsyncIterator[Listener]:
    path = f"/v1/units/{unit}/index/stream"
    async with client.stream("GET", path, params={"window": window}, headers=headers) as reply:
        assert reply.status_code == 200
        assert reply.headers["content-type"].startswith("text/event-stream")
        yield Listener(reply)


@pytest.fixture
async def unit(served: Served, unique) -> str:
    name = unique("unit")
    await served.register(name)
    return name


async def test_the_current_figure_at_once_then_every_newer_one(served: Served, kafka: str, unit: str):
    log = served.reads.log_epoch
    async with listening(served.admin, unit) as listener:
        first, body = await listener.figure()
        assert (first.epoch, first.offset, body["n"], body["window"]) == (log, 0, 0, "1h")
        for n in (1, 2, 3):
            value = published(unit, log, n, now_ms(), card(*[(3,) * 9] * n))
            await publish(kafka, value)
            sequence, body = await listener.figure()
            assert list(sequence) == value["sequence"]
            got = (await served.admin.get(f"/v1/units/{unit}/index", params={"window": "1h"})).json()
            assert {**body, "as_of": None} == {**got, "as_of": None}
            assert body["n"] == n


async def test_an_older_or_equal_sequence_is_no_news(served: Served, kafka: str, unit: str):
    log, at = served.reads.log_epoch, now_ms()
    async with listening(served.admin, unit) as listener:
        await listener.figure()
        for offset, n in ((5, 5), (5, 5), (4, 4), (6, 6)):
            await publish(kafka, published(unit, log, offset, at, card(*[(3,) * 9] * n)))
        assert [(await listener.figure())[1]["n"] for _ in range(2)] == [5, 6]


async def test_it_ticks_when_answers_age_out(served: Served, kafka: str, unit: str):
    log, at = served.reads.log_epoch, now_ms()
    await publish(kafka, published(unit, log, 5, at, card((3,) * 9), to_shift=-1))
    async with listening(served.admin, unit) as listener:
        while (await listener.figure())[1]["n"] != 1:
            pass
        await publish(kafka, published(unit, log, 5, at, card()))
        assert (await listener.figure())[1]["n"] == 0


async def test_with_last_event_id_only_what_is_newer(served: Served, kafka: str, unit: str):
    log, at = served.reads.log_epoch, now_ms()
    async with listening(served.admin, unit) as listener:
        await publish(kafka, published(unit, log, 7, at, card((3,) * 9)))
        while (await listener.figure())[1]["n"] != 1:
            pass
    seen = Sequence(*published(unit, log, 7, at, card())["sequence"])
    async with listening(served.admin, unit, **{"Last-Event-ID": seen.text()}) as listener:
        await publish(kafka, published(unit, log, 8, at, card((4,) * 9)))
        assert (await listener.figure())[0].offset == 8
    for missed in (seen._replace(offset=6), seen._replace(epoch=log + 1), None):
        text = "nonsense" if missed is None else missed.text()
        async with listening(served.admin, unit, **{"Last-Event-ID": text}) as listener:
            assert (await listener.figure())[0].offset == 8


async def test_the_public_hears_the_public_view(served: Served, kafka: str, unit: str):
    async with listening(served.public, unit) as listener:
        await listener.figure()
        await publish(kafka, published(unit, served.reads.log_epoch, 3, now_ms(), card(*[(3,) * 9] * 3)))
        _, body = await listener.figure()
        assert (body["tier"], body["n"], body["value"], body["elements"]) == ("tertutup", None, None, [])


async def test_a_slow_client_gets_the_newest_only(served: Served, kafka: str, unit: str):
    log = served.reads.log_epoch
    with served.reads.published.watch(unit, "ikm") as changed:
        for n in range(1, 40):
            await publish(kafka, published(unit, log, n, now_ms(), card(*[(3,) * 9] * n)))
        while (held := served.reads.published.get(unit, "ikm", "1h")) is None or held.card.n < 39:
            changed.clear()
            await changed.wait()
    async with listening(served.admin, unit) as listener:
        assert (await listener.figure())[1]["n"] == 39


async def test_what_cannot_be_streamed(served: Served, unit: str):
    path = f"/v1/units/{unit}/index/stream"
    problem(await served.admin.get(path, params={"window": "2h"}), 422, "out_of_scale")
    problem(await served.admin.get(path, params={"period": "2026"}), 422, "unknown_field")
    problem(await served.public.get(path, headers={"Authorization": "Bearer x"}), 401, "unauthorized")
