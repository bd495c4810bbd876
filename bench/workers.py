"""Two workers against one, each the full job on the same log of 8 partitions, in the same round.

On 2 cores the two share them with Kafka, and with whatever else runs: a core that another program takes is taken from
the second worker first. So the cores that others took are measured, and the rounds that they disturbed least are
judged. Kafka writes each batch to the disk before it acknowledges it: where cores wait for a disk, it decides.
"""

import asyncio
import os
from dataclasses import dataclass
from statistics import median

import psutil

from bench.engine import fresh_topics, local_kafka, measured_together
from bench.load import put, records
from bench.table import Asked, Row, spread

EVENTS = 300_000
DAYS = 1
JUDGED = 3
MOST_ROUNDS = 7
QUIET = 0.1
"""Cores taken by others; after so many quiet rounds as are judged there are no more."""
COUNTS = (1, 2)


@dataclass(frozen=True)
class Run:
    """Records per second from the first fold of any worker until all is acknowledged, and the cores that were busy."""

    rate: float
    workers: float
    kafka: float
    others: float
    disk: float


def rows() -> list[Row]:
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    rounds: list[dict[int, Run]] = []
    log = list(records(EVENTS, days=DAYS))
    with local_kafka() as bootstrap:
        kafka = psutil.Process().children(recursive=True)
        while len(rounds) < MOST_ROUNDS and sum(_others(done) <= QUIET for done in rounds) < JUDGED:
            found: dict[int, Run] = {}
            for count in COUNTS if len(rounds) % 2 == 0 else COUNTS[::-1]:
                await fresh_topics(bootstrap)
                await put(bootstrap, iter(log))
                run = found[count] = await _run(bootstrap, count, kafka)
                print(
                    f"  round {len(rounds) + 1} {_named(count):<11} {run.rate:>10,.0f} records/s",
                    _told([run]),
                    flush=True,
                )
            rounds.append(found)
    return _judged(sorted(rounds, key=_others)[:JUDGED], len(rounds))


def _judged(rounds: list[dict[int, Run]], of: int) -> list[Row]:
    ratio = [found[2].rate / found[1].rate for found in rounds]
    name = f"two workers / one, 8 partitions, {os.cpu_count()} cores shared with Kafka"
    runs = {count: [found[count] for found in rounds] for count in COUNTS}
    return [
        *(
            Row(f"full job on {_named(count)}, records/s", spread([r.rate for r in runs[count]], ",.0f"))
            for count in COUNTS
        ),
        Row(f"{name}, {len(rounds)} of {of} rounds", spread(ratio), median(ratio), Asked("≥", 1.4)),
        Row("  as their CPU time would allow on free cores", f"{median(map(_allowed, rounds)):.2f}"),
        *(Row(f"  cores busy with {_named(count)}", _told(runs[count])) for count in COUNTS),
    ]


async def _run(bootstrap: str, count: int, kafka: list[psutil.Process]) -> Run:
    before: list[tuple[float, float, float]] = []
    found = await measured_together(
        "fold_job", count, bootstrap, count, at_go=lambda: before.append((_cpu(kafka), *_machine()))
    )
    spent, busy, disk = (after - earlier for after, earlier in zip((_cpu(kafka), *_machine()), before[0], strict=True))
    seconds = max(one["began"] + one["seconds"] for one in found) - min(one["began"] for one in found)
    workers = sum(one["cpu"] for one in found)
    return Run(
        rate=sum(one["records"] for one in found) / seconds,
        workers=workers / seconds,
        kafka=spent / seconds,
        others=max(0.0, busy - workers - spent) / seconds,
        disk=disk / seconds,
    )


def _allowed(found: dict[int, Run]) -> float:
    """One worker folds on one core, whatever Kafka does on another; two and Kafka share all there are."""
    one, two = found[1], found[2]
    return (os.cpu_count() or 1) * two.rate / (two.workers + two.kafka) * one.workers / one.rate


def _cpu(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def _machine() -> tuple[float, float]:
    """Seconds that all cores have worked, and that they had nothing to do but to wait for a disk."""
    times = psutil.cpu_times()
    waited = getattr(times, "iowait", 0.0)
    return sum(times) - times.idle - waited - getattr(times, "guest", 0.0), waited


def _others(found: dict[int, Run]) -> float:
    return max(run.others for run in found.values())


def _named(count: int) -> str:
    return "one worker" if count == 1 else f"{count} workers"


def _told(runs: list[Run]) -> str:
    workers, kafka, others, disk = (
        median(each) for each in zip(*((r.workers, r.kafka, r.others, r.disk) for r in runs), strict=True)
    )
    return f"{workers:.2f} workers, {kafka:.2f} Kafka, {others:.2f} others, {disk:.2f} waiting for a disk"
