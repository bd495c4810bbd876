from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.grafana.fake import FakeGrafana
from tests.grafana.publish.commands import Commands, token_file
from tests.grafana.publish.committed import write_all


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Commands]]:
    """`serve(version=…)` -> the commands against a fresh Grafana; at the end nothing was sent that it would ignore."""
    with ExitStack() as stack:
        fakes = []

        def start(**how: Any) -> Commands:
            fake = FakeGrafana(**how)
            fakes.append(fake)
            url = stack.enter_context(fake.running())
            return Commands(fake, url, tmp_path / "files", token_file(tmp_path))

        yield start
        assert [fake.surprises for fake in fakes if fake.surprises] == []


@pytest.fixture
def grafana(serve: Callable[..., Commands]) -> Commands:
    """The commands with a folder of one of everything and an empty Grafana."""
    commands = serve()
    write_all(commands.folder)
    return commands
