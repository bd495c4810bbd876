import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from runtime.clickhouse import Store
from tests.grafana import seed
from tests.grafana.oracle import Oracle
from tests.prepared import prepared_store


@dataclass(frozen=True)
class City:
    """A filled store, what it was filled with, and what the core says about that."""

    store: Store
    seed: seed.Seed
    oracle: Oracle


@pytest.fixture(scope="module")
async def city(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[City]:
    """Two years of a city up to this moment; of a module, for a process has one embedded store at a time."""
    store = await prepared_store(tmp_path_factory.mktemp("city") / "store")
    made = seed.make(time.time_ns() // 1_000_000)
    await seed.fill(store, made)
    yield City(store, made, Oracle(made))
    await store.close()
