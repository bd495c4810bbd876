"""What the API shows at one instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.index_store import IndexStore
from api.public_frames import PublicFrames
from runtime.clock import Clock
from runtime.units import UnitsStore


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The published figures and the register as they are at one instant, and nothing that comes later.

    Attributes:
        figures: what `index.v1` says.
        units: what `units.v1` says.
        frames: of the API; the truth check reads as one who sees everything.
        now_ms: the instant, UTC epoch ms.
    """

    figures: IndexStore
    units: UnitsStore
    frames: PublicFrames
    now_ms: int

    @classmethod
    def of(cls, figures: IndexStore, units: UnitsStore, frames: PublicFrames, clock: Clock) -> "Snapshot":
        """Now."""
        now_ms = clock()
        return cls(figures.pinned(), units.pinned(lambda: now_ms), frames, now_ms)

    @property
    def values(self) -> Mapping[tuple[str, str], tuple[Sequence[int], Mapping[str, Any]]]:
        """(unit, index) -> (sequence, windows), as published."""
        return self.figures.values()

    @property
    def progress(self) -> Mapping[int, int]:
        """Source partition -> next offset of its progress record."""
        return {partition: said.next_offset for partition, said in self.figures.progress.items()}
