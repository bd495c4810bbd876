"""What every test may ask for: one real Kafka for the whole run, and names of its own on it."""

import subprocess
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from runtime import kafka as clients
from runtime.local import broker, jars, ports
from runtime.local.leash import leashed
from runtime.settings import default_cache_dir
from runtime.topics import ensure_topics


@pytest.fixture(scope="session")
def jar_files() -> tuple[Path, ...]:
    """The local broker's jars."""
    return tuple(jars.class_path(default_cache_dir()))


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory, jar_files: tuple[Path, ...]) -> Iterator[str]:
    """The bootstrap address of the run's own Kafka; it has no topics until a test makes them."""
    local = broker.LocalBroker(tmp_path_factory.mktemp("kafka"), *ports.free_ports(2), class_path=jar_files)
    local.prepare()
    with (local.home / "stdout").open("wb") as output:
        process = subprocess.Popen(
            leashed(local.command()), env=local.environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            local.wait_ready(process)
            yield local.bootstrap
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
async def log_epoch(kafka: str) -> int:
    """All of ikm's topics exist on the run's Kafka; their log epoch."""
    return await ensure_topics(kafka)


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Makes a name that no other test has: `unique("unit")` -> `unit-3f2a…`; a unit code as well as a group id."""
    return lambda prefix: f"{prefix}-{uuid.uuid4().hex[:12]}"


@pytest.fixture
async def fresh_topic(kafka: str, unique: Callable[[str], str]) -> AsyncIterator[Callable[..., object]]:
    """Makes a topic of the test's own: `await fresh_topic(partitions=8, **config)` -> its name; deleted afterwards."""
    from aiokafka.admin import NewTopic

    made: list[str] = []

    async def make(partitions: int = 1, **config: str) -> str:
        name = unique("topic")
        dotted = {key.replace("_", "."): value for key, value in config.items()}
        async with clients.admin(kafka) as admin:
            await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=dotted)])
        made.append(name)
        return name

    yield make
    if made:
        async with clients.admin(kafka) as admin:
            await admin.delete_topics(made)
