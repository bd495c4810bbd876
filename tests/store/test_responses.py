"""`responses` holds the state of every response, whatever comes, in whatever order, cut wherever."""

import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ikm import wire
from ikm.entry import entry_of, state_of
from ikm.events import Event, Response
from ikm.partition import partition_of
from runtime.clickhouse import Store
from runtime.topics import new_epoch, states_of
from sinks.responses import ResponsesTable
from sinks.sink import Sink
from tests.fold.strategies import NOW_MS as DRAWN_MS
from tests.fold.strategies import events as any_event
from tests.store.states import held, wanted
from tests.store.waiting import count, stored
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events

_logs = itertools.count(new_epoch())


def record(event: Event, offset: int) -> Any:
    key, value, headers = wire.encode(event, received_ms=DRAWN_MS)
    place = {"partition": partition_of(event.unit, 8), "offset": offset, "timestamp": DRAWN_MS}
    return SimpleNamespace(key=key, value=value, headers=tuple(headers), **place)


def told(event: Event, number: int) -> Event:
    """With what a respondent says beside the answers."""
    if not isinstance(event, Response):
        return event
    return event.model_copy(
        update={"channel": ("qr", "wa", None)[number % 3], "respondent": {"jenis_kelamin": "LP"[number % 2]}}
    )


@given(events=st.lists(any_event, max_size=12), data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_events_in_any_order_and_any_cuts(store: Store, events: list[Event], data: st.DataObject):
    log = next(_logs)
    table = ResponsesTable(log, 8)
    again = data.draw(st.lists(st.sampled_from(events), max_size=4)) if events else []
    arriving = data.draw(st.permutations(events + again))
    cut = data.draw(st.integers(0, len(arriving)))
    for part in (arriving[:cut], arriving[cut:]):
        rows = table.rows([record(event, offset) for offset, event in enumerate(part)], 0)
        assert len(rows.sources) == len(part)
        if part:
            await store.insert(table.name, rows.columns)
    assert await held(store, log) == wanted(events)


@given(one=any_event, other=any_event)
def test_states_have_the_order_of_the_join(one: Event, other: Event):
    bodies, states = (entry_of(one).body, entry_of(other).body), (state_of(one), state_of(other))
    assert (states[0] < states[1]) == (bodies[0] < bodies[1])
    assert max(states) < 2**88


async def test_the_sink_keeps_the_states_and_a_rebuild_mends_them(
    world: World, store: Store, new_sink: Callable[..., Sink]
):
    sink = new_sink()
    await sink.start()
    await world.produce(told(event, number) for number, event in enumerate(mixed_events(1, 2_000, NOW_MS, units=6)))
    for topic in (world.topics.responses, states_of(world.topics.responses)):
        await stored(store, topic, world.log, world.ends())
    assert await held(store, world.log) == wanted(world.all_events)

    for sql in (
        "ALTER TABLE ikm.responses DELETE WHERE unit = 'unit-1' SETTINGS mutations_sync = 2",
        "ALTER TABLE ikm.responses UPDATE service = 'altered' WHERE unit = 'unit-2' SETTINGS mutations_sync = 2",
    ):
        await store.command(sql)
    assert await held(store, world.log) != wanted(world.all_events)
    await sink.rebuild(world.log)
    await world.produce(told(event, number) for number, event in enumerate(mixed_events(2, 100, NOW_MS, units=6)))
    await stored(store, states_of(world.topics.responses), world.log, world.ends())
    await sink.stop()
    assert await held(store, world.log) == wanted(world.all_events)
    assert await count(store, "SELECT count() FROM ikm.events FINAL") == len(world.all_events)
