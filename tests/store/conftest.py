from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiokafka.admin import NewTopic

from runtime import kafka as clients
from runtime.clickhouse import Store
from runtime.topics import new_epoch
from sinks.sink import Sink, Topics
from tests.prepared import prepared_store
from tests.store.world import World, new_producer

_MANY, _ONE = ("responses", "scorecards", "index", "frames", "rejected"), ("units", "periods", "ops")
"""Topics with two partitions, and with one."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty, migrated ClickHouse in this process."""
    opened = await prepared_store(tmp_path / "store")
    yield opened
    await opened.close()


@pytest.fixture
async def world(kafka: str, unique: Callable[[str], str]) -> AsyncIterator[World]:
    """Fresh topics with two partitions, a log id of their own and a producer."""
    names = {role: unique(role) for role in (*_MANY, *_ONE)}
    topics = Topics(**names, partitions=2)
    async with clients.admin(kafka) as admin:
        for role, name in names.items():
            kept = {"retention.ms": "-1"}  # the records' timestamps are long past
            await admin.create_topics([NewTopic(name, 1 if role in _ONE else 2, 1, topic_configs=kept)])
    producer = new_producer(kafka)
    await producer.start()
    yield World(kafka, topics, new_epoch(), producer)
    await producer.stop()
    async with clients.admin(kafka) as admin:
        await admin.delete_topics(list(names.values()))


@pytest.fixture
def group_prefix(unique: Callable[[str], str]) -> str:
    """The name that the groups of one test's sinks begin with."""
    return unique("sink")


@pytest.fixture
def new_sink(world: World, store: Store, group_prefix: str) -> Callable[..., Sink]:
    """Makes a sink for the world's topics; all of one test share their groups."""

    def make(**options: object) -> Sink:
        return Sink(world.bootstrap, store, topics=world.topics, group_prefix=group_prefix, log_id=world.log, **options)

    return make
