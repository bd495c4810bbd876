"""Closing by itself, by an injected clock; whoever closes at once, whoever is killed, the first on the log counts."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import pytest

from ikm.closing import SCOPES, Closing
from ikm.figure import figure, mean_figure
from ikm.index import INDICES
from ikm.period import parse_period
from ikm.registry import Unit
from ikm.scorecard import LAYOUTS
from ikm.times import parse_rfc3339, rfc3339_minute
from runtime.clickhouse import Store, connect
from runtime.closer import Closer, Differs, NotClosed
from runtime.closings import ClosingsTable
from runtime.reached import Names, NotReady
from runtime.topics import PERIODS
from sinks.sink import Sink
from tests.contracts.conformity import assert_conforms
from tests.fold import scratch
from tests.store.test_crash import ROOT
from tests.store.waiting import count, stored, until
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events
from tests.stream.topics import read_all

SCRIPT = Path(__file__).with_name("sink_process.py")
HOUR_MS = 3_600_000
LONG_AGO = parse_rfc3339("2025-09-01T00:00:00Z")
END = parse_rfc3339("2025-10-31T17:00:00Z")
"""Of October in WIB; in it lie answers of the world's units."""
DUE = END + 7 * 24 * HOUR_MS


def unit(code: str, zone: str = "Asia/Jakarta") -> Unit:
    return Unit(code=code, name=code, zone=zone, period="bulanan", population=500)


async def register(world: World, *units: Unit, at_ms: int = LONG_AGO) -> None:
    for one in units:
        await world.producer.send_and_wait(
            world.topics.units, one.model_dump_json().encode(), key=one.key.encode(), timestamp_ms=at_ms
        )


async def fill(world: World, seed: int = 1, events: int = 1_500) -> None:
    await world.produce(mixed_events(seed, events, NOW_MS, units=4))
    await world.work(batch=100)


async def settled(world: World, store: Store) -> None:
    for topic in (world.topics.responses, world.topics.scorecards):
        await stored(store, topic, world.log, world.ends())


def names(world: World) -> Names:
    topics = world.topics
    return Names(topics.responses, topics.scorecards, topics.periods, topics.partitions)


def closer(world: World, store: Store, at_ms: int = NOW_MS, register: Sequence[Unit] = ()) -> Closer:
    clock, of = (lambda: at_ms), (lambda: register)
    return Closer(world.bootstrap, store, world.log, clock=clock, register=of, names=names(world))


async def on_log(world: World) -> list[Closing]:
    records = await read_all(world.bootstrap, world.topics.periods)
    for record in records:
        assert_conforms(PERIODS.name, record)
    return [Closing.model_validate_json(record.value) for record in records]


async def in_store(world: World, store: Store, *units: str) -> list[Closing]:
    return await ClosingsTable(store, world.log).of_units(units or ["unit-0", "unit-1", "unit-2", "unit-3"])


def assert_true(world: World, closing: Closing, events: Sequence | None = None) -> None:
    """The closing is the fold from scratch over the events up to its position, by default over all."""
    everything = world.all_events if events is None else events
    layout, parts, watermarks = LAYOUTS[closing.index], [], []
    for code, spans in closing.spans.items():
        found = [scratch.window(everything, closing.index, code, first, end) for first, end in spans]
        parts.append(layout.total(card for card, _ in found))
        assert closing.cards[code] == parts[-1]
        watermarks += [watermark for _, watermark in found if watermark is not None]
    card = layout.total(parts)
    assert layout.from_json(closing.scorecard) == card
    assert closing.watermark == (rfc3339_minute(max(watermarks)) if watermarks else None)
    index = INDICES[closing.index]
    assert closing.said == (mean_figure(index, parts) if closing.scope == "mean" else figure(index, card))


@pytest.fixture
async def filled(world: World, store: Store, new_sink: Callable[..., Sink]) -> AsyncIterator[Sink]:
    """A sink that has stored a log; nothing is registered, so nothing closes by itself."""
    await fill(world)
    sink = new_sink(clock=lambda: NOW_MS)
    await sink.start()
    await settled(world, store)
    yield sink
    await sink.stop()


async def test_a_period_closes_after_its_days_of_grace_in_its_own_zone(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    await register(world, unit("unit-0"), unit("unit-1", "Asia/Jayapura"), unit("unit-3"))
    await register(world, unit("unit-2"), at_ms=END)
    await fill(world)
    now = [DUE - 2 * HOUR_MS - 1]
    sink = new_sink(clock=lambda: now[0])
    await sink.start()
    await settled(world, store)
    await until(lambda: in_store(world, store), lambda found: {c.period for c in found} == {"2025-09"})
    for moment, closed in ((DUE - 2 * HOUR_MS, {"unit-1"}), (DUE, {"unit-0", "unit-1", "unit-3"})):
        now[0] = moment
        await until(
            lambda: in_store(world, store),
            lambda found, closed=closed: {c.unit for c in found if c.period == "2025-10"} >= closed,
        )
    await sink.stop()

    found = await in_store(world, store)
    october = [closing for closing in found if closing.period == "2025-10"]
    assert {(c.unit, c.index) for c in october} == {(u, i) for u in ("unit-0", "unit-1", "unit-3") for i in INDICES}
    for closing in found:
        assert_true(world, closing)
        assert (closing.number, closing.scope, closing.tree) == (0, "self", (closing.unit,))
        assert (closing.closed_by, closing.population, closing.reason) == ("sink", 500, None)
    assert any(closing.said.n > 20 for closing in october)
    assert {c.to for c in october if c.unit == "unit-1"} == {"2025-10-31T15:00:00Z"}
    assert len(await on_log(world)) == len(found)


async def test_what_comes_later_changes_nothing_that_is_frozen(world: World, store: Store, filled: Sink) -> None:
    closes, october = closer(world, store), parse_period("2025-10", "Asia/Jakarta")
    await closes.close(unit("unit-0"), october, "admin")
    frozen, before = await in_store(world, store), world.all_events
    await fill(world, seed=2)
    await settled(world, store)
    await closes.close(unit("unit-0"), october, "someone")
    assert await in_store(world, store) == frozen == await on_log(world)
    for closing in frozen:
        assert_true(world, closing, before)
    await closes.correct(unit("unit-0"), october, "admin", "terlambat")
    await closes.correct(unit("unit-0"), october, "admin", "lagi")
    found = await in_store(world, store)
    assert [c for c in found if c.number == 0] == frozen
    assert sorted({(c.number, c.reason) for c in found if c.number}) == [(1, "terlambat"), (2, "lagi")]
    for closing in found:
        if closing.number:
            assert_true(world, closing)


async def test_nothing_closed_is_not_corrected_and_a_store_that_is_behind_closes_nothing(
    world: World, store: Store, filled: Sink
) -> None:
    october = parse_period("2025-10", "Asia/Jakarta")
    with pytest.raises(NotClosed, match="2025-10"):
        await closer(world, store).correct(unit("unit-0"), october, "admin", "x")
    await world.produce(mixed_events(3, 40, NOW_MS, units=4))
    with pytest.raises(NotReady, match="unit-0"):
        await closer(world, store).close(unit("unit-0"), october, "admin", patience_s=0.5)
    assert await on_log(world) == []


async def test_a_closing_amid_answers_is_true_at_its_position(world: World, store: Store, filled: Sink) -> None:
    october, closes = parse_period("2025-10", "Asia/Jakarta"), closer(world, store)
    closing = asyncio.gather(*(closes.close(unit(f"unit-{number}"), october, "admin") for number in range(4)))
    seed = 100
    while not closing.done():
        seed += 1
        await world.produce(mixed_events(seed, 30, NOW_MS, units=4))
        await world.work()
    await closing
    found = await in_store(world, store)
    assert len(found) == 4 * len(INDICES)
    for one in found:
        ((partition, offset),) = one.where.offsets.items()
        assert_true(world, one, world.events[partition][:offset])
    assert any(one.where.offsets[p] < end for one in found for p, end in world.ends().items() if p in one.where.offsets)


async def test_a_figure_that_the_events_do_not_give_is_not_published(world: World, store: Store, filled: Sink) -> None:
    hour = await count(store, "SELECT min(toUnixTimestamp(hour)) FROM ikm.buckets WHERE unit = 'unit-2' AND n = 1")
    october = parse_period("2025-10", "Asia/Jakarta")
    assert 60 * october.from_minute <= hour < 60 * october.to_minute
    await store.command(
        f"ALTER TABLE ikm.buckets UPDATE sum_x = sum_x + 1 WHERE unit = 'unit-2' AND toUnixTimestamp(hour) = {hour} "
        "AND n = 1 SETTINGS mutations_sync = 2"
    )
    with pytest.raises(Differs, match="unit-2"):
        await closer(world, store).close(unit("unit-2"), october, "admin")
    assert await on_log(world) == []
    await closer(world, store).close(unit("unit-1"), october, "admin")
    assert {closing.unit for closing in await on_log(world)} == {"unit-1"}


async def test_of_several_that_close_at_once_the_first_on_the_log_counts_for_all(
    world: World, store: Store, filled: Sink
) -> None:
    october, units = parse_period("2025-10", "Asia/Jakarta"), [unit(f"unit-{number}") for number in range(4)]
    racing = [closer(world, store, NOW_MS + number) for number in range(4)]
    await asyncio.gather(
        *(one.close(whose, october, f"racer-{number}") for number, one in enumerate(racing) for whose in units)
    )
    published, seen = await on_log(world), await in_store(world, store)
    first: dict[tuple[str, str], Closing] = {}
    for closing in published:
        first.setdefault((closing.unit, closing.index), closing)
    assert {(closing.unit, closing.index): closing for closing in seen} == first
    assert len(first) == len(units) * len(INDICES)
    assert len(published) > len(first), "nothing raced"


async def test_a_closing_that_the_store_has_not_read_is_waited_for(world: World, store: Store, filled: Sink) -> None:
    october, whose = parse_period("2025-10", "Asia/Jakarta"), unit("unit-0")
    async with filled._pipes["periods"].held():
        first = asyncio.create_task(closer(world, store).close(whose, october, "first"))
        await until(lambda: on_log(world), lambda found: len(found) == len(INDICES))
        with pytest.raises(NotReady, match="unit-0"):
            await closer(world, store).close(whose, october, "second", patience_s=0.5)
    await first
    await closer(world, store).close(whose, october, "third")
    assert [closing.closed_by for closing in await on_log(world)] == ["first"] * len(INDICES)


async def test_a_replay_reads_the_closings_again_and_computes_none(world: World, store: Store, filled: Sink) -> None:
    october = parse_period("2025-10", "Asia/Jakarta")
    await closer(world, store).close(unit("unit-0"), october, "admin")
    await fill(world, seed=2)
    await settled(world, store)
    frozen = await in_store(world, store)
    await store.command("ALTER TABLE ikm.periods UPDATE figure = '{}' WHERE 1 SETTINGS mutations_sync = 2")
    await filled.rebuild(world.log)
    assert await in_store(world, store) == frozen == await on_log(world)


@pytest.mark.parametrize("label", ["close.before_publish", "close.after_publish", "sink.before_insert:3"])
async def test_killed_between_publishing_and_storing(
    world: World, store: Store, tmp_path: Path, unique: Callable[[str], str], label: str
) -> None:
    await register(world, unit("unit-0"), unit("unit-1").model_copy(update={"parent": "unit-0"}))
    await fill(world)
    prefix, path = unique("sink"), tmp_path / "store"
    await store.close()
    spec = {
        "bootstrap": world.bootstrap, "store": f"chdb://{path}", "topics": asdict(world.topics), "prefix": prefix,
        "log": world.log, "crash": label, "now_ms": DUE,
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(sys.executable, str(SCRIPT), json.dumps(spec), cwd=ROOT)
    async with asyncio.timeout(90):
        assert await process.wait() == -signal.SIGKILL

    again, figures = await connect(f"chdb://{path}"), (len(SCOPES) + 1) * len(INDICES)
    sink = Sink(world.bootstrap, again, topics=world.topics, group_prefix=prefix, log_id=world.log, clock=lambda: DUE)
    await sink.start()
    await until(lambda: in_store(world, again), lambda found: len(found) == figures)
    while sink.closings.settled_hour != DUE // HOUR_MS:
        await asyncio.sleep(0.1)
    await sink.stop()
    found = await in_store(world, again)
    assert sorted(c.label + c.unit for c in await on_log(world)) == sorted(c.label + c.unit for c in found)
    assert len(found) == figures
    for closing in found:
        assert_true(world, closing)
    await again.close()
