"""The whole system as its users start it: `ikm up` in a directory of the test's own."""

import asyncio
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.local.leash import leashed

READY_S = 120
IKM = [sys.executable, "-m", "cli.main"]


class System:
    """One data directory; `up` and `down` it as often as you like."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.process: subprocess.Popen[bytes] | None = None

    def up(self, **environment: str) -> None:
        """Start and wait until all is ready."""
        self.data_dir.mkdir(exist_ok=True)
        endpoints = self.data_dir / "endpoints.json"
        endpoints.unlink(missing_ok=True)
        with (self.data_dir / "up.log").open("ab") as output:
            self.process = subprocess.Popen(
                leashed([*IKM, "up", "--no-sample", "--port", "0", "--data-dir", str(self.data_dir)]),
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        deadline = time.monotonic() + READY_S
        while not endpoints.exists():
            assert self.process.poll() is None, (self.data_dir / "up.log").read_text()
            assert time.monotonic() < deadline, (self.data_dir / "up.log").read_text()
            time.sleep(0.05)

    def down(self) -> None:
        """Stop in order."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=20)

    def kill(self, *names: str) -> None:
        """kill -9 of the named processes of `endpoints.json`."""
        pids = self.endpoints["pids"]
        for name in names:
            os.kill(pids[name], signal.SIGKILL)
        if "supervisor" in names:
            assert self.process is not None
            self.process.wait()

    @property
    def endpoints(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data_dir / "endpoints.json").read_text())
        return found

    @property
    def bootstrap(self) -> str:
        return str(self.endpoints["kafka"])

    @property
    def headers(self) -> dict[str, str]:
        key = (self.data_dir / "admin.key").read_text().strip()
        return {"Authorization": f"Bearer {key}"}

    def client(self) -> httpx.AsyncClient:
        """An HTTP client with the admin key."""
        return httpx.AsyncClient(base_url=self.endpoints["api"], headers=self.headers, timeout=30)

    async def retry(self, method: str, path: str, *, until_s: float = 120, **request: Any) -> httpx.Response:
        """Send until it is answered below 500: a client's way through restarts."""
        deadline = time.monotonic() + until_s
        while True:
            try:
                async with self.client() as client:
                    answer = await client.request(method, path, **request)
                if answer.status_code < 500:
                    return answer
            except (httpx.TransportError, FileNotFoundError):
                answer = None
            assert time.monotonic() < deadline, answer and answer.text
            await asyncio.sleep(0.2)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run an `ikm` command on this system."""
        return subprocess.run(
            [*IKM, *arguments, "--data-dir", str(self.data_dir)], capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, jar_files: tuple[Path, ...]) -> Path:
    """A system that was started and stopped once: topics and schema, no answers, nothing of its ports and keys.

    One for all processes of a run. How a first start goes is tested in `tests/engine/test_up.py`.
    """
    assert jar_files
    home = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        home = home.parent
    made = home / "prepared"
    with (home / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            first = System(tmp_path_factory.mktemp("first") / "data")
            first.up()
            first.down()
            first.data_dir.rename(made)
    return made


@pytest.fixture
def make_system(tmp_path: Path, prepared: Path) -> Iterator[Callable[[], System]]:
    """Makes empty systems that are gone when the test is."""
    made: list[System] = []

    def make() -> System:
        system = System(tmp_path / f"data-{len(made)}")
        for kept in ("kafka/data", "clickhouse"):
            shutil.copytree(prepared / kept, system.data_dir / kept, symlinks=True)
        made.append(system)
        return system

    yield make
    for system in made:
        if system.process is not None and system.process.poll() is None:
            system.process.kill()
            system.process.wait()


@pytest.fixture
def system(make_system: Callable[[], System]) -> System:
    """A started, empty system."""
    made = make_system()
    made.up()
    return made
