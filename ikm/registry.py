"""The register of service units, effective-dated."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError, to_json

from ikm.errors import Code, Refused
from ikm.faults import faults_of, json_fault
from ikm.names import ServiceCode, UnitCode

DEFAULT_VALID_FROM = date(2004, 1, 1)
_LOCATION_BYTES = 4_096

Zone = Literal["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]
PeriodKind = Literal["bulanan", "triwulan", "semester", "tahun"]
Label = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$")]
ValidFrom = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2148, 12, 31))]


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
    valid_from: ValidFrom = DEFAULT_VALID_FROM

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        codes = [service.code for service in self.services or ()]
        if len(set(codes)) != len(codes):
            message = "services names a code more than once: give each service a code of its own."
            raise PydanticCustomError(Code.CONTRADICTION.value, "{message}", {"message": message})
        if self.location is not None and len(to_json(self.location)) > _LOCATION_BYTES:
            message = f"location is longer than {_LOCATION_BYTES} bytes: send a short text or coordinates."
            raise PydanticCustomError(Code.TOO_LARGE.value, "{message}", {"message": message})
        return self

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
