"""How figures look: bands, lines, letters, tiers and the missing value, made from the rules in `ikm`."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Final

from grafana_foundation_sdk.builders.dashboard import FieldColor as Colour
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig as Thresholds
from grafana_foundation_sdk.models.dashboard import (
    DashboardSpecialValueMapOptions,
    FieldColorModeId,
    SpecialValueMap,
    SpecialValueMatch,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)

from ikm.figure import TIER_NAMES
from ikm.index import IKM, NO_COLOUR, Index

NO_DATA: Final = TIER_NAMES["kosong"]
NOTHING: Final = "Tidak ada"
"""Of a list of what ought not to be, when all is known and nothing is on it."""
NO_LETTER: Final = "tanpa mutu"
"""In the place of a letter where the index has none, or there is nothing to judge."""
NO_KIND: Final = "tanpa jenis"
"""Of a unit whose kind the register does not say."""
TOO_FEW: Final = "disembunyikan"
"""Of a cell whose answers are not shown: too few, or what is told by those too few."""
NONE: Final = "\N{EN DASH}"
"""Where nothing is to be said, such as a target that nobody set."""
INK: Final = "text"
"""The theme's own colour of text: for what is neither good nor bad."""
CLEAR: Final = "transparent"
"""For what has no judgement beside tiles or cells that are filled with their colours."""
_PALETTE: Final = tuple(band.colour for band in IKM.bands)
"""From the best to the worst."""
GOOD, DISPUTED, BAD = _PALETTE[0], _PALETTE[-2], _PALETTE[-1]
CHANGES: Final = {"naik nyata": GOOD, "tidak nyata": INK, "turun nyata": BAD}
"""How a figure went since the last closed period."""
SIDES: Final = {"di atas ambang": GOOD, "diperdebatkan": DISPUTED, "di bawah ambang": BAD}
"""Where an index stands to a line: never a verdict on the unit."""


def missing(text: str = NO_DATA, colour: str = NO_COLOUR) -> SpecialValueMap:
    """Null and NaN in words and in grey: without it they take the colour of the lowest band."""
    result = ValueMappingResult(text=text, color=colour, index=0)
    return SpecialValueMap(DashboardSpecialValueMapOptions(SpecialValueMatch.NULL_AND_NAN, result))


def letters() -> ValueMap:
    """Each letter with its name and colour."""
    named = {band.mutu: (f"{band.mutu} · {band.kinerja}", band.colour) for band in IKM.bands}
    return words({**named, NO_LETTER: (NO_LETTER, NO_COLOUR)})


def short_letters() -> ValueMap:
    """Each letter alone, in its colour: for narrow columns."""
    named = {band.mutu: (band.mutu, band.colour) for band in IKM.bands}
    return words({**named, NO_LETTER: ("–", NO_COLOUR)})


def tiers() -> ValueMap:
    """How far a figure may be published, in words."""
    return words({code: (name, INK) for code, name in TIER_NAMES.items()})


def bands(index: Index) -> Thresholds:
    """The bands of an index from the worst up; of one without letters, its lines, the highest in the best colour.

    What lies below the scale, and null, is grey.
    """
    if index.bands:
        steps = [(band.from_hundredths, band.colour) for band in reversed(index.bands)]
    else:
        ats = sorted({line.at_hundredths for line in index.lines})
        steps = [(scale(index)[0] * 100, BAD), *zip(ats, reversed(_PALETTE[: len(ats)]), strict=True)]
    return thresholds((at / 100, colour) for at, colour in steps)


def thresholds(steps: Iterable[tuple[float, str]], base: str = NO_COLOUR) -> Thresholds:
    """Steps (from this value on, this colour) above a base that also null gets."""
    built = [Threshold(None, base), *(Threshold(at, colour) for at, colour in steps)]
    return Thresholds().mode(ThresholdsMode.ABSOLUTE).steps(built)


def plain() -> Thresholds:
    """No judgement: one colour for all."""
    return thresholds((), base=INK)


def by_threshold() -> Colour:
    """Colour a value by its step."""
    return Colour().mode(FieldColorModeId.THRESHOLDS)


def fixed(colour: str) -> Colour:
    """One colour, whatever the value."""
    return Colour().mode(FieldColorModeId.FIXED).fixed_color(colour)


def scale(index: Index) -> tuple[int, int]:
    """The lowest and the highest value that an axis shows: 25 and 100 of the IKM, 0 and 4 of the others."""
    lowest, highest = (Fraction(index.factor) * end for end in index.reach)
    return floor(lowest), ceil(highest)


def words(texts: Mapping[str, tuple[str, str]]) -> ValueMap:
    """Texts and colours by the values that a query gives."""
    return ValueMap(
        {
            value: ValueMappingResult(text=text, color=colour, index=at)
            for at, (value, (text, colour)) in enumerate(texts.items(), 1)
        }
    )
