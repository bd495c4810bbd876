"""What a response of the right form may still say wrongly."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from ikm.errors import Code, Fault, Refused
from ikm.profile import PROFILE
from ikm.questionnaire import DEFAULT_FORM, QUESTIONNAIRES, Questionnaire, normal_name
from ikm.show import path, shown
from ikm.times import EARLIEST_MS, FUTURE_MS, parse_rfc3339, rfc3339_ms

CHANNELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "qr": "Kode QR",
        "link": "Tautan",
        "kiosk": "Kios layanan",
        "wa": "WhatsApp",
        "paper_entry": "Formulir kertas",
        "interview": "Wawancara",
    }
)
"""The ways by which an answer can come in, with their names."""


def meaning_faults(value: Mapping[str, Any], received_ms: int) -> Iterator[Fault]:
    """Faults in the fields that have the right type; others are passed over.

    Args:
        value: The fields of a response; `submitted_at` as text or as UTC epoch milliseconds.
        received_ms: When it was received, UTC epoch milliseconds.
    """
    yield from _time_faults(value.get("submitted_at"), received_ms)
    name = value.get("questionnaire", DEFAULT_FORM)
    form = QUESTIONNAIRES.get(normal_name(name)) if isinstance(name, str) else None
    if form is not None:
        yield from _answer_faults(form, value.get("answers"))
    elif isinstance(name, str):
        message = f"questionnaire is {shown(name)}, which is not known: send one of {', '.join(QUESTIONNAIRES)}."
        yield Fault("questionnaire", Code.UNKNOWN_QUESTIONNAIRE, message)
    channel = value.get("channel")
    if isinstance(channel, str) and channel not in CHANNELS:
        message = f"channel is {shown(channel)}: send one of {', '.join(sorted(CHANNELS))}, or leave it out."
        yield Fault("channel", Code.OUT_OF_SCALE, message)
    yield from _profile_faults(value.get("respondent"))


def _time_faults(value: object, received_ms: int) -> Iterator[Fault]:
    if isinstance(value, str):
        try:
            value = parse_rfc3339(value, "submitted_at")
        except Refused:
            return  # the form's faults have it already
    if not isinstance(value, int) or EARLIEST_MS <= value <= received_ms + FUTURE_MS:
        return
    where = "before 2004-01-01" if value < EARLIEST_MS else "more than 5 minutes after it was received"
    message = f"submitted_at is {where} ({_when(value)}): send the time at which the person answered."
    yield Fault("submitted_at", Code.TIME_OUT_OF_RANGE, message)


def _when(ms: int) -> str:
    try:
        return rfc3339_ms(ms)
    except (ValueError, OverflowError, OSError):
        return f"{shown(ms)} ms"


def _answer_faults(form: Questionnaire, answers: object) -> Iterator[Fault]:
    if not isinstance(answers, dict):
        return
    for code, score in answers.items():
        item, field = form.by_code.get(code), path("answers", code)
        if item is None:
            message = f"{field} is no item of questionnaire {form.name}: its items are {', '.join(form.by_code)}."
            yield Fault(field, Code.UNKNOWN_ITEM, message)
        elif type(score) is int and not item.scale_min <= score <= item.scale_max:
            message = (
                f"{field} is {shown(score)}: send an integer from {item.scale_min} to {item.scale_max}, or null when "
                "the question was skipped."
            )
            yield Fault(field, Code.OUT_OF_SCALE, message)
    if all(score is None for score in answers.values()):
        message = "answers holds no score: send at least one item with a score."
        yield Fault("answers", Code.NO_ANSWER, message)


def _profile_faults(respondent: object) -> Iterator[Fault]:
    if not isinstance(respondent, dict):
        return
    for question, answer in respondent.items():
        field, known = path("respondent", question), PROFILE.get(question)
        if known is None:
            message = f"{field} is not asked: the questions are {', '.join(PROFILE)}. Leave it out."
            yield Fault(field, Code.UNKNOWN_FIELD, message)
        elif isinstance(answer, str) and answer not in known:
            codes = ", ".join(dict.fromkeys(known.values()))
            yield Fault(field, Code.OUT_OF_SCALE, f"{field} is {shown(answer)}: send one of {codes}.")
