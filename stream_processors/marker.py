"""A note in the changelog of what a partition has published whole: under which rules, after which replay.

Key `#`, one per partition. Without one that matches, an assignment publishes every bucket and figure again: after a
change of the rules (`ikm.position.RULES_VERSION`) or after `ikm replay`.
"""

import json
from typing import NamedTuple

MARKER_KEY = b"#"


class Marker(NamedTuple):
    """What was published whole: of which log, after which replay, under which rules."""

    log: int
    refold: int
    rules: int

    def record(self) -> tuple[bytes, bytes]:
        """Key and value as they stand in the changelog."""
        return MARKER_KEY, json.dumps(self._asdict(), separators=(",", ":")).encode()

    @classmethod
    def read(cls, value: bytes) -> "Marker":
        """The inverse of `record`'s value."""
        return cls(**json.loads(value))
