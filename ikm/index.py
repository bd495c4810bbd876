"""Indices are data: elements with their weights, the scale and the bands of quality, one TOML file each."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from importlib import resources
from math import lcm
from types import MappingProxyType
from typing import Any, Final

from ikm.questionnaire import QUESTIONNAIRES


@dataclass(frozen=True, slots=True)
class Element:
    """One element (unsur) of an index.

    Attributes:
        code: The key everywhere.
        u: Its number on the form, for display only.
        name: Official name in Indonesian.
        weight: Its exact share of the index.
    """

    code: str
    u: int
    name: str
    weight: Fraction


@dataclass(frozen=True, slots=True)
class Band:
    """A band of quality: the letter, its name, and the value from which it holds, in hundredths."""

    mutu: str
    kinerja: str
    from_hundredths: int


@dataclass(frozen=True)
class Index:
    """How answers become one number and a letter.

    Attributes:
        code: The index's name in addresses and keys.
        title: For people.
        questionnaires: Those whose answers it takes.
        elements: In the order of the form.
        bands: From the best to the worst.
        scale_factor: From the weighted mean (1..4) to the index (25..100).
        reconciliation: Weights as older reports printed them, as decimal text.
    """

    code: str
    title: str
    questionnaires: tuple[str, ...]
    elements: tuple[Element, ...]
    bands: tuple[Band, ...]
    scale_factor: int = 25
    reconciliation: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        total = sum((element.weight for element in self.elements), Fraction(0))
        if total != 1:
            raise ValueError(f"index {self.code}: the weights sum to {total}, not 1: write them as fractions, like 1/9")
        if [band.from_hundredths for band in self.bands] != sorted(
            (band.from_hundredths for band in self.bands), reverse=True
        ):
            raise ValueError(f"index {self.code}: the bands must go from the best to the worst")

    @cached_property
    def integer_weights(self) -> tuple[int, ...]:
        """The weights over their common denominator, in the order of the elements."""
        common = lcm(*(element.weight.denominator for element in self.elements))
        return tuple(int(element.weight * common) for element in self.elements)

    @property
    def equal_weights(self) -> bool:
        """Whether all elements weigh the same: then the mean of a respondent's answers is the respondent's x."""
        return len(set(self.integer_weights)) == 1

    def band(self, hundredths: int) -> Band:
        """The band of a value that was rounded to hundredths."""
        for band in self.bands:
            if hundredths >= band.from_hundredths:
                return band
        return self.bands[-1]


def read(text: str) -> Index:
    """Reads one index from TOML.

    Raises:
        ValueError: The weights do not sum to 1 or are not equal, an element is fed by no item, or the bands are not
            in order.
    """
    data: dict[str, Any] = tomllib.loads(text)
    orders = _orders(data["questionnaires"])
    unfed = [element["code"] for element in data["elements"] if element["code"] not in orders]
    if unfed:
        raise ValueError(f"index {data['code']}: no item of {data['questionnaires']} feeds {unfed}")
    index = Index(
        code=data["code"],
        title=data["title"],
        questionnaires=tuple(data["questionnaires"]),
        elements=tuple(
            sorted(
                (Element(e["code"], orders[e["code"]], e["name"], Fraction(e["weight"])) for e in data["elements"]),
                key=lambda element: element.u,
            )
        ),
        bands=tuple(Band(b["mutu"], b["kinerja"], int(Fraction(b["from"]) * 100)) for b in data["bands"]),
        scale_factor=data["scale_factor"],
        reconciliation=tuple(data["reconciliation"]),
    )
    if not index.equal_weights:
        raise ValueError(
            f"index {index.code}: unequal weights give an exact value, but the scorecards sum x and x² of respondents "
            "with equal weights, so its interval would be wrong: collect the weighted x first"
        )
    return index


def _orders(questionnaires: list[str]) -> dict[str, int]:
    """Number on the form of each element: that of the first item that feeds it."""
    orders: dict[str, int] = {}
    for name in questionnaires:
        for item in QUESTIONNAIRES[name].items:
            orders.setdefault(item.element, item.order)
    return orders


def _load() -> Mapping[str, Index]:
    files = (file for file in (resources.files("ikm") / "indices").iterdir() if file.name.endswith(".toml"))
    indices = (read(file.read_text("utf-8")) for file in files)
    return MappingProxyType({index.code: index for index in indices})


INDICES: Final[Mapping[str, Index]] = _load()
IKM: Final[Index] = INDICES["ikm"]
