from collections.abc import AsyncIterator

import pytest

from runtime.topics import FRAMES
from tests.contracts.conformity import assert_conforms
from tests.stream.topics import read_all
from tests.web.serving import Served, serve


class NoHistory:
    async def read(self, unit, index, from_hour, to_hour):
        raise AssertionError

    async def progress(self):
        return {}

    async def latest_hours(self, index):
        return {}


@pytest.fixture(scope="session")
def history():
    return NoHistory()


@pytest.fixture(scope="session")
async def served(
    kafka: str, log_epoch: int, tmp_path_factory: pytest.TempPathFactory, history
) -> AsyncIterator[Served]:
    """The API on the run's Kafka; in the end all frames that were published fit their contract."""
    async with serve(kafka, log_epoch, tmp_path_factory.mktemp("api"), history) as running:
        yield running
    for record in await read_all(kafka, FRAMES.name):
        assert_conforms(FRAMES.name, record)
