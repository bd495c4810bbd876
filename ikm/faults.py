"""From pydantic's findings to faults with published codes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from ikm.errors import Code, Fault
from ikm.show import path, shown

MOST_FAULTS: Final = 100
"""More problems than this in one body are not listed."""

REFUSED_FOR_NOW: Final = frozenset({"comment"})
"""Fields that are known, and refused until they can be handled safely (free text is redacted before the log)."""

_PUBLISHED: Final = frozenset(code.value for code in Code)
_NAME: Final = "use only the characters and the length that the name allows"
_KNOWN: Final[Mapping[str, tuple[Code, str]]] = MappingProxyType(
    {
        "string_pattern_mismatch": (Code.INVALID_NAME, _NAME),
        "string_too_short": (Code.INVALID_NAME, _NAME),
        "string_too_long": (Code.INVALID_NAME, _NAME),
        "greater_than_equal": (Code.OUT_OF_SCALE, "send a number in the range"),
        "less_than_equal": (Code.OUT_OF_SCALE, "send a number in the range"),
        "literal_error": (Code.OUT_OF_SCALE, "send one of the values listed"),
        "int_type": (Code.WRONG_TYPE, 'send a JSON integer, not 4.0, "4" or true'),
        "int_parsing_size": (Code.OUT_OF_SCALE, "send a number in the range"),
    }
)


def json_fault(raw: bytes) -> Fault | None:
    """Why some bytes are not JSON in UTF-8, if they are not (NaN and Infinity are not JSON)."""
    try:
        from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        return Fault(
            "body",
            Code.MALFORMED_JSON,
            f"the body is not JSON in UTF-8 ({error}); it begins with {shown(raw)}. Send one JSON object.",
        )
    return None


def faults_of(error: ValidationError) -> tuple[Fault, ...]:
    """The problems that pydantic found, in the order of the fields, at most `MOST_FAULTS`."""
    return tuple(_fault(detail) for detail in error.errors(include_url=False)[:MOST_FAULTS])


def _fault(detail: ErrorDetails) -> Fault:
    field, kind = path(*detail["loc"]), detail["type"]
    if kind in _PUBLISHED:
        return Fault(path(*detail["loc"], *detail.get("ctx", {}).get("inside", ())), Code(kind), detail["msg"])
    if kind == "missing":
        return Fault(field, Code.MISSING_FIELD, f"{field} is missing: send it.")
    if kind in {"extra_forbidden", "unexpected_keyword_argument"}:
        return _unknown(field)
    code, cure = _KNOWN.get(kind, (Code.WRONG_TYPE, "send the type that the field takes"))
    return Fault(field, code, f"{field} is {shown(detail['input'])}: {_lower(detail['msg'])}; {cure}.")


def _unknown(field: str) -> Fault:
    if field in REFUSED_FOR_NOW:
        message = f"{field} is not accepted yet, because free text is not redacted yet: leave it out."
        return Fault(field, Code.NOT_SUPPORTED_YET, message)
    return Fault(field, Code.UNKNOWN_FIELD, f"{field} is not a field that is known here: leave it out.")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
