"""Rolling windows: a window is one entry here."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ikm.times import MS_PER_MINUTE

_HOUR: Final = 60
_DAY: Final = 24 * _HOUR
STRETCHES: Final[Mapping[str, str]] = MappingProxyType({"h": "jam", "d": "hari"})
"""What the last letter of a window's code stands for."""


@dataclass(frozen=True, slots=True)
class Window:
    """The last stretch of time, moving in steps.

    Attributes:
        code: Its name in addresses.
        minutes: Its length.
        step: Minutes between two of its ends.
    """

    code: str
    minutes: int
    step: int

    @property
    def name(self) -> str:
        """As people read it: "24 jam"."""
        return f"{self.code[:-1]} {STRETCHES[self.code[-1]]}"

    def bounds(self, now_ms: int) -> tuple[int, int]:
        """The window [from, to) that holds at a time, in UTC epoch minutes; `to` is the next step after now."""
        to = (now_ms // (MS_PER_MINUTE * self.step) + 1) * self.step
        return to - self.minutes, to


WINDOWS: Final[Mapping[str, Window]] = MappingProxyType(
    {
        window.code: window
        for window in (
            Window("1h", _HOUR, 1),
            Window("24h", _DAY, 1),
            Window("7d", 7 * _DAY, _HOUR),
            Window("30d", 30 * _DAY, _HOUR),
        )
    }
)
DEFAULT_WINDOW: Final = "30d"
"""What a board shows of whoever asks for nothing else."""
