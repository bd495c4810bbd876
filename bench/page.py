"""The organisation's page over HTTP, with figures of a thousand units, while answers come in.

The page is kept for a second for all who watch it. Reads that come later than that find it out of date, and so each is
made anew: the bound is on those.
"""

import asyncio

from bench.answers import Answers, post
from bench.filled import filled_system
from bench.reads import Spent, timed
from bench.system import System
from bench.table import Row, percentile
from bench.units import many

UNITS = 1_000
EVENTS = 150_000
DAYS = 60
READS = 40
READ_EVERY_S = 1.1
READS_KEPT = 10
"""Right after each of the reads."""
ANSWERS_EVERY_S = 0.1


def rows() -> list[Row]:
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    async with filled_system(many(UNITS), EVENTS, days=DAYS) as system:
        answering = asyncio.create_task(_answer(system))
        spent, anew, kept = Spent(system), [], list[float]()
        for _ in range(READS):
            await asyncio.sleep(READ_EVERY_S)
            anew.append(await spent.timed("/"))
            kept += [await timed(system, "/") for _ in range(READS_KEPT)]
        answering.cancel()
    return [
        percentile(f"GET / of {UNITS:,} units, made anew", anew, 95, 200),
        spent.row(),
        percentile(f"GET / of {UNITS:,} units, within a second after", kept, 95),
    ]


async def _answer(system: System) -> None:
    answers = Answers(6, system.units)
    while True:
        await post(system.http, answers.one()[1])
        await asyncio.sleep(ANSWERS_EVERY_S)
