"""The whole system by `ikm up` on a directory of its own, with units registered: by default the simulated city's."""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from ikm.partition import partition_of
from ikm.position import Position
from ikm.registry import Unit
from producers.city import city
from runtime.local.leash import leashed
from runtime.topics import RESPONSES

CITY = tuple(place.unit for place in city())
UNITS = tuple(unit.code for unit in CITY)
READY_WITHIN_S = 180
STOP_WITHIN_S = 20
_CONNECTIONS = 400


@dataclass
class System:
    """A running `ikm up`: its client (admin key, any number of connections), its Kafka, its processes, its units."""

    http: aiohttp.ClientSession
    kafka: str
    pids: dict[str, int]
    units: Sequence[str]

    async def until_visible(self, position: Position) -> float:
        """Wait until windows and periods of every partition include a position; returns the seconds it took."""
        started = time.perf_counter()
        one_each = {partition_of(unit, RESPONSES.partitions): unit for unit in self.units}.values()
        year = time.gmtime().tm_year
        for unit in one_each:
            for read in ("window=1h", f"period={year}"):
                while not await self._includes(f"/v1/units/{unit}/index?{read}&after={position.encode()}"):
                    pass
        return time.perf_counter() - started

    async def _includes(self, path: str) -> bool:
        async with self.http.get(path) as answer:
            if answer.status not in (200, 504):
                raise RuntimeError(f"GET {path}: {answer.status} {await answer.text()}")
            return answer.status == 200

    def cpu_seconds(self) -> dict[str, float]:
        """CPU time that each role has used so far."""
        return {role: sum(psutil.Process(pid).cpu_times()[:2]) for role, pid in self.pids.items()}

    def memory(self) -> dict[str, tuple[int, int]]:
        """(RSS, PSS) in bytes by role, children included; PSS counts a page shared by k processes as 1/k."""
        found = {}
        for role, pid in self.pids.items():
            process = psutil.Process(pid)
            tree = [process] if role == "supervisor" else [process, *process.children(recursive=True)]
            sizes = [each.memory_full_info() for each in tree]
            found[role] = (sum(size.rss for size in sizes), sum(size.pss for size in sizes))
        return found


@contextlib.asynccontextmanager
async def running_system(units: Sequence[Unit] = CITY) -> AsyncIterator[System]:
    """Start, register the units, and stop in the end."""
    with _started() as (endpoints, key):
        async with aiohttp.ClientSession(
            endpoints["api"],
            headers={"Authorization": f"Bearer {key}"},
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
            timeout=aiohttp.ClientTimeout(total=None, connect=30),
        ) as http:
            await _register(http, units)
            yield System(http, endpoints["kafka"], endpoints["pids"], [unit.code for unit in units])


@contextlib.contextmanager
def _started() -> Iterator[tuple[dict, str]]:
    """`ikm up` on a new directory: its endpoints and its admin key."""
    with tempfile.TemporaryDirectory(prefix="ikm-bench-") as folder:
        home, log = Path(folder) / "ikm", Path(folder) / "up.log"
        command = [sys.executable, "-m", "cli.main", "up", "--no-sample", "--port", "0", "--data-dir", str(home)]
        with log.open("wb") as output:
            process = subprocess.Popen(leashed(command), stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            deadline = time.monotonic() + READY_WITHIN_S
            while not (home / "endpoints.json").exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"`ikm up` is not ready: {log.read_text()[-2000:]}")
                time.sleep(0.1)
            yield json.loads((home / "endpoints.json").read_text()), (home / "admin.key").read_text().strip()
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_WITHIN_S)
            process.kill()
            process.wait()


async def _register(http: aiohttp.ClientSession, units: Sequence[Unit]) -> None:
    for unit in units:
        body = unit.model_dump(mode="json", exclude_none=True)
        body.pop("unit")
        async with http.put(f"/v1/units/{unit.code}", json=body) as answer:
            if answer.status not in (200, 201):
                raise RuntimeError(f"PUT /v1/units/{unit.code}: {answer.status} {await answer.text()}")
