"""How far a log has been read, and which of two published values is the later one."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

RULES_VERSION: Final[int] = 2
"""Raise it when a rule changes a figure: every worker then publishes all figures again, and readers prefer them."""

_TEXT = re.compile(r"([0-9]{1,19})((?:;[0-9]{1,10}:[0-9]{1,19})*)")
_LONGEST: Final = 65_536


@dataclass(frozen=True, slots=True)
class Position:
    """A place in one log.

    Attributes:
        log: The log's id, a positive integer that is greater for a newer log.
        offsets: Next offset per partition; a partition that is not named is at its beginning.
    """

    log: int
    offsets: Mapping[int, int]

    def __post_init__(self) -> None:
        object.__setattr__(self, "offsets", MappingProxyType(dict(sorted(self.offsets.items()))))

    def encode(self) -> str:
        """The position as one opaque, URL-safe text."""
        text = str(self.log) + "".join(f";{partition}:{offset}" for partition, offset in self.offsets.items())
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str) -> "Position":
        """Reads what `encode` wrote.

        Raises:
            ValueError: The text is no position.
        """
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            inner = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
        except ValueError:
            inner = ""
        matched = _TEXT.fullmatch(inner) if len(inner) <= _LONGEST else None
        if matched is None:
            raise ValueError("not a position: send one exactly as an answer of this API gave it")
        pairs = (pair.split(":") for pair in matched[2].split(";")[1:])
        return cls(int(matched[1]), {int(partition): int(offset) for partition, offset in pairs})

    def merge(self, other: "Position") -> "Position":
        """The position that lies at or after both, partition by partition.

        Raises:
            ValueError: The two belong to different logs and cannot be compared.
        """
        if other.log != self.log:
            raise ValueError(f"positions of two logs cannot be merged: {self.log} and {other.log}")
        merged = dict(self.offsets)
        for partition, offset in other.offsets.items():
            merged[partition] = max(offset, merged.get(partition, 0))
        return Position(self.log, merged)


class Sequence(NamedTuple):
    """Which of two published values is the later one: compared left to right, the greater wins.

    Attributes:
        epoch: The log's epoch, greater for a new log.
        rules: `RULES_VERSION` of the worker that computed the value.
        offset: Next offset of the source partition: the value is true up to there.
        to: End of the window or bucket, UTC epoch minutes.
    """

    epoch: int
    rules: int
    offset: int
    to: int

    def text(self) -> str:
        """The sequence as `epoch.rules.offset.to`."""
        return f"{self.epoch}.{self.rules}.{self.offset}.{self.to}"

    @classmethod
    def parse(cls, text: str) -> "Sequence":
        """Reads what `text` wrote.

        Raises:
            ValueError: The text is no sequence.
        """
        if re.fullmatch(r"[0-9]{1,19}(\.[0-9]{1,19}){3}", text) is None:
            raise ValueError("not a sequence: expected epoch.rules.offset.to, four integers")
        return cls(*map(int, text.split(".")))
