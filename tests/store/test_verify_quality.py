"""Verify counts anew what became of events, and names the unit of a row of `quality` that says another thing."""

import itertools
from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import verify_quality
from api.difference import Difference, NotReached
from api.verify_quality import quality_differences
from api.verify_tables import Tables
from ikm import wire
from ikm.events import Event
from ikm.partition import partition_of
from runtime.clickhouse import Store
from runtime.topics import new_epoch
from sinks.events import EventsTable
from sinks.quality import count
from sinks.responses import ResponsesTable
from tests.fold.strategies import NOW_MS as DRAWN_MS
from tests.fold.strategies import events as any_event
from tests.store.world import NOW_MS
from tests.stream.mixed import mixed_events

HOUR_MS = 3_600_000
PARTITIONS = 2
EVENTS = 1_200

_logs = itertools.count(new_epoch())

Received = Sequence[tuple[Event | None, int]]
"""Events with the time of their receipt; None: what is refused."""
Compare = Callable[..., Awaitable[tuple[list[Difference], int]]]


def records(received: Received, partition: int) -> list[Any]:
    """Those of one partition, by their offsets; what is refused lies in the first, half of it about unit-1."""
    found: list[Any] = []
    for event, at in received:
        key, value, headers = (b"unit-1" if at % 2 else b"", b"{", [])
        if event is not None:
            key, value, headers = wire.encode(event, received_ms=at)
        if partition == (0 if event is None else partition_of(event.unit, PARTITIONS)):
            place = {"partition": partition, "offset": len(found), "timestamp": at}
            found.append(SimpleNamespace(key=key, value=value, headers=tuple(headers), **place))
    return found


async def counted(store: Store, log: int, received: Received) -> list[int]:
    """Archive events and count them as the sink does; returns where each partition ends."""
    ends = []
    for partition in range(PARTITIONS):
        of_it = records(received, partition)
        for table in (EventsTable(log, PARTITIONS), ResponsesTable(log, PARTITIONS)):
            rows = table.rows(of_it, partition)
            if rows.sources:
                await store.insert(table.name, rows.columns)
        ends.append(len(of_it))
    await count(store, log, dict(enumerate(ends)))
    return ends


async def compared(
    store: Store, log: int, needed: Sequence[int], ends: Sequence[int] | None = None
) -> tuple[list[Difference], int]:
    async def archived() -> Sequence[int]:
        return needed if ends is None else ends

    tables = Tables(store, f"ikm.verify_{log}")
    try:
        return await quality_differences(tables, log, needed, archived)
    finally:
        await tables.drop()


@given(events=st.lists(any_event | any_event | any_event | st.none(), min_size=4, max_size=14), data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_the_log_says_it_is_counted_alike(
    store: Store, events: list[Event | None], data: st.DataObject
) -> None:
    log = next(_logs)
    again = data.draw(st.lists(st.sampled_from(events), max_size=5))
    received = [
        (event, DRAWN_MS + data.draw(st.integers(0, 130)) * 60_000)
        for event in data.draw(st.permutations(events + again))
    ]
    differences, _ = await compared(store, log, await counted(store, log, received))
    assert differences == []


@pytest.fixture
async def filled(store: Store) -> Compare:
    """Duplicates, revisions, withdrawals, late and refused events over some hours; compares what is counted of them."""
    log = next(_logs)
    received: list[tuple[Event | None, int]] = [
        (event, NOW_MS + number * 9_000) for number, event in enumerate(mixed_events(4, EVENTS, NOW_MS, 5))
    ]
    received[100:100] = [(None, NOW_MS + number) for number in range(20)]
    ends = await counted(store, log, received)

    async def run(needed: Sequence[int] = ends, archived: Sequence[int] = ends) -> tuple[list[Difference], int]:
        return await compared(store, log, needed, archived)

    return run


async def test_what_the_sink_counted_is_equal(filled: Compare, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_quality, "MOST_EVENTS", 170)
    differences, rows = await filled()
    assert differences == []
    assert rows > 15
    ((*sums,),) = await store.rows("SELECT sum(duplicate), sum(late), sum(rejected) FROM ikm.quality FINAL")
    assert min(sums) >= 20


@pytest.mark.parametrize(
    "fault",
    [
        *(f"ALTER TABLE ikm.quality UPDATE {n} = {n} + 1 WHERE unit = 'unit-3'"
          for n in ("accepted", "duplicate", "late", "rejected")),
        "ALTER TABLE ikm.quality UPDATE late = late - 1 WHERE unit = 'unit-3' AND late > 0",
        "DELETE FROM ikm.quality WHERE unit = 'unit-3'",
        "INSERT INTO ikm.quality SELECT * REPLACE (hour + 7200000 AS hour) FROM ikm.quality WHERE unit = 'unit-3'",
        "INSERT INTO ikm.quality SELECT * REPLACE (7777 AS next_offset) FROM ikm.quality WHERE unit = 'unit-3'",
        "INSERT INTO ikm.quality SELECT * REPLACE (1 - partition AS partition) FROM ikm.quality WHERE unit = 'unit-3'",
    ],
)  # fmt: skip
async def test_every_alteration_names_its_unit(filled: Compare, store: Store, fault: str) -> None:
    await store.command(f"{fault} SETTINGS mutations_sync = 2" if fault.startswith("ALTER") else fault)
    differences, _ = await filled()
    assert {one.unit for one in differences} == {"unit-3"}
    assert all(one.bucket.startswith("quality 20") and one.expected != one.found for one in differences)


async def test_what_is_said_of_a_row(filled: Compare, store: Store) -> None:
    await store.command("DELETE FROM ikm.quality WHERE unit = '' AND rejected = 10")
    ((difference,), _) = await filled()
    assert difference == Difference(
        "", "quality 2025-11-23T12:00:00Z", "accepted=0 duplicate=0 late=0 rejected=10", "no row"
    )


async def test_what_is_not_counted_yet_is_waited_for(
    filled: Compare, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_quality, "PATIENCE_S", 0.1)
    await store.command("TRUNCATE TABLE ikm.quality")
    with pytest.raises(NotReached, match=r"counted up to 0 of partition 0.* is the sink up"):
        await filled()
