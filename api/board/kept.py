"""What is read seldom, kept for all who watch."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")

MOST_KEPT = 4_096


class Kept(Generic[Value]):
    """Values that may be some time old; each is made once at a time, however many ask."""

    def __init__(self, for_ms: int, now_ms: Callable[[], int]) -> None:
        """Keep each value for so many milliseconds of a clock."""
        self._for_ms, self._now_ms = for_ms, now_ms
        self._values: dict[Hashable, tuple[int, Value]] = {}
        self._making: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, key: Hashable, make: Callable[[], Awaitable[Value]]) -> Value:
        """The value of a key, made anew once it is too old."""
        async with self._making[key]:
            made = self._values.get(key)
            if made is not None and self._now_ms() - made[0] <= self._for_ms:
                return made[1]
            if len(self._values) >= MOST_KEPT:
                self._values.clear()
            now_ms = self._now_ms()
            value = await make()
            self._values[key] = now_ms, value
            return value
