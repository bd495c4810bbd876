"""Pooled and mean figures are frozen with the units of then: checked, first on the log, true at their position."""

import asyncio
from collections.abc import Callable
from datetime import date

import pytest

from api.verify_closings import closing_differences
from ikm.closing import SCOPES, Closing
from ikm.events import Response
from ikm.index import INDICES
from ikm.members import Members, members_of
from ikm.partition import partition_of
from ikm.period import Period, parse_period
from ikm.registry import Unit
from ikm.times import parse_rfc3339
from ikm.tree import Tree
from runtime.clickhouse import Columns, Store
from runtime.closer import Closer, Differs, Wanted
from runtime.reached import NotReady
from sinks.periods import COLUMNS, PeriodsTable
from sinks.sink import Sink
from tests.store import test_closing
from tests.store.test_closing import (
    DUE,
    HOUR_MS,
    assert_true,
    fill,
    in_store,
    on_log,
    register,
    settled,
)
from tests.store.test_verify_closings import Record
from tests.store.waiting import count, until
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events

filled = test_closing.filled

OCTOBER = parse_period("2025-10", "Asia/Jakarta")
MOVED = date(2025, 10, 25)
TREE = {(scope, index) for scope in ("pooled", "mean") for index in INDICES}


def unit(code: str, parent: str | None = None, zone: str = "Asia/Jakarta", **fields: object) -> Unit:
    return Unit(code=code, name=code, zone=zone, period="bulanan", population=500, parent=parent, **fields)


STANDING = (
    unit("unit-0"),
    unit("unit-1", "unit-0"),
    unit("unit-2", "unit-1", "Asia/Makassar"),
    unit("unit-2", "unit-3", "Asia/Makassar", valid_from=MOVED),
    unit("unit-3", zone="Asia/Jayapura"),
)
"""Two trees: unit-2 is below unit-1 and unit-0, and since a midnight in WITA below unit-3."""
MOVED_MINUTE = parse_rfc3339("2025-10-24T16:00:00Z") // 60_000


def closer(world: World, store: Store, at_ms: int = NOW_MS, register: tuple[Unit, ...] = STANDING) -> Closer:
    return test_closing.closer(world, store, at_ms, register)


def members(period: Period, *units: Unit, of: str = "unit-0") -> Members:
    latest = {one.code: one for one in units}
    return members_of(latest[of], period, Tree(units), latest.get)


def of_unit(found: list[Closing], code: str, period: str = "2025-10") -> list[Closing]:
    return [closing for closing in found if closing.unit == code and closing.period == period]


async def test_trees_close_by_themselves_each_in_the_zone_of_its_unit(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    await register(world, *STANDING)
    await fill(world)
    now = [DUE - 2 * HOUR_MS]
    sink = new_sink(clock=lambda: now[0])
    await sink.start()
    await settled(world, store)
    everything = len(INDICES) * len(SCOPES)
    await until(lambda: in_store(world, store), lambda found: len(of_unit(found, "unit-3")) == everything)
    assert of_unit(await in_store(world, store), "unit-0") == []
    now[0] = DUE
    await until(lambda: in_store(world, store), lambda found: len(of_unit(found, "unit-1")) == everything)
    while sink.closings.settled_hour != DUE // HOUR_MS:
        await asyncio.sleep(0.1)
    await sink.stop()

    found = await in_store(world, store)
    for closing in found:
        assert_true(world, closing)
        assert (closing.number, closing.closed_by) == (0, "sink")
    scopes = {code: {c.scope for c in of_unit(found, code)} for code in ("unit-0", "unit-1", "unit-2", "unit-3")}
    assert scopes == {"unit-0": set(SCOPES), "unit-1": set(SCOPES), "unit-2": {"self"}, "unit-3": set(SCOPES)}
    east = [c for c in of_unit(found, "unit-3") if c.scope != "self"]
    assert {(c.tree, c.from_, c.to, c.spans["unit-2"][0][0]) for c in east} == {
        (("unit-3", "unit-2"), "2025-09-30T15:00:00Z", "2025-10-31T15:00:00Z", MOVED_MINUTE)
    }
    (top,) = [c for c in of_unit(found, "unit-0") if (c.scope, c.index) == ("pooled", "ikm")]
    assert (top.tree, top.population) == (("unit-0", "unit-1", "unit-2"), 1500)
    assert top.spans["unit-2"] == ((OCTOBER.from_minute, MOVED_MINUTE),)
    assert all(top.responses.values()), "each unit answered"
    assert len(await on_log(world)) == len(found)
    ends = [end for _, end in sorted(world.ends().items())]
    assert await closing_differences(store, world.log, ends) == ([], len(found))


async def test_a_register_that_changes_the_past_moves_only_the_live_figure(
    world: World, store: Store, filled: Sink
) -> None:
    closes, top, moved_ms = closer(world, store), STANDING[0], 60_000 * MOVED_MINUTE
    left = [e for e in world.all_events if isinstance(e, Response) and e.unit == "unit-2" and e.submitted_at < moved_ms]
    await world.produce(e.model_copy(update={"submitted_at": moved_ms, "revision": 9}) for e in left[:3])
    await world.work()
    await settled(world, store)
    await closes.close(top, OCTOBER, "admin", members=members(OCTOBER, *STANDING))
    frozen = await in_store(world, store)
    assert len(frozen) == len(INDICES) * len(SCOPES)
    await fill(world, seed=2, events=600)
    await settled(world, store)
    rewritten = (top, unit("unit-1"), unit("unit-2", "unit-0"), unit("unit-3", "unit-2"))
    now, closes = members(OCTOBER, *rewritten), closer(world, store, register=rewritten)
    await closes.close(top, OCTOBER, "someone", members=now)
    assert await in_store(world, store) == frozen
    assert len(await on_log(world)) == len(frozen)
    await closes.correct(top, OCTOBER, "admin", "pohon", members=now, scopes=["pooled"])
    await closes.correct(top, OCTOBER, "admin", "semua", members=now)
    found = await in_store(world, store)
    assert [c for c in found if c.number == 0] == frozen
    assert sorted({(c.scope, c.number) for c in found if c.number}) == [
        ("mean", 1), ("pooled", 1), ("pooled", 2), ("self", 1),
    ]  # fmt: skip
    for closing in found:
        if closing.number:
            assert_true(world, closing)
            assert closing.tree == (tuple(now) if closing.scope != "self" else ("unit-0",))
    ends = [end for _, end in sorted(world.ends().items())]
    assert await closing_differences(store, world.log, ends) == ([], len(found))


async def test_a_tree_closed_amid_answers_is_true_at_its_position(world: World, store: Store, filled: Sink) -> None:
    closes = [closer(world, store, NOW_MS + number) for number in range(2)]
    of = members(OCTOBER, *STANDING)
    closing = asyncio.gather(
        *(one.close(STANDING[0], OCTOBER, f"racer-{number}", members=of) for number, one in enumerate(closes))
    )
    seed = 100
    while not closing.done():
        seed += 1
        await world.produce(mixed_events(seed, 30, NOW_MS, units=4))
        await world.work()
    await closing
    published = await on_log(world)
    first: dict[tuple[str, str], Closing] = {}
    for one in published:
        first.setdefault((one.scope, one.index), one)
    found = await in_store(world, store)
    assert {(one.scope, one.index): one for one in found} == first
    assert len(first) == len(INDICES) * len(SCOPES)
    for one in published:
        events = [event for p, offset in one.where.offsets.items() for event in world.events[p][:offset]]
        assert_true(world, one, events)
    assert any(len(one.where.offsets) > 1 for one in found), "units of several partitions"


async def test_a_tree_with_a_unit_that_the_events_do_not_give_is_not_published(
    world: World, store: Store, filled: Sink
) -> None:
    inside = f"toUnixTimestamp(hour) BETWEEN {60 * OCTOBER.from_minute} AND {60 * MOVED_MINUTE - 1}"
    hour = await count(
        store, f"SELECT min(toUnixTimestamp(hour)) FROM ikm.buckets WHERE unit = 'unit-2' AND n = 1 AND {inside}"
    )
    await store.command(
        f"ALTER TABLE ikm.buckets UPDATE sum_x = sum_x + 1 WHERE unit = 'unit-2' AND toUnixTimestamp(hour) = {hour} "
        "AND n = 1 SETTINGS mutations_sync = 2"
    )
    with pytest.raises(Differs, match="unit-0"):
        await closer(world, store).close(STANDING[0], OCTOBER, "admin", members=members(OCTOBER, *STANDING))
    assert {closing.scope for closing in await on_log(world)} == {"self"}
    # What it was closed with elsewhere does not hold that hour.
    await closer(world, store).close(STANDING[-1], OCTOBER, "admin", members=members(OCTOBER, *STANDING, of="unit-3"))
    assert {(c.scope, c.index) for c in await on_log(world) if c.unit == "unit-3"} > TREE


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("figure = replaceRegexpOne(figure, '\"value\":', '\"value\":1')", "mean"),
        ("scorecard = replaceOne(scorecard, '\"sum_x\":', '\"sum_x\":1')", "pooled"),
        ("tree = arrayPopBack(tree)", "pooled"),
    ],
)
async def test_what_was_altered_names_its_unit(
    world: World, store: Store, filled: Sink, change: str, where: str
) -> None:
    await closer(world, store).close(STANDING[0], OCTOBER, "admin", members=members(OCTOBER, *STANDING))
    await store.command(
        f"ALTER TABLE ikm.periods UPDATE {change} WHERE `index` = 'ikm' AND scope = '{where}' "
        "SETTINGS mutations_sync = 2"
    )
    ends = [end for _, end in sorted(world.ends().items())]
    found, _ = await closing_differences(store, world.log, ends)
    assert [(one.unit, one.bucket) for one in found] == [("unit-0", f"ikm 2025-10 {where} number 0")]


async def test_a_tree_whose_units_were_never_so_is_found_though_nothing_was_altered(
    world: World, store: Store, filled: Sink
) -> None:
    await closer(world, store).close(STANDING[0], OCTOBER, "admin", members=members(OCTOBER, *STANDING))
    (true,) = [c for c in await in_store(world, store) if (c.scope, c.index) == ("mean", "ikm")]
    units = true.scorecard["units"]
    swapped = {**units, "unit-1": units["unit-2"], "unit-2": units["unit-1"]}
    longer = {"unit-2": [[true.from_, "2025-10-31T16:00:00Z"]]}
    table = PeriodsTable(world.log)
    for number, change in ((5, {"units": swapped}), (6, {"spans": longer})):
        false = true.model_copy(update={"number": number, "scorecard": {**true.scorecard, **change}})
        rows = table.rows([Record(10_000 + number, false.model_dump_json().encode())], 0)
        await store.insert(table.name, Columns(COLUMNS, rows.columns.values))
    ends = [end for _, end in sorted(world.ends().items())]
    found, _ = await closing_differences(store, world.log, ends)
    wrong = {(one.unit, one.bucket) for one in found}
    swap, span = (f"ikm 2025-10 mean number {number}" for number in (5, 6))
    assert wrong == {("unit-0", what) for what in (f"{swap}, unit-1 in it", f"{swap}, unit-2 in it", span,
                                                   f"{span}, unit-2 in it")}  # fmt: skip


async def test_a_tree_waits_for_the_units_below_it(world: World, store: Store, filled: Sink) -> None:
    of = members(OCTOBER, *STANDING)
    places = {partition_of(code, world.topics.partitions) for code in of}
    assert len(places) > 1, "units of several partitions"
    behind = next(code for code in of if partition_of(code, 2) != partition_of("unit-0", 2))
    await world.produce([e for e in mixed_events(3, 40, NOW_MS, units=4) if e.unit == behind])
    closes = closer(world, store)
    with pytest.raises(NotReady, match="unit-0 and those below it"):
        await closes.close(STANDING[0], OCTOBER, "admin", members=of, patience_s=0.5)
    await closes.close(STANDING[0], OCTOBER, "admin", patience_s=0.5)
    wanted = Wanted(STANDING[0], OCTOBER, of, (("pooled", "ikm"),))
    assert (await closes.close_due([wanted], "sink")).behind == [wanted]
    assert {closing.scope for closing in await on_log(world)} == {"self"}


async def test_a_tree_that_the_register_does_not_give_is_not_published(
    world: World, store: Store, filled: Sink
) -> None:
    elsewhere = members(OCTOBER, *STANDING[:3], STANDING[-1])
    with pytest.raises(Differs, match="unit-0"):
        await closer(world, store).close(STANDING[0], OCTOBER, "admin", members=elsewhere)
    assert {closing.scope for closing in await on_log(world)} == {"self"}
    again = (
        *STANDING[:3],
        unit("unit-2", "unit-3", valid_from=date(2025, 10, 15)),
        unit("unit-2", "unit-0", valid_from=date(2025, 10, 20)),
        unit("unit-2", "unit-1", valid_from=MOVED, valid_to=date(2025, 10, 28), merged_into="unit-1"),
        STANDING[-1],
    )
    of = members(OCTOBER, *again)
    assert len(of["unit-2"].spans) > 1
    await closer(world, store, register=again).close(STANDING[0], OCTOBER, "admin", members=of)
    assert {(c.scope, c.index) for c in await on_log(world)} > TREE
