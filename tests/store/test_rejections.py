"""`rejections` tells of every refused record where it lay and why, and nothing of what it held."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ikm import wire
from ikm.errors import Refused
from ikm.partition import partition_of
from ikm.rejection import Reason
from runtime.clickhouse import Lane, Store
from sinks.sink import Sink
from stream_processors.publication import rejected_record
from tests.store.waiting import stored
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events

SECRET = "081234567890"


def poisoned(change: Callable[[dict[str, Any]], Any]) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    event = next(one for one in mixed_events(1, 50, NOW_MS, units=1) if "waktu" in getattr(one, "answers", ()))
    key, value, headers = wire.encode(event, received_ms=NOW_MS)
    said = json.loads(value)
    change(said)
    return key, json.dumps(said).encode(), headers


def letter(record: tuple[bytes, bytes, list[tuple[str, bytes]]], origin: str, partitions: int = 2) -> Any:
    key, value, headers = record
    place = {"timestamp_ms": NOW_MS, "partition": partition_of(key.decode(), partitions), "partitions": partitions}
    with pytest.raises(Refused) as caught:
        wire.decode(key=key, value=value, headers=headers, **place)
    return rejected_record(
        caught.value, origin, key, value, [*headers, ("code", b"theirs"), ("field", SECRET.encode())]
    )


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (lambda said: said["answers"].update({"waktu": 9}), "out_of_scale", "answers.waktu"),
        (lambda said: said["answers"].update({SECRET: 4}), "unknown_item", "answers.*"),
        (lambda said: said["answers"].update({"saya Budi. telepon.waktu": 4}), "unknown_item", "answers.*"),
        (lambda said: said.update({SECRET: {"answers": 4}}), "unknown_field", "*"),
        (lambda said: said.update(respondent={SECRET: "x"}), "unknown_field", "respondent.*"),
        (lambda said: said.update(respondent={"usia": SECRET}), "out_of_scale", "respondent.usia"),
        (lambda said: said.update(comment=SECRET), "not_supported_yet", "comment"),
        (lambda said: said.update(id=SECRET + " "), "invalid_name", "id"),
    ],
)
def test_a_path_is_told_as_far_as_it_is_ours(change: Callable[[dict[str, Any]], Any], code: str, field: str) -> None:
    reason = Reason.read(letter(poisoned(change), "responses.v1/1/7").headers)
    assert (reason.code, reason.known_field, reason.place) == (code, field, ("responses.v1", 1, 7))


@pytest.mark.parametrize(
    "headers", [[], [("code", b"tombstone")], [("code", b"new"), ("field", b""), ("message", b""), ("origin", b"")]]
)
def test_what_has_no_reason_in_front_is_no_rejection(headers: list[tuple[str, bytes]]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Reason.read(headers)


async def test_the_sink_stores_each_once_with_the_time_of_the_first(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    origin = f"{world.topics.responses}/1"
    sent = [
        (letter(poisoned(lambda said: said["answers"].update({SECRET: 4})), f"{origin}/7"), NOW_MS),
        (letter(poisoned(lambda said: said.update(comment=SECRET)), f"{origin}/9"), NOW_MS + 1),
        (letter(poisoned(lambda said: said["answers"].update({SECRET: 4})), f"{origin}/7"), NOW_MS + 60_000),
    ]
    place = {"topic": world.topics.rejected, "partition": 0}
    for record, at in sent:
        await world.producer.send_and_wait(
            key=record.key, value=record.value, headers=record.headers, timestamp_ms=at, **place
        )
    await world.producer.send_and_wait(value=b"somebody else's", **place)
    sink = new_sink()
    await sink.start()
    await stored(store, world.topics.rejected, world.log, {0: 4})
    await sink.stop()
    rows = await store.rows(
        "SELECT log, topic, partition, offset, toUnixTimestamp64Milli(at), unit, code, field FROM ikm.rejections FINAL "
        "ORDER BY offset",
        lane=Lane.CHECK,
    )
    where = (world.log, world.topics.responses, 1)
    assert [tuple(row) for row in rows] == [
        (*where, 7, NOW_MS, "unit-0", "unknown_item", "answers.*"),
        (*where, 9, NOW_MS + 1, "unit-0", "not_supported_yet", "comment"),
    ]
    dump = await store.rows("SELECT toString(tuple(*)) FROM ikm.rejections", lane=Lane.CHECK)
    assert SECRET not in str(dump)
