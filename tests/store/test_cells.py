"""`cells` holds what the answers come to, whatever comes, in whatever order, cut and repeated however."""

import itertools
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ikm.events import Event
from ikm.registry import Unit
from runtime.clickhouse import Store
from runtime.topics import new_epoch, states_of
from sinks.cells import PLACES_AT_ONCE, Cells, Run
from sinks.responses import ResponsesTable, states
from sinks.sink import Sink
from tests.fold.strategies import UNITS
from tests.fold.strategies import events as any_event
from tests.store import cells
from tests.store.registered import Register
from tests.store.test_responses import record, told
from tests.store.waiting import stored, until
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events

_logs = itertools.count(new_epoch())


def unit(code: str, parent: str | None = None, since: date = date(2020, 1, 1)) -> Unit:
    return Unit(code=code, name=code, parent=parent, valid_from=since, zone="Asia/Makassar", period="triwulan")


TREE = [unit("kota"), unit("dinas", "kota"), unit("unit-a", "dinas"), unit("unit-b", "kota")]
MOVES = [
    unit("unit-a", "unit-b", date(2025, 11, 18)),
    unit("unit-b", "dinas", date(2025, 11, 2)),
    unit("unit-b", None, date(2025, 10, 20)),
]


class Log:
    """A log of one partition that is stored run by run, as the sink does it."""

    def __init__(self, store: Store, register: Register, most: int = PLACES_AT_ONCE) -> None:
        self.store, self.register, self.epoch, self.most = store, register, next(_logs), most
        self.table = ResponsesTable(self.epoch, 1)
        self.events: list[Event] = []

    def cells(self) -> Cells:
        return Cells(self.store, self.epoch, self.register, 1, most=self.most)

    async def store_run(self, first: int, events: Sequence[Event], *, dies: bool = False) -> None:
        """Store offsets from `first` on; one that dies does so before the states are stored."""
        self.events[first:] = [*events, *self.events[first + len(events) :]]
        records = [record(event, first + at) for at, event in enumerate(events)]
        for one in records:
            one.partition = 0
        rows = self.table.rows(records, 0)
        await self.cells().add({0: Run(first, first + len(events), list(states(rows)))})
        if rows.sources and not dies:
            await self.store.insert(self.table.name, rows.columns)

    async def assert_exact(self) -> None:
        assert await cells.held(self.store, self.epoch) == cells.wanted(self.events, self.register.units)


@given(events=st.lists(any_event, max_size=14), data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_events_in_any_order_cut_and_killed_anywhere(store: Store, events: list[Event], data: st.DataObject):
    log = Log(store, Register(TREE), data.draw(st.sampled_from((1, 5, PLACES_AT_ONCE))))
    again = data.draw(st.lists(st.sampled_from(events), max_size=4)) if events else []
    arriving = data.draw(st.permutations([*events, *again]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(arriving)), max_size=3)))
    moves = data.draw(st.lists(st.sampled_from(MOVES), max_size=2, unique_by=lambda one: one.key))
    for first, end in itertools.pairwise((0, *cuts, len(arriving))):
        if data.draw(st.booleans()):
            # Killed between cells and states, and cut otherwise afterwards.
            await log.store_run(first, arriving[first : data.draw(st.integers(first, len(arriving)))], dies=True)
        await log.store_run(first, arriving[first:end])
        if moves:
            log.register.put([moves.pop()])
    await log.cells().bring_up([0])
    await log.assert_exact()


async def test_a_store_without_marks_is_counted_from_its_states(store: Store) -> None:
    log = Log(store, Register(TREE), 40)
    events = [event.model_copy(update={"unit": UNITS[at % 2]}) for at, event in enumerate(mixed_events(1, 300, NOW_MS))]
    for at in range(0, len(events), 60):
        await log.store_run(at, events[at : at + 60])
    await log.assert_exact()
    await store.command("TRUNCATE TABLE ikm.cells")
    await log.store_run(len(events), [])
    await log.assert_exact()


async def test_a_store_of_before_is_counted_at_a_start_though_nothing_comes(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    sink = new_sink()
    await sink.start()
    await world.produce(mixed_events(3, 500, NOW_MS, units=6))
    await stored(store, states_of(world.topics.responses), world.log, world.ends())
    await sink.stop()
    await store.command("TRUNCATE TABLE ikm.cells")
    again = new_sink()
    await again.start()
    expected = cells.wanted(world.all_events)
    await until(lambda: cells.held(store, world.log), lambda found: found == expected)
    await again.stop()


async def test_what_was_altered_is_mended_by_counting_anew(store: Store) -> None:
    log = Log(store, Register(TREE), 40)
    events = [event.model_copy(update={"unit": UNITS[at % 2]}) for at, event in enumerate(mixed_events(2, 300, NOW_MS))]
    await log.store_run(0, events)
    await store.command("ALTER TABLE ikm.cells DELETE WHERE unit = 'kota' SETTINGS mutations_sync = 2")
    await store.command("ALTER TABLE ikm.cells UPDATE n = n + 1 WHERE unit = 'unit-a' SETTINGS mutations_sync = 2")
    with pytest.raises(AssertionError):
        await log.assert_exact()
    await log.cells().count_anew(0, len(events))
    await log.assert_exact()


async def test_the_sink_keeps_the_cells_and_a_rebuild_mends_them(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    sink = new_sink()
    await sink.start()
    await _register(world, TREE)
    rng = random.Random(5)

    async def answered(seed: int, count: int) -> None:
        events = mixed_events(seed, count, NOW_MS, units=6)
        named = [e.model_copy(update={"unit": rng.choice(("unit-a", "unit-b", "dinas", "kota"))}) for e in events]
        await world.produce(told(event, number) for number, event in enumerate(named))
        await stored(store, states_of(world.topics.responses), world.log, world.ends())

    await answered(1, 1_500)
    assert await cells.held(store, world.log) == cells.wanted(world.all_events, TREE)
    await _register(world, [MOVES[0]])
    expected = cells.wanted(world.all_events, [*TREE, MOVES[0]])
    await until(lambda: cells.held(store, world.log), lambda found: found == expected)
    await store.command("ALTER TABLE ikm.cells DELETE WHERE unit = 'unit-a' SETTINGS mutations_sync = 2")
    await sink.rebuild(world.log)
    await answered(2, 200)
    await sink.stop()
    assert await cells.held(store, world.log) == cells.wanted(world.all_events, [*TREE, MOVES[0]])


async def _register(world: World, units: Iterable[Unit]) -> None:
    for one in units:
        await world.producer.send_and_wait(world.topics.units, one.model_dump_json().encode(), key=one.key.encode())
