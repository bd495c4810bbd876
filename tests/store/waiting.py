"""Wait for what the store says, without guessing how long it takes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from runtime.clickhouse import Lane, Store
from sinks import progress

T = TypeVar("T")


async def until(ask: Callable[[], Awaitable[T]], is_good: Callable[[T], bool], timeout_s: float = 60) -> T:
    """Ask again and again until the answer is good; the last answer is in the error."""
    answer: T | None = None
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                answer = await ask()
                if is_good(answer):
                    return answer
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"still {answer!r} after {timeout_s} s") from None


async def stored(store: Store, topic: str, log: int, ends: Mapping[int, int]) -> None:
    """Wait until the store's progress has reached these positions of the log."""

    async def ask() -> dict[int, int]:
        found = await progress.read(store, topic, log)
        return {partition: found[partition].source_offset for partition in found}

    await until(ask, lambda found: all(found.get(partition, 0) >= end for partition, end in ends.items()))


async def count(store: Store, sql: str) -> int:
    """The one number that a query returns."""
    return int((await store.rows(sql, lane=Lane.CHECK))[0][0])
