"""`/openapi.json`: the routes as they describe themselves, the problem that any of them may answer, the keys."""

from typing import Any

from fastapi import FastAPI

from ikm.errors import MEANINGS
from runtime.keys import COOKIE
from runtime.openapi import ANYBODY
from runtime.schemas import inline_schema_of
from runtime.web import PROBLEM_JSON, ProblemBody

PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "No success; `code` says which problem it is.",
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


class Application(FastAPI):
    """A FastAPI whose document says what its routes do not say one by one."""

    def openapi(self) -> dict[str, Any]:
        """The document; made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            document["components"] = {"schemas": {"Problem": _problem()}, "securitySchemes": _keys()}
            document["security"] = ANYBODY
        return self.openapi_schema or document


def _problem() -> dict[str, Any]:
    schema = inline_schema_of(ProblemBody)
    schema["properties"]["code"]["description"] = "\n".join(f"- `{code}`: {text}" for code, text in MEANINGS.items())
    return schema


def _keys() -> dict[str, Any]:
    return {
        "sourceKey": {"type": "http", "scheme": "bearer", "description": "a key of `ikm keys create`"},
        "adminKey": {"type": "http", "scheme": "bearer", "description": "the key in the data directory's admin.key"},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "what /login gives a browser"},
    }
