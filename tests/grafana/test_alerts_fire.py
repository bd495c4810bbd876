"""Each alert rule fires on what it is for, and on nothing else, on the real engine."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from ikm.alarm import FRESH_SECONDS, SILENT_MINUTES, UNVERIFIED_MINUTES
from runtime.clickhouse import Store, connect
from sinks.schema import prepare
from tests.grafana.alerting import evaluate, firing

STOOD_IN = ("v_unit", "v_tree", "v_mover", "v_ops", "v_freshness", "ref_holiday")
MONDAY = int(datetime(2026, 11, 23, 3, 0, tzinfo=UTC).timestamp())
"""10.00 WIB, a working day."""
HOUR, MINUTE = 3_600, 60
DIFFERS, UNCHECKED = "angka berbeda", "belum diperiksa"

Put = Callable[..., Any]


@pytest.fixture(scope="module")
async def stood_in(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    """A store whose views are tables with the very same columns, to be filled by hand."""
    opened = await connect(f"chdb://{tmp_path_factory.mktemp('alerts')}")
    await prepare(opened)
    for view in STOOD_IN:
        await opened.command(f"CREATE TABLE ikm.stand_in ENGINE = Memory EMPTY AS SELECT * FROM ikm.{view}")
        await opened.command(f"DROP TABLE ikm.{view}")
        await opened.command(f"RENAME TABLE ikm.stand_in TO ikm.{view}")
    yield opened
    await opened.close()


@pytest.fixture
async def store(stood_in: Store) -> Store:
    """The same, empty."""
    for view in STOOD_IN:
        await stood_in.command(f"TRUNCATE TABLE ikm.{view}")
    return stood_in


@pytest.fixture
def put(store: Store) -> Put:
    """Puts a row into a view: `await put("v_unit", unit="kota", zone_hours=7)`."""

    async def one(view: str, **values: object) -> None:
        names = ", ".join(f"`{name}`" for name in values)
        await store.command(f"INSERT INTO ikm.{view} ({names}) VALUES ({', '.join(map(_literal, values.values()))})")

    return one


def _literal(value: object) -> str:
    if isinstance(value, dict):
        return f"map({', '.join(f'{_literal(key)}, {_literal(inside)}' for key, inside in value.items())})"
    return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)


def at(moment_s: int) -> str:
    return datetime.fromtimestamp(moment_s, UTC).strftime("%Y-%m-%d %H:%M:%S.000")


async def root(put: Put) -> None:
    await put("v_unit", unit="kota", name="Kota", zone="Asia/Jakarta", zone_hours=7, is_root=1, is_open=1)


async def verified(put: Put, moment_s: int, units: Sequence[str], instance: str = "a:1") -> None:
    said = {"role": "api", "instance": instance, "at": at(moment_s)}
    await put("v_ops", **said, name="ikm_verify_divergent_units", value=len(units))
    await put("v_ops", **said, name="ikm_verify_last_timestamp_seconds", value=moment_s)
    for unit in units:
        await put("v_ops", **said, name="ikm_verify_divergent", labels={"unit": unit}, value=1)


async def problems(store: Store) -> list[tuple[str, str]]:
    return [(one["masalah"], one["unit"]) for one in await firing(store, "ikm-angka-berbeda", MONDAY)]


async def test_units_that_differ_call_by_name(store: Store, put: Put) -> None:
    await verified(put, MONDAY - 60, [])
    assert await problems(store) == []
    await verified(put, MONDAY - 30, ["kel-a", "kel-b"])
    assert await problems(store) == [(DIFFERS, ""), (DIFFERS, "kel-a"), (DIFFERS, "kel-b")]
    instances = await evaluate(store, "ikm-angka-berbeda", MONDAY)
    assert [one.values["A"] for one in instances] == [2, 1, 1, 0]
    await verified(put, MONDAY - 10, [])
    assert await problems(store) == []


async def test_a_process_that_never_checked_does_not_hide_what_another_found(store: Store, put: Put) -> None:
    await verified(put, MONDAY - 60, ["kel-a"])
    said = {"role": "api", "instance": "b:1", "at": at(MONDAY - 10)}
    await put("v_ops", **said, name="ikm_verify_last_timestamp_seconds", value=0)
    assert await problems(store) == [(DIFFERS, ""), (DIFFERS, "kel-a")]


@pytest.mark.parametrize(("age", "called"), [(UNVERIFIED_MINUTES, False), (UNVERIFIED_MINUTES + 1, True)])
async def test_a_truth_check_that_is_too_old_calls(store: Store, put: Put, age: int, *, called: bool) -> None:
    await verified(put, MONDAY - age * MINUTE, [])
    assert await problems(store) == [(UNCHECKED, "")] * called


async def test_a_system_that_was_never_checked_calls(store: Store) -> None:
    assert await problems(store) == [(UNCHECKED, "")]


async def test_an_answer_that_waits_too_long_calls(store: Store, put: Put) -> None:
    await root(put)
    for partition, seconds in enumerate((0, FRESH_SECONDS, FRESH_SECONDS + 0.5)):
        await put("v_freshness", partition=partition, at=at(MONDAY), behind=1, seconds=seconds)
    assert await firing(store, "ikm-angka-terlambat", MONDAY) == [{"partition": "2", "zone": "Asia/Jakarta"}]


async def counted(put: Put, moment_s: int, name: str, outcome: str, increase: float | None) -> None:
    said = {"role": "worker", "instance": "a:1", "at": at(moment_s), "metric": f"{name}/{outcome}"}
    await put("v_ops", **said, name=name, labels={"outcome": outcome}, value=1e9, increase=increase)


async def test_refused_answers_call_where_they_are_refused(store: Store, put: Put) -> None:
    for moment_s in (MONDAY - 500, MONDAY - 10):
        await counted(put, moment_s, "ikm_worker_records_total", "valid", 95)
        await counted(put, moment_s, "ikm_worker_records_total", "rejected", 5)
        await counted(put, moment_s, "ikm_http_responses_total", "accepted", 94)
        await counted(put, moment_s, "ikm_http_responses_total", "rejected", 6)
        await counted(put, moment_s, "ikm_http_responses_total", "unacknowledged", 1_000)
    instances = await evaluate(store, "ikm-jawaban-ditolak", MONDAY)
    assert {one.labels["tempat"]: one.values["A"] for one in instances} == {"aliran": 5.0, "pintu HTTP": 6.0}
    assert [one["tempat"] for one in await firing(store, "ikm-jawaban-ditolak", MONDAY)] == ["pintu HTTP"]


async def test_refused_answers_of_before_do_not_call(store: Store, put: Put) -> None:
    await counted(put, MONDAY - 601, "ikm_http_responses_total", "rejected", 100)
    assert await evaluate(store, "ikm-jawaban-ditolak", MONDAY) == []
    await counted(put, MONDAY - 10, "ikm_http_responses_total", "rejected", 0)
    assert [one.values["A"] for one in await evaluate(store, "ikm-jawaban-ditolak", MONDAY)] == [0]


async def silent_minutes(store: Store, at_s: int) -> float:
    (one,) = await evaluate(store, "ikm-tidak-ada-jawaban", at_s)
    assert one.fires == (one.values["A"] > SILENT_MINUTES)
    return one.values["A"]


async def test_silence_within_office_hours_calls(store: Store, put: Put) -> None:
    await root(put)
    last = MONDAY - 31 * MINUTE
    await counted(put, last, "ikm_worker_records_total", "valid", 1)
    await counted(put, MONDAY - 10, "ikm_worker_records_total", "valid", 0)
    await counted(put, MONDAY - 10, "ikm_worker_records_total", "rejected", 3)
    assert await silent_minutes(store, MONDAY) == 31
    await counted(put, MONDAY - 5, "ikm_worker_records_total", "valid", 1)
    assert await silent_minutes(store, MONDAY) < 1


async def test_silence_is_counted_from_the_opening_and_ends_with_the_closing(store: Store, put: Put) -> None:
    await root(put)
    opening = MONDAY - 2 * HOUR
    assert await silent_minutes(store, opening - 1) == 0
    assert await silent_minutes(store, opening + 30 * MINUTE) == 30
    assert await silent_minutes(store, opening + 31 * MINUTE) == 31
    assert await silent_minutes(store, opening + 7 * HOUR - 1) > SILENT_MINUTES
    assert await silent_minutes(store, opening + 7 * HOUR) == 0


async def test_nobody_is_called_on_a_day_off(store: Store, put: Put) -> None:
    await root(put)
    assert await silent_minutes(store, MONDAY) > SILENT_MINUTES
    assert await silent_minutes(store, MONDAY - 24 * HOUR) == 0
    assert await silent_minutes(store, MONDAY - 48 * HOUR) == 0
    assert await silent_minutes(store, MONDAY - 72 * HOUR) > SILENT_MINUTES
    await put("ref_holiday", day="2026-11-23")
    assert await silent_minutes(store, MONDAY) == 0


async def test_hours_are_those_of_the_root(store: Store, put: Put) -> None:
    await put("v_unit", unit="papua", name="Papua", zone="Asia/Jayapura", zone_hours=9, is_root=1, is_open=1)
    await put("v_unit", unit="cabang", name="Cabang", zone="Asia/Jakarta", zone_hours=7, parent="papua", is_open=1)
    assert await silent_minutes(store, MONDAY + 3 * HOUR - 1) > SILENT_MINUTES
    assert await silent_minutes(store, MONDAY + 3 * HOUR) == 0


async def test_the_heart_always_beats(store: Store) -> None:
    assert await firing(store, "ikm-detak", MONDAY) == [{"zone": "UTC"}]


async def moved(put: Put, unit: str, scope: str = "self", **values: object) -> None:
    said: dict[str, object] = {
        "unit": unit, "name": unit.title(), "index": "ikm", "scope": scope, "period": "2026-TW4", "base": "2026-TW3",
        "n": 60, "base_n": 90, "value": 70.0, "base_value": 80.0, "mutu": "C", "base_mutu": "B", "difference": -10.0,
        "lo": -12.0, "hi": -8.0, "moved": 1, "fell": 1,
    }  # fmt: skip
    await put("v_mover", **{**said, **values})
    await put("v_unit", unit=unit, name=unit.title(), zone="Asia/Makassar", zone_hours=8, is_open=1)


async def test_a_real_fall_into_a_lower_letter_calls(store: Store, put: Put) -> None:
    await moved(put, "turun")
    await moved(put, "naik", value=90.0, mutu="A", difference=10.0, lo=8.0, hi=12.0, fell=0)
    await moved(put, "tetap", value=79.0, difference=-1.0, lo=-3.0, hi=1.0, mutu="B", moved=0, fell=0)
    await moved(put, "huruf-saja", value=76.0, base_value=77.0, difference=-1.0, lo=-3.0, hi=1.0, moved=0, fell=0)
    await moved(put, "sama-huruf", value=77.0, base_value=88.0, difference=-11.0, mutu="B")
    await moved(put, "sedikit", difference=None, lo=None, hi=None, moved=None, fell=None)
    instances = {one.labels["unit"]: one for one in await evaluate(store, "ikm-kepuasan-turun", MONDAY)}
    assert sorted(instances) == ["huruf-saja", "naik", "sama-huruf", "tetap", "turun"]
    assert [unit for unit, one in instances.items() if one.fires] == ["turun"]
    assert instances["turun"].values == {"A": 10.0, "B": 70.0}
    assert instances["turun"].labels == {
        "unit": "turun", "name": "Turun", "index": "ikm", "scope": "self", "period": "2026-TW4", "base": "2026-TW3",
        "base_mutu": "B", "zone": "Asia/Makassar",
    }  # fmt: skip


async def test_a_unit_counts_with_those_below_it_only_where_there_are_any(store: Store, put: Put) -> None:
    await moved(put, "induk", scope="pooled")
    await moved(put, "daun", scope="pooled")
    await put("v_tree", unit="induk", member="daun", is_current=1)
    for unit in ("induk", "daun"):
        await put("v_tree", unit=unit, member=unit, is_current=1)
    assert [one["unit"] for one in await firing(store, "ikm-kepuasan-turun", MONDAY)] == ["induk"]


async def test_without_a_closed_period_there_is_nothing_to_compare(store: Store) -> None:
    assert await evaluate(store, "ikm-kepuasan-turun", MONDAY) == []
