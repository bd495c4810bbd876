"""While Kafka is away a write is 503 within its five seconds, and goes on by itself when Kafka is back."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import psutil
import pytest
from aiokafka import TopicPartition

from ikm.events import Withdrawal
from ikm.partition import partition_of
from producers.log_writer import Unacknowledged
from producers.publisher import ResponsePublisher
from runtime import kafka as clients
from runtime.topics import ensure_topics
from tests.stream.conftest import Kafka
from tests.web.answers import answer, card, publish, published
from tests.web.problems import problem
from tests.web.serving import Served, serve

UNIT = "unit-outage"


@dataclass(frozen=True, slots=True)
class Own:
    kafka: Kafka
    log: int
    served: Served


@pytest.fixture(scope="module")
async def own(tmp_path_factory, jar_files, history) -> AsyncIterator[Own]:
    """A Kafka that may be killed, and an API on it."""
    home = tmp_path_factory.mktemp("own")
    kafka = Kafka(home / "kafka", jar_files)
    kafka.start()
    try:
        log = await ensure_topics(kafka.bootstrap)
        async with serve(kafka.bootstrap, log, home / "api", history) as served:
            await served.register(UNIT)
            yield Own(kafka, log, served)
    finally:
        kafka.kill()


async def log_ids(bootstrap: str) -> list[str]:
    """The ids in the log, in the unit's partition."""
    place = TopicPartition("responses.v1", partition_of(UNIT, 8))
    consumer = clients.consumer(bootstrap, client_id="test")
    await consumer.start()
    try:
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        end = (await consumer.end_offsets([place]))[place]
        ids: list[str] = []
        while await consumer.position(place) < end:
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                ids += [dict(record.headers)["ce_id"].decode().split("/")[0] for record in batch]
        return ids
    finally:
        await consumer.stop()


async def until_accepted(served: Served, name: str) -> None:
    async with asyncio.timeout(60):
        while (await served.admin.post("/v1/responses", json=answer(UNIT, name))).status_code != 202:
            pass


async def the_readers_are_back(own: Own) -> None:
    """A unit is written and read back, and a newly published figure is seen."""
    body = {"name": "x", "zone": "Asia/Jakarta", "period": "tahun"}
    async with asyncio.timeout(60):
        while (await own.served.admin.put(f"/v1/units/{UNIT}-3", json=body)).status_code not in {200, 201}:
            pass
    with own.served.reads.published.watch(UNIT, "ikm") as changed:
        await publish(own.kafka.bootstrap, published(UNIT, own.log, 5, time.time_ns() // 1_000_000, card((3,) * 9)))
        async with asyncio.timeout(60):
            await changed.wait()
    assert (await own.served.admin.get(f"/v1/units/{UNIT}/index")).json()["n"] == 1


async def test_a_killed_broker(own: Own):
    served, path = own.served, f"/v1/units/{UNIT}/responses/web/a"
    assert (await served.admin.post("/v1/responses", json=answer(UNIT, "before"))).status_code == 202
    own.kafka.kill()
    began = time.monotonic()
    replies = await asyncio.gather(
        served.admin.post("/v1/responses", json=[answer(UNIT, "during"), {"id": "bad"}]),
        served.admin.put(path, json=answer(UNIT, "a", source="web", revision=2)),
        served.admin.delete(path),
        served.admin.put(f"/v1/units/{UNIT}-2", json={"name": "x", "zone": "Asia/Jakarta", "period": "tahun"}),
    )
    assert 4.5 < time.monotonic() - began < 8
    for reply in replies:
        problem(reply, 503, "unavailable")
        assert int(reply.headers["retry-after"]) >= 1
    assert (await served.admin.get(f"/v1/units/{UNIT}/index")).status_code == 200
    own.kafka.start()
    await until_accepted(served, "after")
    ids = await log_ids(own.kafka.bootstrap)
    assert ids.count("before") == 1
    assert "after" in ids
    await the_readers_are_back(own)


async def test_what_nobody_waits_for_any_more_is_not_sent(own: Own):
    async with ResponsePublisher(own.kafka.bootstrap, log=own.log, client_id="test-outage") as publisher:

        async def withdraw(name: str, timeout_s: float) -> None:
            event = Withdrawal(unit=UNIT, source="web", id=name)
            await publisher.publish([event], received_ms=time.time_ns() // 1_000_000, timeout_s=timeout_s)

        await withdraw("warm", 30)
        own.kafka.kill()
        first = asyncio.create_task(withdraw("on-its-way", 1.5))
        await asyncio.sleep(0)
        given_up = [asyncio.create_task(withdraw(f"given-up-{number}", 1)) for number in range(50)]
        results = await asyncio.gather(first, *given_up, return_exceptions=True)
        assert all(isinstance(result, Unacknowledged) for result in results)
        own.kafka.start()
        await withdraw("again", 60)
    ids = await log_ids(own.kafka.bootstrap)
    assert ids.count("again") == 1
    assert not any(name.startswith("given-up") for name in ids[ids.index("warm") + 2 :])


async def test_a_publisher_stops_at_once_though_kafka_is_away(own: Own):
    async with ResponsePublisher(own.kafka.bootstrap, log=own.log, client_id="test-stop") as publisher:
        event = Withdrawal(unit=UNIT, source="web", id="never")
        own.kafka.kill()
        with pytest.raises(Unacknowledged):
            await publisher.publish([event], received_ms=time.time_ns() // 1_000_000, timeout_s=0.5)
        began = time.monotonic()
    assert time.monotonic() - began < 4
    own.kafka.start()


async def test_a_stopped_broker(own: Own):
    served = own.served
    await until_accepted(served, "warm-again")
    process = own.kafka._process
    assert process is not None
    broker = psutil.Process(process.pid)
    tree = [broker, *broker.children(recursive=True)]
    for member in tree:
        member.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        problem(await served.admin.post("/v1/responses", json=answer(UNIT, "stopped")), 503, "unavailable")
        assert 4.5 < time.monotonic() - began < 8
    finally:
        for member in tree:
            member.send_signal(signal.SIGCONT)
    await until_accepted(served, "continued")


async def test_a_producer_that_kafka_turns_away_is_replaced(own: Own):
    async with ResponsePublisher(own.kafka.bootstrap, log=own.log, client_id="test-gap") as publisher:

        async def withdraw(name: str) -> None:
            event = Withdrawal(unit=UNIT, source="web", id=name)
            await publisher.publish([event], received_ms=time.time_ns() // 1_000_000, timeout_s=30)

        await withdraw("in-order")
        producer = publisher._writer._producer
        producer._txn_manager.increment_sequence_number(TopicPartition("responses.v1", partition_of(UNIT, 8)), 7)
        with pytest.raises(Unacknowledged, match="OutOfOrderSequence"):
            await withdraw("out-of-order")
        await withdraw("in-order-again")
        assert publisher._writer._producer is not producer
