"""What `rejected.v1`, which forgets, can still say of the records that were refused."""

from collections.abc import Mapping
from typing import Final

from ikm.times import MS_PER_HOUR

DISORDER_MS: Final = MS_PER_HOUR
"""Letters of several writers lie out of the order of time by less than that."""
_NEVER: Final = -(2**62)
_ALWAYS: Final = 2**62


def forgotten_ms(firsts: Mapping[int, int], oldest: Mapping[int, int]) -> int:
    """Before when a record may have been refused without a letter on the topic, UTC epoch milliseconds.

    Args:
        firsts: first offset of each partition.
        oldest: when the first record of each partition that has any was written, UTC epoch milliseconds.
    """
    begun = [oldest.get(partition, _ALWAYS) for partition, first in firsts.items() if first > 0]
    return max(begun) + DISORDER_MS if begun else _NEVER
