import random
from collections import defaultdict
from collections.abc import Callable, Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.periods import ClickHouseHistory
from ikm.events import Event
from ikm.grid import GRIDS, Grid
from ikm.index import INDICES
from ikm.period import KINDS, period_of
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import ZONES
from runtime.clickhouse import Lane, Store
from sinks.migrations import load
from sinks.sink import Sink
from sinks.sums import MOST_PIECES, add_up
from tests.fold import scratch
from tests.store.waiting import stored
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events

NOW_HOUR = NOW_MS // 3_600_000
Sums = dict[tuple[str, str, int], Scorecard]


async def stored_sums(store: Store, log: int, grid: Grid) -> Sums:
    rows = await store.rows(
        f"SELECT `index`, unit, toUnixTimestamp(hour), n, sum_x, sum_xx, histogram, parts FROM ikm.{grid.name} FINAL "
        "WHERE epoch = {e:UInt64} AND n > 0",
        {"e": log},
        lane=Lane.CHECK,
    )
    return {
        (index, unit, second // 3600): Scorecard(n, sum_x, sum_xx, tuple(histogram), tuple(parts))
        for index, unit, second, n, sum_x, sum_xx, histogram, parts in rows
    }


def sums(events: Iterable[Event], grid: Grid) -> Sums:
    """From scratch."""
    found: Sums = {}
    for (index, unit, hour, _), card in scratch.buckets(events).items():
        place = index, unit, grid.piece(hour)[0]
        found[place] = found[place].add(card) if place in found else card
    return found


async def assert_added_up(store: Store, world: World) -> None:
    for grid in GRIDS:
        assert await stored_sums(store, world.log, grid) == sums(world.all_events, grid)


@pytest.fixture
async def filled(world: World, store: Store, new_sink: Callable[..., Sink]) -> World:
    """Events in several runs, late ones, revisions, moves and withdrawals among them, each run stored by itself."""
    sink = new_sink()
    await sink.start()
    for seed in range(6):
        await world.produce(mixed_events(seed, 400, NOW_MS, units=5))
        await world.work(batch=70)
        await stored(store, world.topics.scorecards, world.log, world.ends())
    await sink.stop()
    return world


async def test_sums_are_what_the_events_say(filled: World, store: Store) -> None:
    await assert_added_up(store, filled)


async def test_a_sum_of_before_never_replaces_a_later_one(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    """As a sink would insert it that stood still while another one went on."""
    sink = new_sink()
    await sink.start()
    for seed in range(2):
        await world.produce(mixed_events(seed, 400, NOW_MS, units=5))
        await world.work(batch=70)
        await stored(store, world.topics.scorecards, world.log, world.ends())
        if seed == 0:
            for grid in GRIDS:
                await store.command(f"CREATE TABLE ikm.before_{grid.name} AS ikm.{grid.name}")
                await store.command(f"INSERT INTO ikm.before_{grid.name} SELECT * FROM ikm.{grid.name} FINAL")
    await sink.stop()
    for grid in GRIDS:
        await store.command(f"INSERT INTO ikm.{grid.name} SELECT * FROM ikm.before_{grid.name}")
    await assert_added_up(store, world)


async def test_adding_up_again_changes_nothing(filled: World, store: Store) -> None:
    places = {(unit, index, hour) for index, unit, hour, _ in scratch.buckets(filled.all_events)}
    await add_up(store, filled.log, places)
    await assert_added_up(store, filled)


async def test_spans_of_any_length_are_what_the_events_say(filled: World, store: Store) -> None:
    history = ClickHouseHistory(store, filled.log, scorecards=filled.topics.scorecards)
    hours = st.integers(NOW_HOUR - 24 * 400, NOW_HOUR + 48)
    midnights = st.builds(
        lambda day, zone: 24 * (NOW_HOUR // 24 + day) - ZONES[zone], st.integers(-400, 2), st.sampled_from(list(ZONES))
    )
    local = st.builds(
        lambda kind, zone, hour: period_of(kind, hour * 60, zone), st.sampled_from(list(KINDS)),
        st.sampled_from(list(ZONES)), hours,
    )  # fmt: skip
    periods = st.builds(lambda one: (one.from_minute // 60, one.to_minute // 60), local)
    spans = st.one_of(periods, *(st.tuples(ends, ends).map(sorted) for ends in (hours, midnights)))

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(spans, st.sampled_from(list(INDICES)), st.sampled_from([f"unit-{number}" for number in range(5)]))
    def inner(span: tuple[int, int], index: str, unit: str) -> None:
        asked.append((tuple(span), index, unit))

    asked: list[tuple[tuple[int, int], str, str]] = []
    inner()
    for span, index, unit in asked:
        expected = scratch.window(filled.all_events, index, unit, span[0] * 60, span[1] * 60)
        assert await history.read(unit, index, *span) == expected, (span, index, unit)
        found = await history.read_units(index, {unit: [span], "unit-x": [span]})
        assert found == ({unit: expected} if expected[0].n else {})


async def test_migration_adds_up_what_is_there(filled: World, store: Store) -> None:
    await store.command("TRUNCATE TABLE ikm.days")
    await store.command("TRUNCATE TABLE ikm.months")
    (migration,) = (one for one in load() if one.name == "sums")
    for _ in range(2):  # as after a crash before it was recorded
        for statement in migration.statements:
            await store.command(statement)
        await assert_added_up(store, filled)


async def test_more_pieces_than_one_statement_takes(store: Store) -> None:
    rng, layout = random.Random(3), LAYOUTS["ikm"]
    card = layout.empty.add(layout.of({"waktu": 3}) or layout.empty)
    units = [*(f"unit-{number}" for number in range(40)), *(["unit-40"] * 80)]
    places = {(rng.choice(units), "ikm", 24 * rng.randrange(8_000, 12_000)) for _ in range(3 * MOST_PIECES)}
    assert sum(unit == "unit-40" for unit, *_ in places) > MOST_PIECES
    await store.command(
        "INSERT INTO ikm.buckets (unit, `index`, hour, n, sum_x, sum_xx, histogram, epoch, rules, offset, to) "
        "SELECT p.1, p.2, toDateTime(3600 * p.3), 1, 1, 1, {h:Array(UInt64)}, 7, 1, 1, 1 FROM "
        "(SELECT arrayJoin(arrayZip({u:Array(String)}, {i:Array(String)}, {t:Array(UInt32)})) AS p)",
        {"h": list(card.histogram), **dict(zip("uit", map(list, zip(*places, strict=True)), strict=True))},
    )
    await add_up(store, 7, places)
    expected: dict[tuple[str, str, int], int] = defaultdict(int)
    for grid in GRIDS:
        expected.clear()
        for unit, index, hour in places:
            expected[index, unit, grid.piece(hour)[0]] += 1
        assert {place: one.n for place, one in (await stored_sums(store, 7, grid)).items()} == expected
