"""Poison straight on the topic: each gets its code, its neighbours count, the partition advances."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ikm import wire
from ikm.partition import partition_of
from runtime import kafka
from runtime.clock import system_clock
from runtime.topics import INDEX, REJECTED, RESPONSES, SCORECARDS, ensure_topics
from tests.contracts.conformity import assert_conforms
from tests.stream.conftest import Kafka, WorkerProcess
from tests.stream.exact import published
from tests.stream.mixed import mixed_events
from tests.stream.topics import produce, read_all, wait_progress

UNIT = "unit-0"
PARTITION = partition_of(UNIT, RESPONSES.partitions)
GOOD: dict[str, Any] = {
    "id": "p-1",
    "source": "qr",
    "unit": UNIT,
    "submitted_at": "2026-11-01T10:00:00+07:00",
    "answers": {"waktu": 3, "biaya": None},
    "revision": 1,
}


def body(**change: Any) -> bytes:
    return json.dumps({**GOOD, **change}).encode()


def raw(old: str, new: str) -> bytes:
    text = json.dumps(GOOD)
    assert old in text
    return text.replace(old, new).encode()


HEADERS = wire.encode(mixed_events(1, 10, system_clock())[0], received_ms=system_clock())[2]


def headers(**change: bytes | None) -> list[tuple[str, bytes]]:
    given = dict(HEADERS) | {name.replace("content_type", "content-type"): value for name, value in change.items()}
    return [(name, value) for name, value in given.items() if value is not None]


Poison = tuple[str, dict[str, Any]]
POISON: list[Poison] = [
    ("malformed_json", {"value": b"not json"}),
    ("malformed_json", {"value": b""}),
    ("malformed_json", {"value": b"\xff\xfe{}"}),
    ("malformed_json", {"value": raw('"waktu": 3', '"waktu": NaN')}),
    ("wrong_type", {"value": b"[]"}),
    ("wrong_type", {"value": body(answers={"waktu": 2.5})}),
    ("wrong_type", {"value": body(answers={"waktu": "4"})}),
    ("wrong_type", {"value": body(answers={"waktu": True})}),
    ("wrong_type", {"value": raw('"waktu": 3', '"waktu": 4.0')}),
    ("wrong_type", {"value": body(answers=[1, 2, 3])}),
    ("out_of_scale", {"value": body(answers={"waktu": 0})}),
    ("out_of_scale", {"value": body(answers={"waktu": 5})}),
    ("unknown_item", {"value": body(answers={"parkir": 3})}),
    ("no_answer", {"value": body(answers={"waktu": None})}),
    ("unknown_questionnaire", {"value": body(questionnaire="spbe")}),
    ("missing_field", {"value": raw('"id": "p-1", ', "")}),
    ("unknown_field", {"value": body(nik="1234567890123456")}),
    ("not_supported_yet", {"value": body(comment="terima kasih")}),
    ("invalid_name", {"value": body(id="emoji-\N{GRINNING FACE}")}),
    ("invalid_name", {"value": body(id="nul-\0")}),
    ("time_out_of_range", {"value": body(submitted_at="1900-01-01T00:00:00Z")}),
    ("time_out_of_range", {"value": body(submitted_at="2999-01-01T00:00:00Z")}),
    ("time_without_offset", {"value": body(submitted_at="2026-11-01T10:00:00")}),
    ("tombstone", {"value": None}),
    ("key_mismatch", {"key": None}),
    ("key_mismatch", {"key": b"unit-1"}),
    ("wrong_partition", {"partition": (PARTITION + 1) % RESPONSES.partitions}),
    *[("missing_header", {"headers": headers(**{name.replace("-", "_"): None})}) for name in wire.HEADERS],
    ("unknown_type", {"headers": headers(ce_type=b"id.ikm.response.liked.v1")}),
    ("time_out_of_range", {"headers": headers(ce_time=b"2999-01-01T00:00:00Z")}),
    ("too_large", {"value": body(padding="x" * 10_000_000)}),
]


@pytest.mark.timeout(120)
async def test_poison_on_the_topic(own_kafka: Kafka, start_worker: Callable[..., WorkerProcess]) -> None:
    log = await ensure_topics(own_kafka.bootstrap)
    worker = start_worker()
    now = system_clock()
    neighbours = mixed_events(1, 4 * len(POISON), now, units=1)
    client = kafka.producer(own_kafka.bootstrap, client_id="poison", max_request_size=20_000_000)
    await client.start()
    origins: dict[str, tuple[str, dict[str, Any]]] = {}
    ends: dict[int, int] = {}
    for i, (code, change) in enumerate(POISON):
        record = {"value": body(), "key": UNIT.encode(), "partition": PARTITION, "headers": HEADERS} | change
        sent = await client.send_and_wait(RESPONSES.name, timestamp_ms=now, **record)
        origins[f"{RESPONSES.name}/{sent.partition}/{sent.offset}"] = (code, record)
        ends[sent.partition] = sent.offset + 1
        ends.update(await produce(own_kafka.bootstrap, neighbours[4 * i : 4 * i + 4], now))
    await client.stop()
    for topic in (SCORECARDS, INDEX):
        await wait_progress(own_kafka.bootstrap, topic.name, ends, log)
    assert worker.process.poll() is None
    found = await published(own_kafka.bootstrap)
    assert sum(len(events) for events in found.events.values()) == len(neighbours)
    found.assert_last_equal_everything()
    await assert_rejected(own_kafka.bootstrap, origins)


async def assert_rejected(bootstrap: str, origins: dict[str, tuple[str, dict[str, Any]]]) -> None:
    """Each is on `rejected.v1` as it came, with its code, a field, a message and its origin."""
    rejected = {dict(record.headers)["origin"].decode(): record for record in await read_all(bootstrap, REJECTED.name)}
    assert set(rejected) == set(origins)
    for origin, (code, sent) in origins.items():
        record = rejected[origin]
        said = {name: value.decode() for name, value in dict(record.headers).items() if name != "ce_id"}
        assert said["code"] == code, (sent, said)
        assert said["field"]
        assert len(said["message"]) > 20
        assert (record.key, record.value) == (sent["key"], sent["value"])
        assert assert_conforms(REJECTED.name, record) == "rejected.v1"
