"""A year of periods, read through `ikm up` from a year of the simulated city's answers: as a trend, and one by one."""

import asyncio
import random
import time
from statistics import quantiles

from bench.answers import Answers, post
from bench.load import put, records
from bench.system import UNITS, System, running_system
from bench.table import Asked, Row
from ikm.period import parse_period
from ikm.times import rfc3339_minute
from producers.city import ZONE

EVENTS = 500_000
DAYS = 365
READS = 300


def rows() -> list[Row]:
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    async with running_system() as system:
        await put(system.kafka, records(EVENTS, days=DAYS))
        last = await post(system.http, Answers(5).many(500))  # about units of every partition
        await system.until_visible(last)
        print(f"  {EVENTS:,} events are in the store", flush=True)
        year = time.gmtime().tm_year
        whole = parse_period(str(year), ZONE)
        ends = f"from={rfc3339_minute(whole.from_minute)}&to={rfc3339_minute(whole.to_minute)}"
        trend = [f"trend?by=period&{ends}"]
        each = [f"index?period={year}-TW{quarter}" for quarter in (1, 2, 3, 4)]
        return [
            _row("GET trend?by=period of a year", await _times(system, trend)),
            _row("four GET index?period= of a year, together", await _times(system, each)),
        ]


async def _times(system: System, reads: list[str]) -> list[float]:
    """Seconds that all reads of a unit take, one after the other, unit after unit at random."""
    found = []
    for _ in range(READS):
        unit, began = random.choice(UNITS), time.perf_counter()
        for read in reads:
            async with system.http.get(f"/v1/units/{unit}/{read}") as answer:
                if answer.status != 200:
                    raise RuntimeError(f"GET {read}: {answer.status} {await answer.text()}")
                await answer.read()
        found.append(time.perf_counter() - began)
    return found


def _row(name: str, seconds: list[float]) -> Row:
    ms = 1000 * quantiles(seconds, n=100, method="inclusive")[98]
    return Row(f"{name}, p99", f"{ms:.0f} ms of {len(seconds):,}", ms, Asked("≤", 100, "ms"))
