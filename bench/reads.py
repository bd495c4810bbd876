"""GET as a client feels it, until the whole body is here."""

import time

from bench.system import System


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
