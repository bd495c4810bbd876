"""What a route says of itself in `/openapi.json`: what it takes, what it answers, and who may call it."""

from collections.abc import Mapping
from typing import Any, Final

from runtime.schemas import Schema, inline_schema_of

Access = list[dict[str, list[str]]]

WRITER: Final[Access] = [{"sourceKey": []}, {"adminKey": []}]
"""Whoever has a key of its own."""
MEMBER: Final[Access] = [*WRITER, {"session": []}]
"""Whoever sees everything."""
ADMIN: Final[Access] = [{"adminKey": []}]
ANYBODY: Final[Access] = [{}, *MEMBER]
"""Without a key a read is the public view."""

JSON: Final = "application/json"


def operation(
    answers: Mapping[int, Any], *extras: Mapping[str, Any], access: Access | None = None, media_type: str = JSON
) -> dict[str, Any]:
    """Keyword arguments for a route's decorator. Whatever is no success is a problem, which no route needs to say.

    Args:
        answers: by status of a success, what its body is; None for one that is empty or no JSON.
        extras: further parts of the operation, such as `takes` gives.
        access: who may call it; None for anybody.
        media_type: of the bodies.
    """
    extra = {key: part for given in extras for key, part in given.items()}
    if access is not None:
        extra["security"] = access
    responses = {status: {"content": {media_type: _content(model)}} for status, model in answers.items()}
    return {"responses": responses, "openapi_extra": extra}


def takes(schema: Schema, description: str) -> dict[str, Any]:
    """The body that a route takes."""
    content = {JSON: {"schema": schema}}
    return {"requestBody": {"required": True, "description": description, "content": content}}


def _content(model: Any) -> dict[str, Any]:
    return {} if model is None else {"schema": inline_schema_of(model)}
