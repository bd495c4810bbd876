"""What processes say of themselves arrives in `v_ops`; how fresh the figures are is measured and can be asked."""

import asyncio
import time
from collections.abc import Callable

import pytest

from ikm.published import SILENT_AFTER_MS
from runtime import metrics
from runtime.clickhouse import Lane, Store
from runtime.ops import Reporter
from runtime.samples import Samples
from runtime.topics import RESPONSES, SCORECARDS, new_epoch, states_of
from sinks import progress
from sinks.events import EventsTable
from sinks.sink import Sink
from tests.store.qualities import record
from tests.store.waiting import stored, until
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events


async def test_what_a_process_says_is_read_from_the_view(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    now_ms = time.time_ns() // 1_000_000
    reporter = Reporter(
        world.bootstrap, "sink", Samples(frozenset({"sink"})), clock=lambda: now_ms, topic=world.topics.ops
    )
    sink = new_sink()
    await sink.start()
    await reporter.say()
    metrics.SINK_ROWS.labels("events").inc(7)
    now_ms += 10_000
    await reporter.say()
    await reporter.stop()
    await world.producer.send_and_wait(world.topics.ops, b'{"role": 7}')
    await stored(store, world.topics.ops, world.log, {0: 3})
    await sink.stop()
    columns = "at, role, instance, metric, labels, value, increase"
    sql = f"SELECT {columns} FROM ikm.v_ops WHERE name = {{name:String}} ORDER BY at"
    rows = await store.rows(sql, {"name": "ikm_sink_rows_total"}, lane=Lane.CHECK)
    last = [row for row in rows if row[3] == 'ikm_sink_rows_total{table="events"}'][-1]
    assert (last[1], last[4], last[6] >= 7, last[5] >= last[6]) == ("sink", {"table": "events"}, True, True)
    started = await store.rows(sql, {"name": "process_start_time_seconds"}, lane=Lane.CHECK)
    assert len(started) == 2
    assert len({(row[2], row[5]) for row in started}) == 1
    assert [row[6] for row in started] == [None, None]


async def test_where_nobody_takes_it_the_process_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.ops.EVERY_S", 0.01)
    taken: list[int] = []

    class Counted(Samples):
        def take(self):  # type: ignore[no-untyped-def]
            taken.append(1)
            return super().take()

    reporter = Reporter("127.0.0.1:1", "worker", Counted(frozenset({"worker"})))
    task = asyncio.create_task(reporter.run())
    await until(lambda: asyncio.sleep(0, len(taken)), lambda count: count >= 3)
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])
    await reporter.stop()


async def test_freshness_is_measured_of_every_answer_that_comes(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    took_ms = 2_500
    sink = new_sink(clock=lambda: NOW_MS + took_ms)
    await sink.start()

    async def settle() -> None:
        await world.work(batch=50)
        for topic in (world.topics.responses, states_of(world.topics.responses), world.topics.scorecards):
            await stored(store, topic, world.log, world.ends())
        await sink.freshness.measure()

    await world.produce(mixed_events(1, 200, NOW_MS, units=6))
    await settle()
    before, known = observed(), len(world.all_events)
    await world.produce(mixed_events(2, 300, NOW_MS, units=6))
    await settle()
    await sink.stop()
    count, total = (after - earlier for after, earlier in zip(observed(), before, strict=True))
    assert count == len(world.all_events) - known
    assert total == pytest.approx(count * took_ms / 1000)


def observed() -> tuple[float, float]:
    samples = {sample.name: sample.value for family in metrics.SINK_FRESHNESS.collect() for sample in family.samples}
    return samples["ikm_sink_freshness_seconds_count"], samples["ikm_sink_freshness_seconds_sum"]


async def test_the_age_of_the_oldest_answer_that_is_not_held_can_be_asked(store: Store) -> None:
    log, now_ms = new_epoch(), time.time_ns() // 1_000_000

    async def say(topic: str, partition: int, offset: int, at_ms: int = now_ms) -> None:
        await progress.write(store, log, [progress.Reached(topic, partition, offset, offset)], at_ms)

    async def seen() -> dict[int, tuple[int, float]]:
        rows = await store.rows("SELECT partition, behind, seconds FROM ikm.v_freshness", lane=Lane.CHECK)
        return {partition: (behind, float(seconds)) for partition, behind, seconds in rows}

    received = [(event, now_ms - 1000 * (300 - number)) for number, event in enumerate(mixed_events(1, 300, now_ms, 3))]
    records = [record(event, offset, at) for offset, (event, at) in enumerate(received)]
    table = EventsTable(log, 1)
    await store.insert(table.name, table.rows(records, 0).columns)
    await say(RESPONSES.name, 0, len(records))
    await say(SCORECARDS.name, 0, 100)
    await say(RESPONSES.name, 1, 0)
    await say(SCORECARDS.name, 1, 0)
    found = await seen()
    assert found[0] == (len(records) - 100, pytest.approx(200, abs=60))
    assert found[1] == (0, 0)
    await say(SCORECARDS.name, 0, len(records))
    assert (await seen())[0] == (0, 0)
    await say(SCORECARDS.name, 2, 5, now_ms - 2 * SILENT_AFTER_MS)
    await say(RESPONSES.name, 2, 5, now_ms)
    assert (await seen())[2] == (0, pytest.approx(2 * SILENT_AFTER_MS / 1000, abs=60))
