"""Questionnaires are data: one CSV file each, with the wording as the regulation and the forms print it."""

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Item:
    """One question.

    Attributes:
        code: Immutable id by which answers are keyed.
        element: The element (unsur) of an index that the item feeds.
        question: Wording in Indonesian, verbatim.
        scale_min: Lowest score.
        scale_max: Highest score.
        options: Labels from the lowest score to the highest.
        order: Place on the form, from 1.
    """

    code: str
    element: str
    question: str
    scale_min: int
    scale_max: int
    options: tuple[str, ...]
    order: int


@dataclass(frozen=True)
class Questionnaire:
    """A form.

    Attributes:
        id: Name by which responses refer to it.
        number: What stored pages call it; never changes.
        items: In the order of the form.
    """

    id: str
    number: int
    items: tuple[Item, ...]

    @cached_property
    def by_code(self) -> Mapping[str, Item]:
        """Items by their code."""
        return MappingProxyType({item.code: item for item in self.items})

    @cached_property
    def allowed(self) -> frozenset[tuple[str, int | None]]:
        """Every (item, score) that an answer may be; None stands for a question that was skipped."""
        return frozenset(
            (item.code, score) for item in self.items for score in (None, *range(item.scale_min, item.scale_max + 1))
        )


def read(name: str, number: int, text: str) -> Questionnaire:
    """Reads one questionnaire.

    Args:
        name: The id that every row must carry.
        number: Its number in stored pages.
        text: CSV with the columns questionnaire, order_on_form, item_id, element, question_id (the wording in
            Indonesian), scale_min, scale_max, options (separated by `|`).

    Raises:
        ValueError: A row belongs to another questionnaire, or the order or the item codes are not unique.
    """
    rows = list(csv.DictReader(io.StringIO(text)))
    items = tuple(sorted((_item(row) for row in rows), key=lambda item: item.order))
    if {row["questionnaire"] for row in rows} != {name}:
        raise ValueError(f"questionnaire {name}: every row must carry {name!r} in its first column")
    if [item.order for item in items] != list(range(1, len(items) + 1)) or len({i.code for i in items}) != len(items):
        raise ValueError(f"questionnaire {name}: order_on_form must count 1, 2, 3 … and item_id must be unique")
    return Questionnaire(name, number, items)


def _item(row: Mapping[str, str]) -> Item:
    return Item(
        code=row["item_id"],
        element=row["element"],
        question=row["question_id"],
        scale_min=int(row["scale_min"]),
        scale_max=int(row["scale_max"]),
        options=tuple(row["options"].split("|")),
        order=int(row["order_on_form"]),
    )


def _load() -> Mapping[str, Questionnaire]:
    folder = resources.files("ikm") / "questionnaires"
    numbers: dict[str, int] = tomllib.loads((folder / "numbers.toml").read_text("utf-8"))
    found = {file.name.removesuffix(".csv") for file in folder.iterdir() if file.name.endswith(".csv")}
    if found != set(numbers) or len(set(numbers.values())) != len(numbers):
        raise ValueError(f"numbers.toml must give each of {sorted(found)} a number of its own, and nothing else")
    return MappingProxyType(
        {name: read(name, number, (folder / f"{name}.csv").read_text("utf-8")) for name, number in numbers.items()}
    )


QUESTIONNAIRES: Final[Mapping[str, Questionnaire]] = _load()
