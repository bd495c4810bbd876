"""Indices are data: elements with their items and weights, the scale, bands or lines, one TOML file each."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from importlib import resources
from math import lcm
from types import MappingProxyType
from typing import Any, Final

from ikm.questionnaire import QUESTIONNAIRES, Item

NO_COLOUR: Final = "#808080"
"""Of what has no letter."""
_OWN_SCALE: Final = (1, 4)
"""The scale of the indices themselves: it needs no conversion."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element (unsur, indicator) of an index.

    Attributes:
        code: The key everywhere.
        u: Its place in the index, for display only.
        name: Official name in Indonesian.
        weight: Its exact share of the index.
        items: The questions that feed it: a respondent's score is the mean of those answered.
    """

    code: str
    u: int
    name: str
    weight: Fraction
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A band of quality: the letter, its name, the value from which it holds, in hundredths, its colour (#RRGGBB)."""

    mutu: str
    kinerja: str
    from_hundredths: int
    colour: str


@dataclass(frozen=True, slots=True)
class Line:
    """A value that an index is compared with, such as that of a Zona Integritas, in hundredths."""

    code: str
    at_hundredths: int


@dataclass(frozen=True)
class Conversion:
    """How a mean on a raw scale becomes one on the index's: `slope * mean + intercept`, by (lowest, highest) score.

    The scale 1..4 stays as it is.
    """

    name: str
    by_scale: Mapping[tuple[int, int], tuple[Fraction, Fraction]]

    def of(self, item: Item) -> tuple[Fraction, Fraction]:
        """Slope and intercept for an item.

        Raises:
            KeyError: if the item's scale has none.
        """
        scale = item.scale_min, item.scale_max
        return (Fraction(1), Fraction(0)) if scale == _OWN_SCALE else self.by_scale[scale]


@dataclass(frozen=True)
class Index:
    """How answers become one number, and a letter where the index has bands.

    Attributes:
        code: The index's name in addresses and keys.
        title: For people.
        elements: In their order.
        bands: From the best to the worst; none for an index without letters.
        factor: From the weighted mean of the elements to the index: 25 for 25..100, 1 for 0..4.
        conversions: The first one gives the published value.
        reconciliation: Weights as older reports printed them, as decimal text.
        lines: What the value is compared with.
    """

    code: str
    title: str
    elements: tuple[Element, ...]
    bands: tuple[Band, ...] = ()
    factor: int = 1
    conversions: tuple[Conversion, ...] = (Conversion("linear", MappingProxyType({})),)
    reconciliation: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        total = sum((element.weight for element in self.elements), Fraction(0))
        if total != 1:
            raise ValueError(f"index {self.code}: the weights sum to {total}, not 1: write them as fractions, like 1/9")
        if [band.from_hundredths for band in self.bands] != sorted(
            (band.from_hundredths for band in self.bands), reverse=True
        ):
            raise ValueError(f"index {self.code}: the bands must go from the best to the worst")
        if len({item.code for item in self.items}) != len(self.items):
            raise ValueError(f"index {self.code}: an item may feed one element of an index, not two")
        for conversion in self.conversions:
            for item in self.items:
                try:
                    conversion.of(item)
                except KeyError:
                    scale = f"{item.scale_min}-{item.scale_max}"
                    raise ValueError(
                        f"index {self.code}: conversion {conversion.name} lacks the scale {scale} of {item.code}"
                    ) from None

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All that feed it, in the order of the elements."""
        return tuple(item for element in self.elements for item in element.items)

    @cached_property
    def integer_weights(self) -> tuple[int, ...]:
        """The weights over their common denominator, in the order of the elements."""
        common = lcm(*(element.weight.denominator for element in self.elements))
        return tuple(int(element.weight * common) for element in self.elements)

    @cached_property
    def equal_weights(self) -> bool:
        """Whether all elements weigh the same: then the mean of a respondent's elements is the respondent's x."""
        return len(set(self.integer_weights)) == 1

    @property
    def converts(self) -> bool:
        """Whether there is more than one way to its value."""
        return len(self.conversions) > 1

    @cached_property
    def reach(self) -> tuple[Fraction, Fraction]:
        """The lowest and the highest mean of a respondent, on the scale of the elements (before `factor`)."""
        ends = [
            slope * score + intercept
            for slope, intercept, item in ((*self.conversions[0].of(item), item) for item in self.items)
            for score in (item.scale_min, item.scale_max)
        ]
        return min(ends), max(ends)

    @cached_property
    def ends(self) -> tuple[float, float]:
        """`reach` as plain numbers: for intervals, which are not exact."""
        lowest, highest = self.reach
        return float(lowest), float(highest)

    def band(self, hundredths: int) -> Band | None:
        """The band of a value that was rounded to hundredths; None for an index without letters."""
        for band in self.bands:
            if hundredths >= band.from_hundredths:
                return band
        return self.bands[-1] if self.bands else None


def read(text: str) -> Index:
    """Reads one index from TOML.

    Raises:
        ValueError: The weights do not sum to 1 or are not equal, an element names an unknown item, an item's scale has
            no conversion, the bands are not in order, or a colour is not written as #RRGGBB.
    """
    data: dict[str, Any] = tomllib.loads(text)
    index = Index(
        code=data["code"],
        title=data["title"],
        elements=tuple(_element(data["code"], u, e) for u, e in enumerate(data["elements"], 1)),
        bands=tuple(_band(data["code"], b) for b in data.get("bands", ())),
        factor=data["factor"],
        conversions=tuple(_conversion(c) for c in data["conversions"]) if "conversions" in data else (_AS_IT_IS,),
        reconciliation=tuple(data.get("reconciliation", ())),
        lines=tuple(Line(line["code"], int(Fraction(line["at"]) * 100)) for line in data.get("lines", ())),
    )
    if not index.equal_weights:
        raise ValueError(
            f"index {index.code}: unequal weights give an exact value, but the scorecards sum x and x² of respondents "
            "with equal weights, so its interval would be wrong: collect the weighted x first"
        )
    return index


_AS_IT_IS: Final = Conversion("linear", MappingProxyType({}))
_COLOUR: Final = re.compile("#[0-9A-F]{6}")
_ITEMS: Final = {item.code: item for form in QUESTIONNAIRES.values() for item in form.items}


def _band(index: str, data: Mapping[str, Any]) -> Band:
    colour = data["colour"]
    if not _COLOUR.fullmatch(colour):
        raise ValueError(f"index {index}: the colour of band {data['mutu']} is {colour}: write it as #RRGGBB")
    return Band(data["mutu"], data["kinerja"], int(Fraction(data["from"]) * 100), colour)


def _element(index: str, u: int, data: Mapping[str, Any]) -> Element:
    unknown = [code for code in data["items"] if code not in _ITEMS]
    if unknown or not data["items"]:
        raise ValueError(f"index {index}: element {data['code']} is fed by {unknown or 'nothing'}, no item of any form")
    items = tuple(_ITEMS[code] for code in data["items"])
    return Element(data["code"], u, data["name"], Fraction(data["weight"]), items)


def _conversion(data: Mapping[str, Any]) -> Conversion:
    by_scale = {
        (scale["from"], scale["to"]): (Fraction(scale["slope"]), Fraction(scale["intercept"]))
        for scale in data["scales"]
    }
    return Conversion(data["name"], MappingProxyType(by_scale))


def _load() -> Mapping[str, Index]:
    files = (file for file in (resources.files("ikm") / "indices").iterdir() if file.name.endswith(".toml"))
    indices = sorted((read(file.read_text("utf-8")) for file in files), key=lambda index: index.code)
    return MappingProxyType({index.code: index for index in indices})


INDICES: Final[Mapping[str, Index]] = _load()
IKM: Final[Index] = INDICES["ikm"]
