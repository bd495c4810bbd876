"""Answers, corrections and withdrawals over HTTP, and what arrives on the log."""

import json

from aiokafka import TopicPartition

from ikm.events import EventType, Response, Withdrawal
from ikm.partition import partition_of
from ikm.position import Position
from ikm.wire import decode_record
from runtime import kafka as clients
from tests.web.answers import answer
from tests.web.problems import problem
from tests.web.serving import Served


async def records(bootstrap: str, unit: str, position: str, count: int):
    """The last `count` records of a unit's partition before a position."""
    place = TopicPartition("responses.v1", partition_of(unit, 8))
    end = Position.decode(position).offsets[place.partition]
    consumer = clients.consumer(bootstrap, client_id="test")
    await consumer.start()
    try:
        consumer.assign([place])
        consumer.seek(place, end - count)
        found = []
        while len(found) < count:
            for batch in (await consumer.getmany(timeout_ms=1000)).values():
                found += batch
        return found[:count]
    finally:
        await consumer.stop()


def event(record):
    return decode_record(record, 8)


async def test_one_answer_becomes_one_record(served: Served, kafka: str, unique):
    unit = unique("unit")
    await served.register(unit)
    reply = await served.admin.post("/v1/responses", json=answer(unit, "a1"))
    assert reply.status_code == 202
    body = reply.json()
    assert (set(body), body["accepted"], body["rejected"]) == ({"accepted", "rejected", "position"}, 1, [])
    position = Position.decode(body["position"])
    assert position.log == served.reads.log_epoch
    assert set(position.offsets) == {partition_of(unit, 8)}

    (record,) = await records(kafka, unit, body["position"], 1)
    taken = event(record)
    assert isinstance(taken, Response)
    assert (taken.source, taken.revision, taken.unit, taken.id) == ("admin", 1, unit, "a1")
    headers = dict(record.headers)
    assert headers["ce_type"] == EventType.SUBMITTED.encode()
    assert headers["ce_time"].decode().endswith("Z")
    assert record.timestamp // 1000 == round(record.timestamp / 1000 - 0.5)
    from ikm.times import parse_rfc3339

    assert parse_rfc3339(headers["ce_time"].decode()) == record.timestamp


async def test_a_list_touches_several_partitions_and_keeps_the_order_within_a_unit(served: Served, kafka: str, unique):
    units = [unique("unit") for _ in range(6)]
    for unit in units:
        await served.register(unit)
    items = [answer(units[number % 6], f"r{number}") for number in range(600)]
    reply = await served.admin.post("/v1/responses", json=items)
    assert (reply.status_code, reply.json()["accepted"]) == (202, 600), reply.text
    position = reply.json()["position"]
    assert set(Position.decode(position).offsets) == {partition_of(unit, 8) for unit in units}
    unit = units[0]
    shared = sum(1 for item in items if partition_of(item["unit"], 8) == partition_of(unit, 8))
    ids = [event(record).id for record in await records(kafka, unit, position, shared)]
    assert ids == [item["id"] for item in items if partition_of(item["unit"], 8) == partition_of(unit, 8)]


async def test_a_known_id_again_counts_as_accepted(served: Served, unique):
    unit = unique("unit")
    await served.register(unit)
    item = answer(unit, "same")
    for _ in range(2):
        assert (await served.admin.post("/v1/responses", json=item)).json()["accepted"] == 1
    assert (await served.admin.post("/v1/responses", json=[item, item])).json()["accepted"] == 2


async def test_valid_neighbours_are_kept(served: Served, unique):
    unit = unique("unit")
    await served.register(unit)
    bad = answer(unit, "b", answers={"waktu": 5})
    reply = await served.admin.post("/v1/responses", json=[answer(unit, "a"), bad, 7, answer(unit, "c")])
    assert reply.status_code == 202
    body = reply.json()
    assert body["accepted"] == 2
    assert [(entry["index"], entry["id"], entry["field"], entry["code"]) for entry in body["rejected"]] == [
        (1, "b", "answers.waktu", "out_of_scale"),
        (2, None, "body", "wrong_type"),
    ]
    assert all(set(entry) == {"index", "id", "field", "code", "message"} for entry in body["rejected"])


async def test_nothing_valid_is_422_with_the_same_objects(served: Served, unique):
    unit = unique("unit")
    await served.register(unit)
    body = problem(
        await served.admin.post("/v1/responses", json=answer(unit, "b", answers={"waktu": 5})), 422, "out_of_scale"
    )
    (entry,) = body["errors"]
    assert (entry["index"], entry["id"], entry["field"], entry["code"]) == (0, "b", "answers.waktu", "out_of_scale")


async def test_a_source_writes_in_its_own_name_only(served: Served, kafka: str, unique):
    unit = unique("unit")
    await served.register(unit)
    reply = await served.source.post("/v1/responses", json=answer(unit, "a"))
    (record,) = await records(kafka, unit, reply.json()["position"], 1)
    assert event(record).source == "kiosk"
    assert (await served.source.post("/v1/responses", json=answer(unit, "a", source="kiosk"))).status_code == 202
    problem(await served.source.post("/v1/responses", json=answer(unit, "a", source="web")), 403, "source_not_yours")
    mixed = [answer(unit, "x"), answer(unit, "y", source="web")]
    problem(await served.source.post("/v1/responses", json=mixed), 403, "source_not_yours")
    path = f"/v1/units/{unit}/responses/web/a"
    problem(await served.source.put(path, json=answer(unit, "a", revision=2)), 403, "source_not_yours")
    problem(await served.source.delete(path), 403, "source_not_yours")
    assert (await served.admin.post("/v1/responses", json=answer(unit, "a", source="web"))).status_code == 202


async def test_a_correction_may_leave_out_what_its_address_says(served: Served, kafka: str, unique):
    unit = unique("unit")
    await served.register(unit)
    path = f"/v1/units/{unit}/responses/web/r:1"
    whole = answer(unit, "r:1", source="web", revision=2)
    for left_out in ((), ("id", "source", "unit")):
        body = {name: value for name, value in whole.items() if name not in left_out}
        reply = await served.admin.put(path, json=body)
        assert reply.status_code == 202, reply.text
        (record,) = await records(kafka, unit, reply.json()["position"], 1)
        assert dict(record.headers)["ce_type"] == EventType.REVISED.encode()
        taken = event(record)
        assert (taken.unit, taken.source, taken.id, taken.revision) == (unit, "web", "r:1", 2)


async def test_what_a_correction_may_not_say(served: Served, unique):
    unit = unique("unit")
    await served.register(unit)
    path = f"/v1/units/{unit}/responses/web/r1"
    whole = answer(unit, "r1", source="web", revision=2)
    for field in ("id", "source", "unit"):
        body = problem(await served.admin.put(path, json={**whole, field: "other"}), 422, "contradiction")
        assert [error["field"] for error in body["errors"]] == [field]
    for revision in (0, 1, 65_536):
        problem(await served.admin.put(path, json={**whole, "revision": revision}), 422, "out_of_scale")
    problem(await served.admin.put(path, json={**whole, "revision": 2.0}), 422, "wrong_type")
    problem(await served.admin.put(path, json=answer(unit, "r1")), 422, "missing_field")
    problem(await served.admin.put(path, json=[whole]), 422, "wrong_type")
    problem(await served.admin.put(path, json={**whole, "comment": "x"}), 422, "not_supported_yet")
    assert (await served.admin.put(path, json={**whole, "revision": 65_535})).status_code == 202


async def test_a_withdrawal_needs_no_submission(served: Served, kafka: str, unique):
    unit = unique("unit")
    await served.register(unit)
    for _ in range(2):
        reply = await served.admin.delete(f"/v1/units/{unit}/responses/web/never")
        assert (reply.status_code, set(reply.json())) == (202, {"position"})
    (record,) = await records(kafka, unit, reply.json()["position"], 1)
    assert json.loads(record.value) == {"unit": unit, "source": "web", "id": "never"}
    assert isinstance(event(record), Withdrawal)


async def test_an_unknown_unit(served: Served, unique):
    unit = unique("nowhere")
    problem(await served.admin.post("/v1/responses", json=answer(unit, "a")), 422, "unknown_unit")
    path = f"/v1/units/{unit}/responses/web/a"
    problem(await served.admin.put(path, json=answer(unit, "a", source="web", revision=2)), 404, "unknown_unit")
    problem(await served.admin.delete(path), 404, "unknown_unit")


async def test_a_service_must_be_one_of_those_that_the_unit_lists(served: Served, unique):
    listing, free = unique("unit"), unique("unit")
    await served.register(listing, services=[{"code": "KTP", "name": "Kartu Tanda Penduduk"}])
    await served.register(free)
    items = [
        answer(listing, "a", service="KTP"),
        answer(listing, "b", service="SIM"),
        answer(free, "c", service="SIM"),
        answer(listing, "d"),
    ]
    body = (await served.admin.post("/v1/responses", json=items)).json()
    assert body["accepted"] == 3
    assert [(entry["id"], entry["field"], entry["code"]) for entry in body["rejected"]] == [
        ("b", "service", "unknown_service")
    ]


async def test_names_in_an_address(served: Served, unique):
    unit = unique("unit")
    await served.register(unit)
    for path in (f"/v1/units/{unit}/responses/we%20b/a", f"/v1/units/{unit}/responses/web/a%F0%9F%98%80"):
        problem(await served.admin.delete(path), 422, "invalid_name")
        problem(await served.admin.put(path, json=answer(unit, "a", revision=2)), 422, "invalid_name")
