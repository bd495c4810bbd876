"""The values that published records are made of, and the scorecard that each of them carries."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Annotated, Any, Final, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from ikm.errors import Refused
from ikm.index import INDICES
from ikm.scorecard import LAYOUTS
from ikm.times import parse_rfc3339


@lru_cache(maxsize=65_536)
def _time(text: str) -> str:
    try:
        parse_rfc3339(text)
    except Refused as refused:
        raise ValueError(str(refused)) from None
    return text


Count = Annotated[int, Field(ge=0, lt=2**63)]
Small = Annotated[int, Field(ge=0, lt=2**32)]
Minute = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:00Z$"), AfterValidator(_time)]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"), AfterValidator(_time)]
Place = Annotated[
    tuple[Count, Small, Count, Small],
    Field(
        description="[log epoch, rules version, source position, end in epoch minutes], compared left to right: "
        "of two publications the greater one is the later"
    ),
]

CONFIG = ConfigDict(strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True)
_CELLS: Final[Mapping[str, Mapping[str, int]]] = {
    index: {item: cells.stop - cells.start for item, cells in layout.cells.items()} for index, layout in LAYOUTS.items()
}


def _known(index: str) -> str:
    if index not in INDICES:
        raise ValueError(f"index {index} is not one of {', '.join(INDICES)}")
    return index


IndexCode = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": [*INDICES]})]


@with_config(CONFIG)
class Card(TypedDict):
    """A scorecard: the integers that every figure is made of."""

    items: dict[str, list[Count]]
    """For each item of the index, how often each of its scores was given, from the lowest on."""
    n: Count
    """Responses that answered at least one item."""
    sum_x: Count
    """Sum of x: a respondent's mean on the index's scale, as an integer in the index's unit (IKM: 1/2520)."""
    sum_xx: Count
    """Sum of x squared."""
    parts: NotRequired[list[Count]]
    """Only where several items feed one element: its counts, and shares and sums by raw scale."""


def check_card(index: str, card: Card) -> None:
    """Let a scorecard pass that is laid out as its index has it; raises ValueError."""
    if {item: len(counts) for item, counts in card["items"].items()} != _CELLS[index]:
        raise ValueError(f"items must be exactly these, each with so many counts: {_CELLS[index]}")
    parts, wanted = len(card.get("parts", ())), len(LAYOUTS[index].part_fields)
    if parts != wanted:
        raise ValueError(f"parts must be {wanted} numbers, not {parts}")


def card_of(index: str) -> dict[str, Any]:
    """What `check_card` checks, as JSON Schema."""
    items = {item: {"minItems": count, "maxItems": count} for item, count in _CELLS[index].items()}
    parts = len(LAYOUTS[index].part_fields)
    properties = {
        "items": {"properties": items, "required": [*items], "additionalProperties": False},
        "parts": {"minItems": parts, "maxItems": parts},
    }
    return {"properties": properties, "required": ["parts"] if parts else []}


def by_index(field: str, cards: Callable[[str], dict[str, Any]]) -> Any:
    """Says in a schema that the scorecards under a field are those of the record's index."""

    def say(schema: dict[str, Any]) -> None:
        schema["allOf"] = [
            {
                "if": {"properties": {"index": {"const": index}}},
                "then": {"properties": {field: cards(index)}},
            }
            for index in INDICES
        ]

    return say


def cards_in_each(index: str) -> dict[str, Any]:
    """`card_of` for the scorecard and the frame, if there is one, of each window."""
    card = card_of(index)
    return {
        "additionalProperties": {"properties": {"scorecard": card, "frame": {"if": {"type": "object"}, "then": card}}}
    }
