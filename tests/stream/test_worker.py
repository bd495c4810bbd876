"""The worker on a real Kafka: exact, whatever happens to it."""

import asyncio
import random
import signal
import time
from collections.abc import Callable

import pytest

from cli.contracts.messages import CHANNELS
from runtime.clock import system_clock
from runtime.crash import LABELS
from runtime.topics import INDEX, PAGES, RESPONSES, SCORECARDS, ensure_topics
from tests.contracts.conformity import assert_conforms
from tests.stream.conftest import Kafka, WorkerProcess
from tests.stream.exact import published
from tests.stream.mixed import mixed_events
from tests.stream.topics import produce, read_all, wait_progress

Start = Callable[..., WorkerProcess]

EVENTS = 20_000
CRASHES = [f"{label}:{1 if 'commit' in label else 3}" for label, _ in LABELS if label.startswith("worker.")]


async def kinds_of_records(bootstrap: str, topic: str, most: int = 200) -> set[str]:
    """Holds records of a topic, evenly chosen, against the contract; returns which kinds there are."""
    records = await read_all(bootstrap, topic)
    return {assert_conforms(topic, record) for record in records[:: 1 + len(records) // most]}


async def settled(bootstrap: str, ends: dict[int, int], log: int) -> None:
    for topic in (SCORECARDS, INDEX):
        await wait_progress(bootstrap, topic.name, ends, log)


@pytest.mark.timeout(180)
async def test_every_publication_equals_the_prefix_at_its_sequence(own_kafka: Kafka, start_worker: Start) -> None:
    log = await ensure_topics(own_kafka.bootstrap)
    start_worker()
    now = system_clock()
    ends: dict[int, int] = {}
    events = mixed_events(1, EVENTS, now)
    for at in range(0, len(events), 1000):
        ends.update(await produce(own_kafka.bootstrap, events[at : at + 1000], now))
    await settled(own_kafka.bootstrap, ends, log)
    found = await published(own_kafka.bootstrap)
    found.assert_last_equal_everything()
    assert found.assert_each_equals_its_prefix(every=7) > 300
    for topic in (RESPONSES, SCORECARDS, INDEX, PAGES):
        kinds = {message.name for message in CHANNELS[topic.name].messages}
        assert await kinds_of_records(own_kafka.bootstrap, topic.name) == kinds


@pytest.mark.timeout(180)
@pytest.mark.parametrize("label", CRASHES)
async def test_killed_at_a_labelled_point(label: str, own_kafka: Kafka, start_worker: Start) -> None:
    log = await ensure_topics(own_kafka.bootstrap)
    now = system_clock()
    events = mixed_events(2, 4_000, now)
    first = start_worker(IKM_CRASH_AT=label)
    ends: dict[int, int] = {}
    for at in range(0, len(events), 500):
        ends.update(await produce(own_kafka.bootstrap, events[at : at + 500], now))
    assert await asyncio.to_thread(first.process.wait, 60) == -signal.SIGKILL
    start_worker()
    await settled(own_kafka.bootstrap, ends, log)
    found = await published(own_kafka.bootstrap)
    found.assert_last_equal_everything()
    found.assert_each_equals_its_prefix(every=7)
    assert found.assert_frames_are_apart() > 100


@pytest.mark.timeout(240)
async def test_killed_at_random_under_load_with_rebalances(own_kafka: Kafka, start_worker: Start) -> None:
    log = await ensure_topics(own_kafka.bootstrap)
    now = system_clock()
    events = mixed_events(3, EVENTS, now)
    rng = random.Random(3)
    workers = [start_worker(), start_worker()]
    ends: dict[int, int] = {}
    for at in range(0, len(events), 2000):
        ends.update(await produce(own_kafka.bootstrap, events[at : at + 2000], now))
        if at % 4000 == 0:
            victim = workers.pop(rng.randrange(2))
            victim.kill()
            workers.append(start_worker())
    await settled(own_kafka.bootstrap, ends, log)
    found = await published(own_kafka.bootstrap)
    found.assert_last_equal_everything()
    found.assert_each_equals_its_prefix(every=11)
    assert found.assert_frames_are_apart() > 100


@pytest.mark.timeout(240)
async def test_a_stopped_worker_that_wakes_changes_nothing(own_kafka: Kafka, start_worker: Start) -> None:
    log = await ensure_topics(own_kafka.bootstrap)
    now = system_clock()
    events = mixed_events(4, EVENTS, now)
    zombie = start_worker()
    half = EVENTS // 2
    ends = await produce(own_kafka.bootstrap, events[: half // 2], now)
    await settled(own_kafka.bootstrap, ends, log)
    ends.update(await produce(own_kafka.bootstrap, events[half // 2 : half], now))
    zombie.signal(signal.SIGSTOP)
    successor = start_worker()
    ends.update(await produce(own_kafka.bootstrap, events[half:], now))
    await settled(own_kafka.bootstrap, ends, log)
    zombie.signal(signal.SIGCONT)
    await asyncio.to_thread(wait_for_log, zombie, b"pages recovered", 2)
    successor.kill()
    zombie.kill()
    fresh = start_worker()
    more = mixed_events(5, 500, now)
    ends.update(await produce(own_kafka.bootstrap, more, now))
    await settled(own_kafka.bootstrap, ends, log)
    found = await published(own_kafka.bootstrap)
    found.assert_last_equal_everything()
    found.assert_each_equals_its_prefix(every=11)
    assert found.assert_frames_are_apart() > 100
    assert fresh.process.poll() is None


@pytest.mark.timeout(180)
async def test_the_broker_is_killed_under_load(own_kafka: Kafka, start_worker: Start) -> None:
    log = await ensure_topics(own_kafka.bootstrap)
    now = system_clock()
    events = mixed_events(6, 6_000, now)
    worker = start_worker()
    ends = await produce(own_kafka.bootstrap, events[:3_000], now)
    own_kafka.kill()
    own_kafka.start()
    ends.update(await produce(own_kafka.bootstrap, events[3_000:], now))
    if worker.process.poll() is not None:
        start_worker()
    await settled(own_kafka.bootstrap, ends, log)
    found = await published(own_kafka.bootstrap)
    found.assert_last_equal_everything()
    found.assert_each_equals_its_prefix(every=7)
    assert found.assert_frames_are_apart() > 100


def wait_for_log(worker: WorkerProcess, text: bytes, times: int) -> None:
    """Block until a text stands so often in a worker's log, or the worker ended."""
    while worker.log.read_bytes().count(text) < times and worker.process.poll() is None:
        time.sleep(0.1)
