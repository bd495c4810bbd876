"""A Kafka of the test's own, and workers as processes that can be killed, stopped and continued."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.local import broker, ports
from runtime.local.leash import leashed


class Kafka:
    """One broker: kill it and start it again on the same port and directory."""

    def __init__(self, home: Path, jar_files: tuple[Path, ...]) -> None:
        self._local = broker.LocalBroker(home, *ports.free_ports(2), class_path=jar_files)
        self.bootstrap = self._local.bootstrap
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._local.prepare()
        with (self._local.home / "stdout").open("ab") as output:
            self._process = subprocess.Popen(
                leashed(self._local.command()),
                env=self._local.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self._local.wait_ready(self._process)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()


class WorkerProcess:
    """`ikm worker` as a process of its own."""

    def __init__(self, bootstrap: str, log: Path, **environment: str) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                leashed([sys.executable, "-m", "cli.main", "worker"]),
                env={**os.environ, "IKM_KAFKA_BOOTSTRAP": bootstrap, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def signal(self, signum: signal.Signals) -> None:
        self.process.send_signal(signum)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@pytest.fixture
def own_kafka(tmp_path: Path, jar_files: tuple[Path, ...]) -> Iterator[Kafka]:
    """A started broker that belongs to one test."""
    made = Kafka(tmp_path / "kafka", jar_files)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def start_worker(own_kafka: Kafka, tmp_path: Path) -> Iterator[Callable[..., WorkerProcess]]:
    """Starts workers on `own_kafka`; `start_worker(IKM_CRASH_AT="worker.after_pages:3")`."""
    started: list[WorkerProcess] = []

    def start(**environment: str) -> WorkerProcess:
        worker = WorkerProcess(own_kafka.bootstrap, tmp_path / f"worker-{len(started)}.log", **environment)
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.kill()
