"""Where bands, figures and intervals lie on the drawn scale, in percent of its width."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ikm.index import Index


@dataclass(frozen=True, slots=True)
class Segment:
    """One band of the scale: its letter and word, its lowest value, and its place (percent)."""

    mutu: str
    kinerja: str
    lowest: float
    left: float
    width: float

    @property
    def middle(self) -> float:
        """Where the letter stands, percent."""
        return round(self.left + self.width / 2, 2)


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of one index, from its lowest to its highest possible value, with its bands from low to high."""

    lowest: float
    highest: float
    segments: tuple[Segment, ...]

    def at(self, value: float) -> float:
        """The place of a value, percent of the width."""
        return _place(value, self.lowest, self.highest)

    def span(self, bounds: Sequence[float]) -> tuple[float, float]:
        """Left edge and width of an interval, percent."""
        left = self.at(bounds[0])
        return left, round(self.at(bounds[1]) - left, 2)


def scale_of(index: Index) -> Scale:
    """The scale of an index, from what answers can reach and its bands."""
    lowest, highest = (float(index.factor * end) for end in index.reach)
    bands = sorted(index.bands, key=lambda band: band.from_hundredths)
    edges = [band.from_hundredths / 100 for band in bands] + [highest]
    segments = []
    for band, (start, end) in zip(bands, pairwise(edges), strict=True):
        left = _place(start, lowest, highest)
        width = round(_place(end, lowest, highest) - left, 2)
        segments.append(Segment(band.mutu, band.kinerja, start, left, width))
    return Scale(lowest, highest, tuple(segments))


def _place(value: float, lowest: float, highest: float) -> float:
    return round((value - lowest) / (highest - lowest) * 100, 2)
