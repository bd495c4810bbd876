"""What `ikm.meaning` and the forms demand of a response, as JSON Schema: for the contracts, not for checking."""

from typing import Any

from ikm.meaning import CHANNELS
from ikm.profile import PROFILE
from ikm.questionnaire import DEFAULT_FORM, QUESTIONNAIRES, Questionnaire


def say_meaning(schema: dict[str, Any]) -> None:
    """Add to the schema of a response which items, scores, channels and profiles there are."""
    properties = schema["properties"]
    names = [name for form in QUESTIONNAIRES.values() for name in _names(form)]
    properties["questionnaire"] |= {"enum": names, "description": "in the log a name alone is version 1"}
    properties["channel"] = {"enum": [*sorted(CHANNELS), None], "default": None}
    properties["respondent"] = {"anyOf": [_profile(), {"type": "null"}], "default": None}
    properties["answers"] |= {
        "description": "score by item; null for a question that was skipped; at least one has a score",
        "not": {"additionalProperties": {"type": "null"}},
    }
    schema["allOf"] = [_answers(form) for form in QUESTIONNAIRES.values()]


def _names(form: Questionnaire) -> list[str]:
    """How events may call a form."""
    return [form.name, f"{form.id}@1"] if form.version == 1 else [form.name]


def _answers(form: Questionnaire) -> dict[str, Any]:
    named = {"properties": {"questionnaire": {"enum": _names(form)}}}
    scores = {
        item.code: {"type": ["integer", "null"], "minimum": item.scale_min, "maximum": item.scale_max}
        for item in form.items
    }
    return {
        "if": named if form.name == DEFAULT_FORM else named | {"required": ["questionnaire"]},
        "then": {"properties": {"answers": {"properties": scores, "additionalProperties": False}}},
    }


def _profile() -> dict[str, Any]:
    questions = {question: {"enum": sorted(spellings)} for question, spellings in PROFILE.items()}
    return {"type": "object", "properties": questions, "additionalProperties": False}
