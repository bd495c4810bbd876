"""The pooled index of a city of 156 units: reads of windows and periods at rest, then reads that wait for an answer.

The windows that are pooled end in one minute, which begins anew for every worker: so the waiting goes on over several
turns of the minute, and those that meet one are also told apart.
"""

import asyncio
import random
import time

from bench.answers import Answers, post
from bench.filled import filled_system
from bench.reads import Spent, timed
from bench.system import System
from bench.table import Row, percentile
from bench.units import ROOT, one_tree
from ikm.window import WINDOWS

EVENTS = 500_000
DAYS = 365
READS = 200
POSTS_PER_S = 4
POST_FOR_S = 125
TURN_S = 2.0
MINUTE_S = 60


def rows() -> list[Row]:
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    year = f"period={time.gmtime().tm_year}"
    windows = [f"window={code}" for code in WINDOWS]
    async with filled_system(one_tree(), EVENTS, days=DAYS) as system:
        reads = [
            *await _at_rest(system, "pooled", windows, "window= of 156 units", 50),
            *await _at_rest(system, "pooled", [year], "period= of a year", 50),
            *await _at_rest(system, "mean", windows, "window= of 156 units"),
            *await _at_rest(system, "mean", [year], "period= of a year"),
        ]
        print("  the reads at rest are through", flush=True)
        return reads + _judged(await _waits(system))


async def _at_rest(system: System, scope: str, kinds: list[str], name: str, bound_ms: float | None = None) -> list[Row]:
    spent = Spent(system)
    seconds = await spent.each(_address(scope, random.choice(kinds)) for _ in range(READS))
    return [percentile(f"{scope} GET index?{name}", seconds, 99, bound_ms), spent.row()]


async def _waits(system: System) -> list[tuple[float, float]]:
    """(when acknowledged in Unix seconds, seconds until a pooled window includes it) of each answer."""
    answers, started = Answers(7, system.units), time.perf_counter()

    async def wait() -> tuple[float, float]:
        position = await post(system.http, answers.one()[1])
        acknowledged = time.time()
        return acknowledged, await timed(system, f"{_address('pooled', 'window=1h')}&after={position.encode()}")

    waiting = []
    for number in range(POSTS_PER_S * POST_FOR_S):
        await asyncio.sleep(started + number / POSTS_PER_S - time.perf_counter())
        waiting.append(asyncio.create_task(wait()))
    return await asyncio.gather(*waiting)


def _judged(found: list[tuple[float, float]]) -> list[Row]:
    name = "acknowledgement → pooled GET with after="
    turns = [seconds for at, seconds in found if (at + TURN_S / 2) % MINUTE_S < TURN_S]
    return [
        percentile(name, [seconds for _, seconds in found], 99, 1000),
        percentile("  of those within a second of a minute's turn", turns, 99),
    ]


def _address(scope: str, kind: str) -> str:
    return f"/v1/units/{ROOT}/index?scope={scope}&{kind}"
