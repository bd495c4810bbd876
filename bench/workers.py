"""Two workers against one, each the full job on the same log of 8 partitions, in the same round.

On 2 cores the two share them with Kafka: the CPU time of all is told beside the ratio.
"""

import asyncio
import os
from statistics import median

import psutil

from bench.engine import fresh_topics, local_kafka, measured_together
from bench.load import put, records
from bench.table import Asked, Row, spread

EVENTS = 300_000
DAYS = 1
ROUNDS = 3
COUNTS = (1, 2)


def rows() -> list[Row]:
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    rates: dict[int, list[float]] = {count: [] for count in COUNTS}
    cores: dict[int, list[tuple[float, float]]] = {count: [] for count in COUNTS}
    log = list(records(EVENTS, days=DAYS))
    with local_kafka() as bootstrap:
        kafka = psutil.Process().children(recursive=True)
        for number in range(ROUNDS):
            for count in COUNTS if number % 2 == 0 else COUNTS[::-1]:
                await fresh_topics(bootstrap)
                await put(bootstrap, iter(log))
                rate, shares = await _run(bootstrap, count, kafka)
                rates[count].append(rate)
                cores[count].append(shares)
                print(f"  round {number + 1}/{ROUNDS} {count} of them {rate:>10,.0f} records/s", flush=True)
    ratio = [two / one for one, two in zip(*rates.values(), strict=True)]
    name = f"two workers / one, 8 partitions, {os.cpu_count()} cores shared with Kafka"
    return [
        *(Row(f"full job on {_named(count)}, records/s", spread(rates[count], ",.0f")) for count in COUNTS),
        Row(name, spread(ratio), median(ratio), Asked("≥", 1.4)),
        *(Row(f"  cores busy with {_named(count)}", _told(cores[count])) for count in COUNTS),
    ]


async def _run(bootstrap: str, count: int, kafka: list[psutil.Process]) -> tuple[float, tuple[float, float]]:
    """Records per second from the first fold of any worker until all is acknowledged; cores of workers and Kafka."""
    before: list[float] = []
    found = await measured_together("fold_job", count, bootstrap, count, at_go=lambda: before.append(_cpu(kafka)))
    seconds = max(one["began"] + one["seconds"] for one in found) - min(one["began"] for one in found)
    cores = sum(one["cpu"] for one in found) / seconds, (_cpu(kafka) - before[0]) / seconds
    return sum(one["records"] for one in found) / seconds, cores


def _cpu(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def _named(count: int) -> str:
    return "one worker" if count == 1 else f"{count} workers"


def _told(cores: list[tuple[float, float]]) -> str:
    workers, kafka = (median(each) for each in zip(*cores, strict=True))
    return f"{workers:.2f} by workers, {kafka:.2f} by Kafka"
