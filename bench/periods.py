"""A year of periods, read through `ikm up` from a year of the simulated city's answers: as a trend, and one by one."""

import asyncio
import random
import time

from bench.filled import filled_system
from bench.reads import Spent
from bench.system import System
from bench.table import Row, percentile
from ikm.period import parse_period
from ikm.times import rfc3339_minute
from producers.city import ZONE, city

EVENTS = 500_000
DAYS = 365
READS = 300


def rows() -> list[Row]:
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    year = time.gmtime().tm_year
    whole = parse_period(str(year), ZONE)
    ends = f"from={rfc3339_minute(whole.from_minute)}&to={rfc3339_minute(whole.to_minute)}"
    async with filled_system(city(), EVENTS, days=DAYS) as system:
        return [
            *await _reads(system, "GET trend?by=period of a year", f"trend?by=period&{ends}"),
            *await _reads(
                system,
                "four GET index?period= of a year, together",
                *(f"index?period={year}-TW{quarter}" for quarter in (1, 2, 3, 4)),
            ),
        ]


async def _reads(system: System, name: str, *reads: str) -> list[Row]:
    """All reads of a unit, one after the other, unit after unit at random."""
    spent = Spent(system)
    units = random.choices(system.units, k=READS)
    seconds = [await spent.timed(*(f"/v1/units/{unit}/{read}" for read in reads)) for unit in units]
    return [percentile(name, seconds, 99, 100), spent.row()]
