"""Holds HTTP answers against `/openapi.json`, as the code makes it."""

import json
import re
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from cli.contracts.openapi import document
from tests.contracts.conformity import closed


async def assert_described(answer: httpx.Response) -> None:
    """A hook for a client: every answer of a described address has a status, a type and a body that are described."""
    template = next((path for path, pattern in _patterns() if pattern.fullmatch(answer.request.url.path)), None)
    if template is None or answer.request.method == "HEAD":
        return
    operation = document_of()["paths"][template].get(answer.request.method.lower())
    where = f"{answer.request.method} {template} {answer.status_code}"
    responses = operation["responses"] if operation else _PROBLEMS
    described = responses.get(str(answer.status_code), responses.get("default") if answer.is_error else None)
    assert described is not None, f"{where} is not described"
    kind = answer.headers.get("content-type", "").partition(";")[0]
    content = described.get("content", {})
    assert kind in content or not (kind or content), f"{where}: {kind} is not described, only {list(content)}"
    if kind.endswith("json"):
        error = best_match(_validator(where, json.dumps(content[kind]["schema"])).iter_errors(await _body(answer)))
        assert error is None, f"{where}: {error.message[:500]} at {error.json_path}"


_PROBLEMS: Any = {
    "default": {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
}


async def _body(answer: httpx.Response) -> Any:
    return json.loads(await answer.aread())


@cache
def document_of() -> dict[str, Any]:
    """The document of the application."""
    return document()


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    paths = document_of()["paths"]
    return [(path, re.compile(re.sub(r"\{\w+\}", "[^/]+", path))) for path in paths]


@cache
def _validator(_where: str, schema: str) -> Draft202012Validator:
    return Draft202012Validator(closed(json.loads(schema) | {"components": document_of()["components"]}))
