"""`ikm worker` as a child: what it logged, what memory it holds; ended by SIGKILL, as a crash would."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from runtime.local.leash import leashed

LOG_LINE_WITHIN_S = 240


class WorkerProcess:
    """Use as a context manager; it is killed on leaving."""

    def __init__(self, bootstrap: str, log: Path) -> None:
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                leashed([sys.executable, "-m", "cli.main", "worker"]),
                env={**os.environ, "IKM_KAFKA_BOOTSTRAP": bootstrap, "IKM_LOG_FORMAT": "json"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()

    def logged(self, event: str) -> dict[str, Any]:
        """Wait for a log line."""
        deadline = time.monotonic() + LOG_LINE_WITHIN_S
        while time.monotonic() < deadline and self._process.poll() is None:
            for line in self._log.read_text().splitlines():
                if line.startswith("{") and line.endswith("}") and json.loads(line).get("event") == event:
                    return json.loads(line)
            time.sleep(0.05)
        raise RuntimeError(f"no line {event!r} from the worker: {self._log.read_text()[-2000:]}")

    def cpu_seconds(self) -> float:
        """CPU time used since the process began."""
        return sum(psutil.Process(self._process.pid).cpu_times()[:2])

    def rss(self) -> int:
        """Bytes of memory in use."""
        return psutil.Process(self._process.pid).memory_info().rss
