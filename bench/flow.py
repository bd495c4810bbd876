"""Through `ikm up`, over HTTP: a minute of 3,000 answers a second, then latencies at 200 a second."""

import asyncio
import time
from functools import reduce
from statistics import median

from bench.answers import Answers, post
from bench.latency import Latencies, measure_latencies
from bench.system import System, running_system
from bench.table import Asked, Row, percentile
from ikm.position import Position

RATE = 3_000
SECONDS = 60
PER_POST = 500


def rows() -> list[Row]:
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    async with running_system() as system:
        found = await _burst(system)
        print("  a minute of load is through", flush=True)
        return found + _judged(await measure_latencies(system))


async def _burst(system: System) -> list[Row]:
    """Send by the clock, whether or not the answers come back in time."""
    answers, posts = Answers(1), RATE * SECONDS // PER_POST
    started, sent, acks = time.perf_counter(), [], []

    async def send(body: str) -> Position:
        at = time.perf_counter()
        position = await post(system.http, body)
        acks.append(time.perf_counter() - at)
        return position

    for number in range(posts):
        body = answers.many(PER_POST)
        await asyncio.sleep(started + number * PER_POST / RATE - time.perf_counter())
        sent.append(asyncio.create_task(send(body)))
    positions = await asyncio.gather(*sent)
    took = time.perf_counter() - started
    lag = await system.until_visible(reduce(Position.merge, positions))
    return [
        Row(
            f"{RATE * SECONDS:,} answers sent in {SECONDS} s: all acknowledged after",
            f"{took:.1f} s",
            took,
            Asked("≤", SECONDS + 1, "s"),
        ),
        Row("  then lag 0 (index and periods) after", f"{lag:.1f} s", lag, Asked("≤", 30, "s")),
        Row("  ack of a POST of 500, p50", f"{1000 * median(acks):.0f} ms"),
    ]


def _judged(found: Latencies) -> list[Row]:
    cpu = ", ".join(f"{role} {share:.0%}" for role, share in found.cpu.items())
    return [
        Row("CPU at 200/s, of a core", cpu),
        percentile("request sent → SSE at 200/s over 156 units", found.seen, 50, 250),
        percentile("request sent → SSE at 200/s over 156 units", found.seen, 99, 1000),
        percentile("ack of a single POST at 200/s", found.acknowledged, 50, 60),
        percentile("ack of a single POST at 200/s", found.acknowledged, 99),
        percentile("GET index?window=", found.windows_at_rest, 99, 50),
        percentile("GET index?period=", found.periods_at_rest, 99, 50),
        percentile("GET index?window= beside 200/s and 156 streams", found.windows, 99),
        percentile("GET index?period= beside 200/s and 156 streams", found.periods, 99),
    ]
