"""Questionnaires are data: items in CSV files, worded as the regulation and the forms print them, and forms of them."""

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

DEFAULT_FORM: Final = "skm"
"""Which form a response that names none answers."""

_POLARITIES: Final = {"positive": False, "negative": True}


@dataclass(frozen=True, slots=True)
class Item:
    """One question. Its code never changes its meaning: another scale or polarity is another code.

    Attributes:
        code: Immutable id by which answers are keyed.
        question: Wording in Indonesian, verbatim.
        scale_min: Lowest score.
        scale_max: Highest score.
        reversed: Whether the highest score is the worst answer.
        options: Labels from the lowest score to the highest; of a long scale, one label that explains it.
    """

    code: str
    question: str
    scale_min: int
    scale_max: int
    reversed: bool
    options: tuple[str, ...]

    @property
    def levels(self) -> range:
        """The scores that it may have."""
        return range(self.scale_min, self.scale_max + 1)

    def good(self, score: int) -> int:
        """The score on the same scale with the best answer highest."""
        return self.scale_min + self.scale_max - score if self.reversed else score


@dataclass(frozen=True)
class Questionnaire:
    """A form.

    Attributes:
        id: Name by which responses refer to it.
        version: From 1.
        number: What stored pages call it; never changes.
        items: In the order of the form.
    """

    id: str
    version: int
    number: int
    items: tuple[Item, ...]

    @property
    def name(self) -> str:
        """What the log calls it: the id alone for the first version, so that a later one changes no old answer."""
        return self.id if self.version == 1 else f"{self.id}@{self.version}"

    @cached_property
    def by_code(self) -> Mapping[str, Item]:
        """Items by their code."""
        return MappingProxyType({item.code: item for item in self.items})

    @cached_property
    def allowed(self) -> frozenset[tuple[str, int | None]]:
        """Every (item, score) that an answer may be; None stands for a question that was skipped."""
        return frozenset((item.code, score) for item in self.items for score in (None, *item.levels))


def read_items(name: str, text: str) -> tuple[Item, ...]:
    """Reads one file of items.

    Args:
        name: What every row must carry in its first column.
        text: CSV with the columns questionnaire, order_on_form, item_id, question_id (the wording in Indonesian),
            scale_min, scale_max, polarity (positive or negative), options (separated by `|`).

    Raises:
        ValueError: A row belongs to another file, the order or the codes are not unique, or a scale is none.
    """
    rows = sorted(csv.DictReader(io.StringIO(text)), key=lambda row: int(row["order_on_form"]))
    items = tuple(_item(row) for row in rows)
    if {row["questionnaire"] for row in rows} != {name}:
        raise ValueError(f"questionnaire {name}: every row must carry {name!r} in its first column")
    if [int(row["order_on_form"]) for row in rows] != list(range(1, len(rows) + 1)):
        raise ValueError(f"questionnaire {name}: order_on_form must count 1, 2, 3 …")
    return items


def read_forms(text: str, items: Mapping[str, tuple[Item, ...]]) -> Mapping[str, Questionnaire]:
    """Reads the list of forms.

    Args:
        text: TOML with `[[forms]]` of id, version, number and parts (names of files of items, in order).
        items: Of each file.

    Returns:
        The forms by the name that the log uses.

    Raises:
        ValueError: A name or number stands twice, an item stands twice in a form, an item's code means two things, or
            a file of items is in no form.
    """
    forms = [
        Questionnaire(f["id"], f["version"], f["number"], tuple(item for part in f["parts"] for item in items[part]))
        for f in tomllib.loads(text)["forms"]
    ]
    named = {form.name: form for form in forms}
    if len(named) != len(forms) or len({form.number for form in forms}) != len(forms):
        raise ValueError(f"forms {[form.name for form in forms]}: each needs a name and a number of its own")
    for form in forms:
        if len(form.by_code) != len(form.items):
            raise ValueError(f"questionnaire {form.name}: item_id must be unique")
    _check_codes(item for form in forms for item in form.items)
    unused = set(items) - {part for f in tomllib.loads(text)["forms"] for part in f["parts"]}
    if unused:
        raise ValueError(f"items {sorted(unused)} are in no form: name them in forms.toml, or delete the file")
    return MappingProxyType(named)


def _check_codes(items: Iterable[Item]) -> None:
    known: dict[str, Item] = {}
    for item in items:
        if known.setdefault(item.code, item) != item:
            raise ValueError(
                f"item {item.code} means two things: a changed scale, polarity or wording is a new item_id"
            )


def _item(row: Mapping[str, Any]) -> Item:
    item = Item(
        code=row["item_id"],
        question=row["question_id"],
        scale_min=int(row["scale_min"]),
        scale_max=int(row["scale_max"]),
        reversed=_POLARITIES[row["polarity"]],
        options=tuple(row["options"].split("|")),
    )
    if not 1 <= item.scale_min < item.scale_max <= 15:  # noqa: PLR2004  a nibble, in which 0 is a skipped answer
        raise ValueError(f"item {item.code}: a scale of {item.scale_min} to {item.scale_max} is not within 1 to 15")
    return item


def _load() -> Mapping[str, Questionnaire]:
    folder = resources.files("ikm") / "questionnaires"
    names = [file.name.removesuffix(".csv") for file in folder.iterdir() if file.name.endswith(".csv")]
    items = {name: read_items(name, (folder / f"{name}.csv").read_text("utf-8")) for name in names}
    return read_forms((folder / "forms.toml").read_text("utf-8"), items)


QUESTIONNAIRES: Final[Mapping[str, Questionnaire]] = _load()
"""By the name that the log uses."""


@lru_cache(maxsize=256)
def normal_name(name: str) -> str:
    """The name that the log uses for a form that may be called by its version, or the text itself."""
    first = name.removesuffix("@1")
    return first if first in QUESTIONNAIRES else name


def latest(name: str) -> str:
    """The log's name of the latest version of a form that is called by its id alone, or the text itself."""
    return _LATEST.get(name, name)


def latest_names(forms: Mapping[str, Questionnaire]) -> Mapping[str, str]:
    """Of each form's id the name of its latest version."""
    return {form.id: form.name for form in sorted(forms.values(), key=lambda form: form.version)}


_LATEST: Final = latest_names(QUESTIONNAIRES)
