import asyncio
import json
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from runtime import kafka as clients
from runtime.clickhouse import Lane, Store, connect
from runtime.crash import LABELS
from sinks.quality import Quality
from tests.fold import scratch
from tests.prepared import prepared_store
from tests.store import cells, qualities
from tests.store.states import held, wanted
from tests.store.test_sink import stored_buckets
from tests.store.test_sums import assert_added_up
from tests.store.waiting import count, until
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events

SINK_LABELS = [label for label, _ in LABELS if label.startswith("sink.")]
SCRIPT = Path(__file__).with_name("sink_process.py")
ROOT = Path(__file__).parents[2]


class SinkProcess:
    """Starts sinks one after the other on one store and one group."""

    def __init__(self, world: World, path: Path, prefix: str) -> None:
        self.world, self.path, self.prefix = world, path, prefix
        self.started: list[asyncio.subprocess.Process] = []

    async def start(self, crash: str = "", *, count_every_s: float = 10) -> asyncio.subprocess.Process:
        spec = {
            "bootstrap": self.world.bootstrap,
            "store": f"chdb://{self.path}",
            "topics": asdict(self.world.topics),
            "prefix": self.prefix,
            "log": self.world.log,
            "crash": crash,
            "count_every_s": count_every_s,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(SCRIPT), json.dumps(spec), stdout=asyncio.subprocess.PIPE, cwd=ROOT
        )
        self.started.append(process)
        return process

    async def until_stored(self) -> None:
        """Wait until all groups have committed everything that is on their topics."""
        for group, topic in (
            ("events", self.world.topics.responses),
            ("responses", self.world.topics.responses),
            ("scorecards", self.world.topics.scorecards),
        ):
            await until(lambda g=group, t=topic: self.lag(f"{self.prefix}-{g}", t), lambda lag: lag == 0)

    async def lag(self, group: str, topic: str) -> int:
        async with clients.admin(self.world.bootstrap) as admin:
            committed = await admin.list_consumer_group_offsets(group)
        consumer = clients.consumer(self.world.bootstrap, client_id="test")
        await consumer.start()
        try:
            partitions = [TopicPartition(topic, partition) for partition in range(self.world.topics.partitions)]
            ends: Mapping = await consumer.end_offsets(partitions)
        finally:
            await consumer.stop()
        return sum(end - (committed[tp].offset if tp in committed else 0) for tp, end in ends.items())


@pytest.fixture
async def sinks(world: World, tmp_path: Path, unique: Callable[[str], str]) -> AsyncIterator[SinkProcess]:
    await (await prepared_store(tmp_path / "store")).close()
    processes = SinkProcess(world, tmp_path / "store", unique("sink"))
    yield processes
    for process in processes.started:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def assert_exact(store: Store, world: World) -> None:
    """Every event is there once, even before any merge has removed a duplicate; every bucket is right."""
    assert await count(store, "SELECT count() FROM ikm.events") == len(world.all_events)
    assert await count(store, "SELECT uniqExact(partition, offset) FROM ikm.events") == len(world.all_events)
    assert await stored_buckets(store, world.log) == scratch.buckets(world.all_events)
    assert await held(store, world.log) == wanted(world.all_events)
    assert await cells.held(store, world.log) == cells.wanted(world.all_events)
    unmerged = await store.rows(
        "SELECT unit, `index`, hour, service, version, uniqExact(n, sum_x, histogram) AS v FROM ikm.buckets "
        "GROUP BY ALL HAVING v > 1",
        lane=Lane.CHECK,
    )
    assert list(unmerged) == []
    await assert_added_up(store, world)
    await Quality(store, world.log, world.topics.responses, is_ours=lambda: True).turn()
    assert await qualities.found(store, world.log) == qualities.wanted(world)


@pytest.mark.parametrize("label", SINK_LABELS)
async def test_killed_at_a_labelled_point(world: World, sinks: SinkProcess, label: str) -> None:
    await world.produce(mixed_events(1, 400, NOW_MS, units=6))
    await world.work(batch=40)
    for nth in (1, 3):
        process = await sinks.start(f"{label}:{nth}")
        async with asyncio.timeout(60):
            while process.returncode is None:
                await world.produce(mixed_events(len(world.all_events), 60, NOW_MS, units=6))
                await world.work(batch=40)
        assert process.returncode == -signal.SIGKILL
    process = await sinks.start()
    await sinks.until_stored()
    process.kill()
    await process.wait()

    store = await connect(f"chdb://{sinks.path}")
    await assert_exact(store, world)
    await store.close()


@pytest.mark.parametrize("label", ["sink.before_sums", "sink.between_sums"])
async def test_sums_are_whole_after_a_kill_though_nothing_follows(world: World, sinks: SinkProcess, label: str) -> None:
    await world.produce(mixed_events(1, 400, NOW_MS, units=6))
    await world.work(batch=40)
    for crash in (label, ""):
        process = await sinks.start(crash)
        if crash:
            async with asyncio.timeout(60):
                assert await process.wait() == -signal.SIGKILL
    await sinks.until_stored()
    process.kill()
    await process.wait()

    store = await connect(f"chdb://{sinks.path}")
    await assert_exact(store, world)
    await store.close()


async def test_killed_while_it_counts_what_became_of_events(world: World, sinks: SinkProcess) -> None:
    for nth in (1, 3):
        process = await sinks.start(f"quality.before_insert:{nth}", count_every_s=0.1)
        async with asyncio.timeout(60):
            while process.returncode is None:
                await world.produce(mixed_events(len(world.all_events), 100, NOW_MS, units=6))
                await world.work(batch=40)
        assert process.returncode == -signal.SIGKILL
    process = await sinks.start()
    await sinks.until_stored()
    process.kill()
    await process.wait()

    store = await connect(f"chdb://{sinks.path}")
    await assert_exact(store, world)
    await store.close()


async def test_killed_at_random_under_load(world: World, sinks: SinkProcess) -> None:
    rng = random.Random(7)
    for seed in range(5):
        process = await sinks.start()
        assert process.stdout is not None
        await process.stdout.readline()
        pause = asyncio.create_task(asyncio.sleep(rng.uniform(0.1, 1.5)))
        while not pause.done():
            await world.produce(mixed_events(100 * seed + len(world.all_events), 150, NOW_MS, units=6))
            await world.work(batch=30)
        process.kill()
        await process.wait()
    process = await sinks.start()
    await sinks.until_stored()
    process.kill()
    await process.wait()

    store = await connect(f"chdb://{sinks.path}")
    await assert_exact(store, world)
    await store.close()
