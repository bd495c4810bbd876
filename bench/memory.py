"""Memory of all of `ikm up`'s processes after 50,000 and after 300,000 answers, and what an answer adds."""

import asyncio
from functools import reduce

from bench.answers import Answers, post
from bench.system import System, running_system
from bench.table import Row
from ikm.position import Position

COUNTS = (50_000, 300_000)
PER_POST = 500
AT_ONCE = 4
SETTLE_S = 5

Sizes = dict[str, tuple[int, int]]


def rows() -> list[Row]:
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    async with running_system() as system:
        answers, done, found = Answers(3), 0, []
        for count in COUNTS:
            await _send(system, answers, count - done)
            done = count
            found.append(system.memory())
            print(f"  {count:,} answers", flush=True)
    first, last = found
    return [
        *(_row(count, sizes) for count, sizes in zip(COUNTS, found, strict=True)),
        Row("slope of the tree, PSS", f"{_slope(first, last, *first):,.0f} bytes per response"),
        *(Row(f"  of it {role}", f"{_slope(first, last, role):,.0f} bytes per response") for role in first),
    ]


async def _send(system: System, answers: Answers, number: int) -> None:
    """Send as fast as a few connections do; wait until all is visible and the processes have settled."""
    posts = iter(range(number // PER_POST))

    async def sender() -> list[Position]:
        return [await post(system.http, answers.many(PER_POST)) for _ in posts]

    positions = [position for each in await asyncio.gather(*(sender() for _ in range(AT_ONCE))) for position in each]
    await system.until_visible(reduce(Position.merge, positions))
    await asyncio.sleep(SETTLE_S)


def _row(count: int, sizes: Sizes) -> Row:
    rss, pss = (sum(size[at] for size in sizes.values()) / 2**20 for at in (0, 1))
    parts = ", ".join(f"{role} {size[1] / 2**20:,.0f}" for role, size in sizes.items())
    return Row(f"memory of the tree after {count:,} answers", f"{pss:,.0f} MiB PSS ({parts}), {rss:,.0f} MiB RSS")


def _slope(first: Sizes, last: Sizes, *roles: str) -> float:
    return sum(last[role][1] - first[role][1] for role in roles) / (COUNTS[1] - COUNTS[0])
