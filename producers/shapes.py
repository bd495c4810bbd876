"""The bodies that the HTTP edge takes and answers, for its contract; tests hold what is answered against them."""

from typing import Final

from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from ikm.errors import Code
from ikm.events import MOST_REVISIONS, Response
from ikm.registry import Unit
from runtime.body import MAX_ITEMS
from runtime.schemas import Schema, inline_schema_of


class Rejection(TypedDict):
    """An item that was refused; its first fault."""

    index: int
    id: str | None
    field: str
    code: Code
    message: str


class Accepted(TypedDict):
    """What became of the items of a request."""

    accepted: int
    rejected: list[Rejection]
    position: str


class Positioned(TypedDict):
    """What to read `after`."""

    position: str


def _without(schema: Schema, *optional: str, revision: Schema | None) -> Schema:
    """A schema in which some fields may be left out, with another revision, or none."""
    properties = {name: part for name, part in schema["properties"].items() if name != "revision"}
    given = {} if revision is None else {"revision": revision}
    required = [name for name in schema["required"] if name not in optional and (name != "revision" or revision)]
    return {**schema, "properties": properties | given, "required": required}


_RESPONSE: Final = inline_schema_of(Response)
_SUBMITTED: Final = _without(_RESPONSE, "source", revision=None)
SUBMISSION: Final[Schema] = {
    "oneOf": [_SUBMITTED, {"type": "array", "items": _SUBMITTED, "minItems": 1, "maxItems": MAX_ITEMS}]
}
"""Of `POST`: one response, or a list of them. In a list each item is judged by itself."""
REVISION: Final = _without(
    _RESPONSE, "unit", "source", "id", revision={"type": "integer", "minimum": 2, "maximum": MOST_REVISIONS}
)
"""Of `PUT`: what the address says may be left out."""
UNIT: Final = _without(inline_schema_of(Unit), "unit", revision=None)
