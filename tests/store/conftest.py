from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from runtime.clickhouse import Store
from sinks.sink import Sink
from tests.prepared import prepared_store
from tests.store.world import World, opened_world


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty, migrated ClickHouse in this process."""
    opened = await prepared_store(tmp_path / "store")
    yield opened
    await opened.close()


@pytest.fixture
async def world(kafka: str) -> AsyncIterator[World]:
    """A world of the test's own."""
    async with opened_world(kafka) as opened:
        yield opened


@pytest.fixture
def group_prefix(unique: Callable[[str], str]) -> str:
    """The name that the groups of one test's sinks begin with."""
    return unique("sink")


@pytest.fixture
def new_sink(world: World, store: Store, group_prefix: str) -> Callable[..., Sink]:
    """Makes a sink for the world's topics; all of one test share their groups."""

    def make(**options: object) -> Sink:
        return world.sink(store, group_prefix, **options)

    return make
