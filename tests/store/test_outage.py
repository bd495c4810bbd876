import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from ikm.registry import parse_unit
from runtime.clickhouse import Lane, Store
from sinks.sink import Sink
from tests.fold import scratch
from tests.store.test_sink import stored_buckets
from tests.store.waiting import count, stored, until
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events

PUSKESMAS = {
    "unit": "pkm-1",
    "zone": "Asia/Makassar",
    "period": "triwulan",
    "population": 500,
    "valid_to": "2027-01-01",
    "merged_into": "pkm-2",
    "periods": [{"code": "imunisasi", "from": "2026-02-01", "to": "2026-03-01", "grace_days": 3}],
    "targets": [{"period": "imunisasi", "index": "ikm", "n": 50, "value": 88.31}],
}
LONGER_THAN_A_SESSION_S = 8


async def test_a_store_that_is_away_is_waited_for_without_losing_the_partitions(
    world: World, store: Store, new_sink: Callable[..., Sink], monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, back_at, failed = store.insert, time.monotonic() + LONGER_THAN_A_SESSION_S, []

    async def insert_or_fail(*arguments: Any) -> None:
        if time.monotonic() < back_at:
            failed.append(arguments[0])
            raise OSError("the store is away")
        await insert(*arguments)

    sink = new_sink()
    await sink.start()
    monkeypatch.setattr(store, "insert", insert_or_fail)
    await world.produce(mixed_events(1, 300, NOW_MS, units=6))
    await world.work(batch=50)
    for topic in (world.topics.responses, world.topics.scorecards):
        await stored(store, topic, world.log, world.ends())
    await sink.stop()
    assert {"ikm.events", "ikm.buckets"} <= set(failed)
    assert await count(store, "SELECT count() FROM ikm.events") == len(world.all_events)
    assert await stored_buckets(store, world.log) == scratch.buckets(world.all_events)


async def test_the_register_is_stored_and_the_later_record_of_a_date_wins(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    sink = new_sink()
    await sink.start()
    for name in ("Puskesmas Satu", "Puskesmas Dua"):
        unit = parse_unit(json.dumps({**PUSKESMAS, "name": name}))
        await world.producer.send(world.topics.units, unit.model_dump_json().encode(), key=unit.key.encode())
    await world.producer.send_and_wait(world.topics.units, b"not a unit", key=b"x@2004-01-01")

    async def register() -> list[tuple[Any, ...]]:
        sql = """SELECT unit, toString(valid_from), toString(valid_to), merged_into, name, zone, period, population,
                        periods, targets FROM ikm.units FINAL"""
        return list(await store.rows(sql, lane=Lane.CHECK))

    [row] = await until(register, lambda rows: [row[4] for row in rows] == ["Puskesmas Dua"])
    assert row[:8] == (
        "pkm-1", "2004-01-01", "2027-01-01", "pkm-2", "Puskesmas Dua", "Asia/Makassar", "triwulan", 500,
    )  # fmt: skip
    assert [json.loads(lists) for lists in row[8:]] == [PUSKESMAS["periods"], PUSKESMAS["targets"]]
    await sink.stop()
