"""`quality` is a pure function of the log, however it is cut, whoever counts, whatever is stored ahead."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ikm.events import Event, Response
from runtime.clickhouse import Columns, Store
from runtime.topics import new_epoch, states_of
from sinks import quality
from sinks.events import EventsTable
from sinks.quality import AheadError, count, count_spans, counted
from sinks.responses import ResponsesTable
from sinks.sink import Sink
from tests.fold.strategies import NOW_MS as DRAWN_MS
from tests.fold.strategies import events as any_event
from tests.store.qualities import Counts, found, recomputed, record, wanted
from tests.store.waiting import stored
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events

_logs = itertools.count(new_epoch())


async def archive(store: Store, log: int, records: Sequence[Any], *tables: type) -> None:
    for table in tables:
        rows = table(log, 1).rows(records, 0)
        if rows.sources:
            await store.insert(table(log, 1).name, rows.columns)


near = any_event.map(lambda event: event.model_copy(update={"unit": "u", "source": "qr", "id": "ab"[event.id > "b"]}))
"""Two responses, so that each has many events, and they are superseded in what is stored ahead."""


@given(events=st.lists(near | near | near | st.none(), min_size=4, max_size=14), data=st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_log_cut_anywhere_with_states_ahead(
    store: Store, events: list[Event | None], data: st.DataObject
) -> None:
    log = next(_logs)
    again = data.draw(st.lists(st.sampled_from(events), max_size=5))
    arriving = data.draw(st.permutations(events + again))
    received = [(event, DRAWN_MS + data.draw(st.integers(0, 130)) * 60_000) for event in arriving]
    records = [record(event, offset, at) for offset, (event, at) in enumerate(received)]
    cuts = sorted({0, len(records), *data.draw(st.lists(st.integers(0, len(records)), min_size=1, max_size=4))})
    ahead = 0
    for first, end in itertools.pairwise(cuts):
        await archive(store, log, records[first:end], EventsTable)
        further = data.draw(st.integers(max(end, ahead), len(records)))
        await archive(store, log, records[ahead:further], ResponsesTable)
        ahead = further
        await count(store, log, {0: end})
        assert await counted(store, log) == {0: end}
        assert await found(store, log) == recomputed(received[:end])


async def test_more_than_one_statement_takes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "MOST_EVENTS", 700)
    log = next(_logs)
    received = [(event, NOW_MS + number * 9_000) for number, event in enumerate(mixed_events(4, 3_000, NOW_MS, 5))]
    records = [record(event, offset, at) for offset, (event, at) in enumerate(received)]
    await archive(store, log, records, EventsTable, ResponsesTable)
    await count(store, log, {0: len(records)})
    wanted = recomputed(received)
    assert await found(store, log) == wanted
    assert all(sum(row[place] for row in wanted.values()) > 100 for place in (0, 1, 2))


async def test_of_two_that_count_at_once_neither_counts_twice(store: Store) -> None:
    log = next(_logs)
    received = [(event, NOW_MS) for event in mixed_events(6, 400, NOW_MS, 5)]
    records = [record(event, offset, at) for offset, (event, at) in enumerate(received)]
    await archive(store, log, records, EventsTable, ResponsesTable)
    await count(store, log, {0: 200})
    with pytest.raises(AheadError, match="partition 0 is counted up to 200, beyond 0, already"):
        await count_spans(store, log, {0: (0, 300)})
    slow = await quality._counts(store, log, quality._BEFORE, {0: (200, 300)}, "")
    await count(store, log, {0: 400})
    values = list(zip(*((log, 300, *row[: quality._UNSETTLED]) for row in slow), strict=True))
    await store.insert("ikm.quality", Columns(quality.COLUMNS, values))
    assert await found(store, log) == recomputed(received)


async def test_the_sink_counts_and_a_rebuild_counts_the_same(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    sink = new_sink()
    await sink.start()

    async def settle() -> Counts:
        for topic in (world.topics.responses, states_of(world.topics.responses)):
            await stored(store, topic, world.log, world.ends())
        await sink.quality.turn()
        return await found(store, world.log)

    for seed in (1, 2):
        await world.produce(mixed_events(seed, 800, NOW_MS, units=6))
        assert await settle() == wanted(world)
    await store.command("ALTER TABLE ikm.quality UPDATE late = late + 1 WHERE 1 SETTINGS mutations_sync = 2")
    assert await settle() != wanted(world)
    await sink.rebuild(world.log)
    assert await found(store, world.log) == wanted(world)
    await world.produce(mixed_events(3, 300, NOW_MS, units=6))
    assert await settle() == wanted(world)
    await sink.stop()


async def test_the_first_of_equal_states_stays(store: Store) -> None:
    log = next(_logs)
    first = next(event for event in mixed_events(1, 50, NOW_MS, 1) if isinstance(event, Response))
    older, same, newer = (first.model_copy(update={"revision": number}) for number in (1, 2, 3))
    await archive(store, log, [record(same, 0, NOW_MS)], ResponsesTable)
    for event, state in ((older, same), (same, same), (newer, newer)):
        await archive(store, log, [record(event, 9, NOW_MS)], ResponsesTable)
        rows = await store.rows(
            "SELECT revision, first_offset FROM ikm.responses FINAL WHERE log = {log:UInt64}", {"log": log}
        )
        assert [tuple(row) for row in rows] == [(state.revision, 9 if state is newer else 0)]
