"""The register of service units, effective-dated."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError, to_json

from ikm.errors import Code, Fault, Refused
from ikm.faults import faults_of, json_fault
from ikm.names import ServiceCode, UnitCode
from ikm.own_period import DEFAULT_GRACE_DAYS, OwnPeriod, Target, period_faults, target_faults
from ikm.period import Period, parse_period

DEFAULT_VALID_FROM = date(2004, 1, 1)
_FIRST_DAY = date(1970, 1, 1)
_LAST_DAY = date(2148, 12, 31)
_LOCATION_BYTES = 4_096
_ANY_ZONE = "Asia/Jakarta"
"""Where the unit's own is at fault: what else is wrong is still found."""

Zone = Literal["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]
PeriodKind = Literal["bulanan", "triwulan", "semester", "tahun"]
Label = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Service(BaseModel):
    """A service that a unit offers."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    code: ServiceCode
    name: Label


class Unit(BaseModel):
    """A unit as it is over [valid_from, valid_to), local midnights in its zone.

    Without `valid_to` it is so until a later version begins. `merged_into` is the unit that carries on after
    `valid_to`. `type` and `location` are only stored. `population` is the number of people served, for the size of the
    sample. `periods` are its own beside the calendar's, `targets` what it aims at. In JSON the code is called `unit`.
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
    valid_to: date | None = None
    merged_into: UnitCode | None = None
    periods: tuple[OwnPeriod, ...] | None = None
    targets: tuple[Target, ...] | None = None

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

    @field_validator("valid_from", "valid_to")
    @classmethod
    def _storable(cls, day: date | None, info: ValidationInfo) -> date | None:
        if day is not None and not _FIRST_DAY <= day <= _LAST_DAY:
            message = f"{info.field_name} is {day}: send a date from {_FIRST_DAY} to {_LAST_DAY}."
            raise _problem(Code.TIME_OUT_OF_RANGE, message)
        return day

    @field_validator("valid_to")
    @classmethod
    def _after_its_beginning(cls, valid_to: date | None, info: ValidationInfo) -> date | None:
        begun = info.data.get("valid_from")
        if valid_to is not None and begun is not None and valid_to <= begun:
            message = f"valid_to is {valid_to}, not after valid_from ({begun}): send the first day that it is no more."
            raise _problem(Code.CONTRADICTION, message)
        return valid_to

    @field_validator("parent")
    @classmethod
    def _not_its_own_parent(cls, parent: str | None, info: ValidationInfo) -> str | None:
        return _another(parent, info)

    @field_validator("merged_into")
    @classmethod
    def _ended_and_elsewhere(cls, merged_into: str | None, info: ValidationInfo) -> str | None:
        if merged_into is not None and info.data.get("valid_to", merged_into) is None:
            message = f"merged_into is {merged_into} and valid_to is missing: send the day of the merger as valid_to."
            raise _problem(Code.CONTRADICTION, message)
        return _another(merged_into, info)

    @field_validator("periods")
    @classmethod
    def _periods_of_its_own(
        cls, periods: tuple[OwnPeriod, ...] | None, info: ValidationInfo
    ) -> tuple[OwnPeriod, ...] | None:
        _refuse_first(period_faults(periods or (), info.data.get("zone", _ANY_ZONE)))
        return periods

    @field_validator("targets")
    @classmethod
    def _targets_to_reach(cls, targets: tuple[Target, ...] | None, info: ValidationInfo) -> tuple[Target, ...] | None:
        own, zone = info.data.get("periods") or (), info.data.get("zone", _ANY_ZONE)
        _refuse_first(target_faults(targets or (), own, zone))
        return targets

    @property
    def key(self) -> str:
        """Key of the record on the register's topic."""
        return f"{self.code}@{self.valid_from.isoformat()}"

    def knows_service(self, service: str | None) -> bool:
        """Whether a response may name this service: any, unless the unit lists its own."""
        return service is None or not self.services or any(service == known.code for known in self.services)

    def period_called(self, code: str) -> Period:
        """The period that a code names for this unit: one of its own, or the calendar's.

        Raises:
            ValueError: There is none; the message says which there are.
        """
        own = {period.code: period for period in self.periods or ()}
        if code in own:
            return own[code].in_zone(self.zone)
        try:
            return parse_period(code, self.zone)
        except ValueError as error:
            others = f", or one of the unit's own: {', '.join(own)}" if own else ""
            raise ValueError(f"{error}{others}") from None

    def target(self, period: str, index: str) -> Target | None:
        """What it aims at in a period, in an index."""
        return next((aim for aim in self.targets or () if (aim.period, aim.index) == (period, index)), None)

    def grace_days(self, code: str) -> int:
        """How many days after its end a period still takes late answers before it is closed."""
        own = {period.code: period.grace_days for period in self.periods or ()}
        return own.get(code, DEFAULT_GRACE_DAYS)


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


def _another(code: str | None, info: ValidationInfo) -> str | None:
    if code is not None and code == info.data.get("code"):
        message = f"{info.field_name} is {code}, the unit itself: name another unit, or leave it out."
        raise _problem(Code.CONTRADICTION, message)
    return code


def _refuse_first(faults: Iterator[tuple[int, Fault]]) -> None:
    for number, fault in faults:
        raise _problem(fault.code, fault.message, number, fault.field)


def _problem(code: Code, message: str, *inside: str | int) -> PydanticCustomError:
    """A finding about a field, or about something inside it."""
    return PydanticCustomError(code.value, "{message}", {"message": message, "inside": inside})
