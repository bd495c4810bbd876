import json
from typing import Any

import pytest
from openapi_spec_validator import validate

from cli.contracts.files import FOLDER
from ikm.errors import MEANINGS, Code

DOCUMENT: dict[str, Any] = json.loads((FOLDER / "openapi.json").read_text("utf-8"))
OPERATIONS = [
    pytest.param(operation, id=f"{method} {path}")
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]


def test_it_is_an_openapi_document() -> None:
    validate(DOCUMENT)


def test_a_problem_says_every_published_code_with_its_meaning() -> None:
    code = DOCUMENT["components"]["schemas"]["Problem"]["properties"]["code"]
    assert code["enum"] == [code.value for code in Code]
    assert code["description"].splitlines() == [f"- `{code}`: {meaning}" for code, meaning in MEANINGS.items()]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_says_what_it_takes_and_answers(operation: dict[str, Any]) -> None:
    assert operation["description"]
    responses = dict(operation["responses"])
    assert responses.pop("default")["content"] == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }
    assert responses
    for answer in responses.values():
        assert all(kind != "application/json" or part["schema"] for kind, part in answer.get("content", {}).items())
    assert all(parameter["schema"] for parameter in operation.get("parameters", ()))
