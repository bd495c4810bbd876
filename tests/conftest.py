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

LONG_FILES = (
    "system/test_faults.py",
    "store/test_crash.py",
    "stream/test_worker.py",
    "system/test_truth.py",
    "web/test_public_views.py",
    "store/test_verify.py",
    "store/test_closing.py",
    "system/test_tree.py",
    "engine/test_up.py",
    "store/test_verify_register.py",
    "store/test_closing_tree.py",
    "system/test_public.py",
    "grafana/test_boards_look.py",
)
"""They begin first, the longest first: a process is given whole files, and one long file at the end leaves the others
idle."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files; the tests of each stay as they stand.

    Raises:
        pytest.UsageError: one of the long files is not there any more.
    """
    here = Path(__file__).parent
    place = {here / name: number for number, name in enumerate(LONG_FILES)}
    if gone := [str(path) for path in place if not path.exists()]:
        raise pytest.UsageError(f"{', '.join(gone)}: no such file; take it out of LONG_FILES in {__file__}")
    items.sort(key=lambda item: place.get(item.path, len(place)))


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
