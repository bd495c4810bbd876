"""What happens to a response: it is submitted or revised, or withdrawn."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import Annotated, Any, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, PlainSerializer, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError, core_schema, from_json

from ikm import profile
from ikm.duplicates import duplicate_faults
from ikm.errors import Code, Fault, Refused
from ikm.faults import MOST_FAULTS, faults_of, json_fault
from ikm.names import ResponseId, ServiceCode, SourceName, UnitCode
from ikm.questionnaire import QUESTIONNAIRES, Questionnaire
from ikm.show import path, shown
from ikm.times import EARLIEST_MS, FUTURE_MS, parse_rfc3339, rfc3339_ms

CHANNELS: Final = frozenset({"qr", "link", "kiosk", "wa", "paper_entry", "interview"})
"""The ways by which an answer can come in."""


class EventType(StrEnum):
    """The CloudEvents type of each kind of event."""

    SUBMITTED = "id.ikm.response.submitted.v1"
    REVISED = "id.ikm.response.revised.v1"
    WITHDRAWN = "id.ikm.response.withdrawn.v1"


class _Rfc3339:
    """In JSON a time with an offset, in Python UTC epoch milliseconds."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_plain_validator_function(_submitted_at),
            python_schema=core_schema.int_schema(strict=True),
        )


def _submitted_at(value: object) -> int:
    try:
        if isinstance(value, str):
            return parse_rfc3339(value, "submitted_at")
    except Refused as refused:
        fault = refused.faults[0]
        raise PydanticCustomError(fault.code.value, "{message}", {"message": fault.message}) from None
    message = f"submitted_at is {shown(value)}: send a time as text, such as 2026-11-23T10:04:05+07:00."
    raise PydanticCustomError(Code.WRONG_TYPE.value, "{message}", {"message": message})


TimeMs = Annotated[int, _Rfc3339, PlainSerializer(rfc3339_ms, return_type=str, when_used="json")]
Revision = Annotated[int, Field(ge=1, le=65_535)]


class Response(BaseModel):
    """One person's answers, as submitted (revision 1) or corrected (2 and up)."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    id: ResponseId
    source: SourceName
    unit: UnitCode
    service: ServiceCode | None = None
    questionnaire: str = "skm"
    channel: str | None = None
    submitted_at: TimeMs
    answers: dict[str, int | None]
    respondent: dict[str, str] | None = None
    revision: Revision

    @property
    def scores(self) -> dict[str, int]:
        """The answers that carry a score, by item."""
        return {item: score for item, score in self.answers.items() if score is not None}


class Withdrawal(BaseModel):
    """The end of a response, whether it has been submitted yet or not."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    unit: UnitCode
    source: SourceName
    id: ResponseId


Event: TypeAlias = Response | Withdrawal

_response = Response.__pydantic_validator__.validate_json
_withdrawal = Withdrawal.__pydantic_validator__.validate_json


def parse_response(raw: bytes | str, *, received_ms: int) -> Response:
    """Reads and checks a response, as far as no register of units is needed.

    Args:
        raw: One JSON object in UTF-8 with `source` and `revision`.
        received_ms: When it was received, UTC epoch milliseconds: "in the future" is judged against it.

    Raises:
        Refused: With one fault per problem; nothing else is raised, whatever the bytes.
    """
    data = raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass")
    try:
        response: Response = _response(data)
    except ValidationError as error:
        raise Refused(_all_faults(data, error, received_ms)) from None
    form = QUESTIONNAIRES.get(response.questionnaire)
    respondent = response.respondent
    if not (
        form is not None
        and response.answers.items() <= form.allowed
        and any(response.answers.values())
        and EARLIEST_MS <= response.submitted_at <= received_ms + FUTURE_MS
        and (response.channel is None or response.channel in CHANNELS)
        and (respondent is None or respondent.items() <= profile.ALLOWED)
    ):
        faults = list(islice(_meaning_faults(response.__dict__, received_ms), MOST_FAULTS))
        if faults:
            raise Refused(faults)
    if data.count(b'"') != _quotes(response):
        raise Refused(duplicate_faults(data))
    return response


def parse_withdrawal(raw: bytes | str) -> Withdrawal:
    """Reads and checks a withdrawal: one JSON object with unit, source and id.

    Raises:
        Refused: With one fault per problem; nothing else is raised, whatever the bytes.
    """
    data = raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass")
    try:
        withdrawal: Withdrawal = _withdrawal(data)
    except ValidationError as error:
        fault = json_fault(data)
        raise Refused([fault] if fault else faults_of(error)) from None
    if data.count(b'"') != 4 * len(Withdrawal.model_fields):
        raise Refused(duplicate_faults(data))
    return withdrawal


def _quotes(response: Response) -> int:
    """How many quotation marks its JSON has when no field stands twice: two per key and per text.

    No valid key or text contains one, so any more mean a duplicate.
    """
    given = response.__pydantic_fields_set__
    respondent = response.respondent
    texts = 4 + (response.service is not None) + (response.channel is not None) + ("questionnaire" in given)
    return 2 * (len(given) + len(response.answers) + texts + (2 * len(respondent) if respondent else 0))


def _all_faults(data: bytes, error: ValidationError, received_ms: int) -> list[Fault]:
    """The faults of form, and those of meaning in the fields that have the right form."""
    broken = json_fault(data)
    if broken:
        return [broken]
    faults = list(faults_of(error))
    value = from_json(data)
    if isinstance(value, dict):
        seen = {fault.field for fault in faults}
        meaning = (fault for fault in _meaning_faults(value, received_ms) if fault.field not in seen)
        faults += islice(meaning, MOST_FAULTS)
    return faults[:MOST_FAULTS]


def _meaning_faults(value: Mapping[str, Any], received_ms: int) -> Iterator[Fault]:
    """Faults of fields that have the right type; others are passed over."""
    yield from _time_faults(value.get("submitted_at"), received_ms)
    name = value.get("questionnaire", "skm")
    form = QUESTIONNAIRES.get(name) if isinstance(name, str) else None
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
            message = f"{field} is no item of questionnaire {form.id}: its items are {', '.join(form.by_code)}."
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
        field, known = path("respondent", question), profile.PROFILE.get(question)
        if known is None:
            message = f"{field} is not asked: the questions are {', '.join(profile.PROFILE)}. Leave it out."
            yield Fault(field, Code.UNKNOWN_FIELD, message)
        elif isinstance(answer, str) and answer not in known:
            codes = ", ".join(dict.fromkeys(known.values()))
            yield Fault(field, Code.OUT_OF_SCALE, f"{field} is {shown(answer)}: send one of {codes}.")
