"""Ending tasks of ours."""

import asyncio
from collections.abc import Collection
from typing import Any

AGAIN_S = 0.5


async def cancelled(tasks: Collection["asyncio.Task[Any]"]) -> None:
    """Cancel tasks and wait until they have ended, however they do.

    A library may swallow a cancellation that comes just as what it waits for is there; so it is said again.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN_S)
