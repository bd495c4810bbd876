"""What the sink writes beside a committed offset: the range that it is about to insert, and into which store.

A crash leaves either no plan (nothing was inserted) or a plan; then exactly that range is read again and inserted with
the same token, which the store drops if it has it. Without the plan a second reading could cut the records elsewhere,
and an equal row would arrive under two tokens.
"""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owner:
    """To what a committed offset refers: the log that was read and the store that was filled."""

    log: int
    store: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Offsets `first` to `last` of one partition, both inclusive; `last` < `first` is no plan."""

    owner: Owner
    first: int
    last: int

    def encode(self) -> str:
        """The metadata of an offset commit."""
        value = {"log": self.owner.log, "store": self.owner.store, "first": self.first, "last": self.last}
        return json.dumps(value, separators=(",", ":"))

    @classmethod
    def decode(cls, metadata: str) -> "Plan | None":
        """Read what `encode` wrote; None for anything else (no commit yet, or not ours)."""
        try:
            value = json.loads(metadata)
            owner = Owner(int(value["log"]), int(value["store"]))
            return cls(owner, int(value["first"]), int(value["last"]))
        except (ValueError, TypeError, KeyError):
            return None

    @classmethod
    def none(cls, owner: Owner, offset: int) -> "Plan":
        """Nothing planned: all below `offset` is in the store."""
        return cls(owner, offset, offset - 1)

    @property
    def is_open(self) -> bool:
        """Whether a range was planned and its end never recorded."""
        return self.last >= self.first

    def token(self, topic: str, partition: int) -> str:
        """The insert's deduplication token; with the log's id, or an old token would drop a new log's rows."""
        return f"{self.owner.log}:{topic}:{partition}:{self.first}-{self.last}"
