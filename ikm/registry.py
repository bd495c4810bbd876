"""The register of service units, effective-dated."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError, field_validator
from pydantic_core import PydanticCustomError, to_json

from ikm.errors import Code, Refused
from ikm.faults import faults_of, json_fault
from ikm.names import ServiceCode, UnitCode

DEFAULT_VALID_FROM = date(2004, 1, 1)
_FIRST_DAY = date(1970, 1, 1)
_LAST_DAY = date(2148, 12, 31)
_LOCATION_BYTES = 4_096

Zone = Literal["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]
PeriodKind = Literal["bulanan", "triwulan", "semester", "tahun"]
Label = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Service(BaseModel):
    """A service that a unit offers."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    code: ServiceCode
    name: Label


class Unit(BaseModel):
    """A unit as it is from a date on.

    `type`, `parent` and `location` are only stored so far. `population` is the number of people served, for the size
    of the sample. In JSON the code is called `unit`.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    code: UnitCode = Field(alias="unit")
    name: Label
    type: Label | None = None
    parent: UnitCode | None = None
    zone: Zone
    period: PeriodKind
    services: tuple[Service, ...] | None = None
    population: Annotated[int, Field(ge=1, le=10**12)] | None = None
    location: JsonValue = None
    valid_from: date = DEFAULT_VALID_FROM

    @field_validator("services")
    @classmethod
    def _codes_of_their_own(cls, services: tuple[Service, ...] | None) -> tuple[Service, ...] | None:
        codes = [service.code for service in services or ()]
        if len(set(codes)) != len(codes):
            raise _problem(Code.CONTRADICTION, "services names a code more than once: give each service its own.")
        return services

    @field_validator("location")
    @classmethod
    def _short(cls, location: JsonValue) -> JsonValue:
        if location is not None and len(to_json(location)) > _LOCATION_BYTES:
            message = f"location is longer than {_LOCATION_BYTES} bytes: send a short text or coordinates."
            raise _problem(Code.TOO_LARGE, message)
        return location

    @field_validator("valid_from")
    @classmethod
    def _storable(cls, valid_from: date) -> date:
        if not _FIRST_DAY <= valid_from <= _LAST_DAY:
            message = f"valid_from is {valid_from}: send a date from {_FIRST_DAY} to {_LAST_DAY}."
            raise _problem(Code.TIME_OUT_OF_RANGE, message)
        return valid_from

    @property
    def key(self) -> str:
        """Key of the record on the register's topic."""
        return f"{self.code}@{self.valid_from.isoformat()}"

    def knows_service(self, service: str | None) -> bool:
        """Whether a response may name this service: any, unless the unit lists its own."""
        return service is None or not self.services or any(service == known.code for known in self.services)


def parse_unit(raw: bytes | str) -> Unit:
    """Reads and checks a unit.

    Args:
        raw: One JSON object with `unit`, the code.

    Raises:
        Refused: With one fault per problem; nothing else is raised, whatever the bytes.
    """
    data = raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass")
    try:
        return Unit.model_validate_json(data)
    except ValidationError as error:
        fault = json_fault(data)
        raise Refused([fault] if fault else faults_of(error)) from None


def _problem(code: Code, message: str) -> PydanticCustomError:
    return PydanticCustomError(code.value, "{message}", {"message": message})
