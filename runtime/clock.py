"""The one place that asks the machine what time it is."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Returns UTC epoch milliseconds; tests pass a function of their own."""


def system_clock() -> int:
    """UTC epoch milliseconds of the machine's clock."""
    return time.time_ns() // 1_000_000
