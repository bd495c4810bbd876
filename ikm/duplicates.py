"""A JSON object that says something twice: readers of JSON differ in which of the two they take, so it is refused."""

import json
from typing import Any

from ikm.errors import Code, Fault
from ikm.show import path


def duplicate_faults(raw: bytes) -> list[Fault]:
    """One fault per field that stands more than once in one object of a valid JSON text; at least one.

    Call it on a text that has more quotation marks than its fields account for.
    """
    twice: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in found:
            if key in result:
                twice.append(key)
            result[key] = value
        return result

    json.loads(raw, object_pairs_hook=pairs)
    fields = [path(key) for key in dict.fromkeys(twice)] or ["body"]
    return [Fault(field, Code.CONTRADICTION, f"{field} stands more than once: send it once.") for field in fields]
