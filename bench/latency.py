"""How long an answer takes: to its acknowledgement, to the stream that shows it; how long a read takes.

An event of a stream includes an answer when its sequence has reached the position that the acknowledgement named.
"""

import asyncio
import random
import time
from bisect import bisect_left
from dataclasses import dataclass, field

from bench.answers import Answers, post
from bench.reads import timed
from bench.system import UNITS, System
from ikm.position import Sequence

RATE = 200
SECONDS = 30
READS_PER_S = 5
READ_SECONDS = 10
READS_AT_REST = 300
SEEN_WITHIN_S = 20


@dataclass
class Latencies:
    """All in seconds; `cpu` is the share of a core that each role used while the load ran."""

    acknowledged: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    windows: list[float] = field(default_factory=list)
    periods: list[float] = field(default_factory=list)
    windows_at_rest: list[float] = field(default_factory=list)
    periods_at_rest: list[float] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)


class _Stream:
    """One unit's stream: which source offset was shown when."""

    def __init__(self, system: System, unit: str) -> None:
        self._system, self._unit = system, unit
        self._offsets: list[int] = []
        self._times: list[float] = []
        self.open = asyncio.Event()

    async def listen(self) -> None:
        async with self._system.http.get(f"/v1/units/{self._unit}/index/stream?window=1h") as answer:
            async for line in answer.content:
                if line.startswith(b"id: "):
                    self._times.append(time.perf_counter())
                    self._offsets.append(Sequence.parse(line[4:].decode().strip()).offset)
                    self.open.set()

    def first_with(self, offset: int) -> float | None:
        """When a value first included everything below an offset."""
        at = bisect_left(self._offsets, offset)
        return self._times[at] if at < len(self._times) else None


async def measure_latencies(system: System) -> Latencies:
    """200 answers a second with a stream per unit; the same with reads beside; then reads alone."""
    found = Latencies()
    streams = {unit: _Stream(system, unit) for unit in UNITS}
    async with asyncio.TaskGroup() as group:
        listeners = [group.create_task(stream.listen()) for stream in streams.values()]
        for stream in streams.values():
            await stream.open.wait()
        before, began = system.cpu_seconds(), time.perf_counter()
        sent = await _post_steadily(system, Answers(2), SECONDS, found.acknowledged)
        took = time.perf_counter() - began
        found.cpu = {role: (used - before[role]) / took for role, used in system.cpu_seconds().items()}
        await _collect(streams, sent, found)
        reads = (_read_steadily(system, kind, into) for kind, into in _kinds(found, at_rest=False))
        await asyncio.gather(_post_steadily(system, Answers(4), READ_SECONDS, []), *reads)
        for listener in listeners:
            listener.cancel()
    for kind, into in _kinds(found, at_rest=True):
        for _ in range(READS_AT_REST):
            into.append(await _read(system, kind))
    return found


def _kinds(found: Latencies, *, at_rest: bool) -> list[tuple[str, list[float]]]:
    year = f"period={time.gmtime().tm_year}"
    if at_rest:
        return [("window=30d", found.windows_at_rest), (year, found.periods_at_rest)]
    return [("window=30d", found.windows), (year, found.periods)]


async def _post_steadily(
    system: System, answers: Answers, seconds: int, acknowledged: list[float]
) -> list[tuple[str, float, int]]:
    """(unit, when sent, offset to be shown) of every answer."""
    sent = []

    async def send(unit: str, body: str) -> tuple[str, float, int]:
        at = time.perf_counter()
        position = await post(system.http, body)
        acknowledged.append(time.perf_counter() - at)
        return unit, at, max(position.offsets.values())

    started = time.perf_counter()
    for number in range(RATE * seconds):
        await asyncio.sleep(started + number / RATE - time.perf_counter())
        sent.append(asyncio.create_task(send(*answers.one())))
    return await asyncio.gather(*sent)


async def _read_steadily(system: System, kind: str, into: list[float]) -> None:
    started = time.perf_counter()
    for number in range(READS_PER_S * READ_SECONDS):
        await asyncio.sleep(started + number / READS_PER_S - time.perf_counter())
        into.append(await _read(system, kind))


async def _read(system: System, kind: str) -> float:
    return await timed(system, f"/v1/units/{random.choice(UNITS)}/index?{kind}")


async def _collect(streams: dict[str, _Stream], sent: list[tuple[str, float, int]], found: Latencies) -> None:
    deadline = time.perf_counter() + SEEN_WITHIN_S
    for unit, at, offset in sent:
        while (shown := streams[unit].first_with(offset)) is None:
            if time.perf_counter() > deadline:
                raise RuntimeError(f"an answer about {unit} was not shown within {SEEN_WITHIN_S} s")
            await asyncio.sleep(0.05)
        found.seen.append(shown - at)
