"""What happens to a response: it is submitted or revised, or withdrawn."""

from enum import StrEnum
from itertools import islice
from typing import Annotated, Any, Final, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    ValidationError,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema, from_json

from ikm.duplicates import duplicate_faults
from ikm.errors import Code, Fault, Refused
from ikm.event_schema import say_meaning
from ikm.faults import MOST_FAULTS, faults_of, json_fault
from ikm.meaning import CHANNELS, meaning_faults
from ikm.names import ResponseId, ServiceCode, SourceName, UnitCode
from ikm.profile import ALLOWED
from ikm.questionnaire import DEFAULT_FORM, QUESTIONNAIRES, normal_name
from ikm.show import shown
from ikm.times import EARLIEST_MS, FUTURE_MS, RFC3339_PATTERN, parse_rfc3339, rfc3339_ms


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

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: object) -> dict[str, Any]:
        return {"type": "string", "format": "date-time", "pattern": f"^{RFC3339_PATTERN}$"}


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
MOST_REVISIONS: Final = 65_535
Revision = Annotated[int, Field(ge=1, le=MOST_REVISIONS)]


class Response(BaseModel):
    """One person's answers, as submitted (revision 1) or corrected (2 and up)."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", json_schema_extra=say_meaning)

    id: ResponseId
    source: SourceName
    unit: UnitCode
    service: ServiceCode | None = None
    questionnaire: Annotated[str, AfterValidator(normal_name)] = DEFAULT_FORM
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
        and (respondent is None or respondent.items() <= ALLOWED)
    ):
        faults = list(islice(meaning_faults(response.__dict__, received_ms), MOST_FAULTS))
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
        meaning = (fault for fault in meaning_faults(value, received_ms) if fault.field not in seen)
        faults += islice(meaning, MOST_FAULTS)
    return faults[:MOST_FAULTS]
