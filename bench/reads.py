"""GET as a client feels it, until the whole body is here, and what it costs."""

import time
from collections.abc import Iterable
from statistics import mean

from bench.system import System
from bench.table import Row


async def timed(system: System, *paths: str) -> float:
    """Seconds that reads one after the other take.

    Raises:
        RuntimeError: one is not answered with 200.
    """
    began = time.perf_counter()
    for path in paths:
        async with system.http.get(path) as answer:
            await answer.read()
            if answer.status != 200:
                raise RuntimeError(f"GET {path}: {answer.status} {await answer.text()}")
    return time.perf_counter() - began


class Spent:
    """The API's CPU time beside the time that its readers wait: a busy machine moves it less."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._ms: list[float] = []

    async def timed(self, *paths: str) -> float:
        """As the function."""
        before = self._system.cpu_seconds()["api"]
        seconds = await timed(self._system, *paths)
        self._ms.append(1000 * (self._system.cpu_seconds()["api"] - before))
        return seconds

    async def each(self, paths: Iterable[str]) -> list[float]:
        """Seconds of each read, one after the other."""
        return [await self.timed(path) for path in paths]

    def row(self) -> Row:
        """What belongs below the row of these reads; the kernel counts in steps of 10 ms, so it is the mean."""
        return Row("  CPU time of the API for each, mean", f"{mean(self._ms):.0f} ms")
