"""Periods of an organisation's own making, beside the calendar's, and what it aims at in a period."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from ikm.errors import Code, Fault
from ikm.index import INDICES
from ikm.names import ServiceCode
from ikm.period import Period, parse_period
from ikm.show import shown
from ikm.times import MS_PER_MINUTE, midnight_ms

DEFAULT_GRACE_DAYS: Final = 7
"""How long after its end a period still takes late answers before it is closed, unless the organisation says."""

PeriodCode = ServiceCode
_FIRST_DAY: Final = date(2004, 1, 1)
_LAST_DAY: Final = date(2149, 1, 1)
"""As far as the calendar's periods reach."""
_OWN_FORM = ConfigDict(frozen=True, strict=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)


class OwnPeriod(BaseModel):
    """[from, to), local midnights in the unit's zone, or a calendar period with days of grace of its own."""

    model_config = _OWN_FORM

    code: PeriodCode
    from_day: date = Field(alias="from")
    to_day: date = Field(alias="to")
    grace_days: Annotated[int, Field(ge=0, le=366)] = DEFAULT_GRACE_DAYS

    def in_zone(self, zone: str) -> Period:
        """Its minutes in a zone."""
        first, end = (midnight_ms(day, zone) // MS_PER_MINUTE for day in (self.from_day, self.to_day))
        return Period(self.code, first, end)


class Target(BaseModel):
    """What a unit aims at in a period: so many answers, a value of an index with at most 2 decimals, or both."""

    model_config = _OWN_FORM

    period: PeriodCode
    index: str
    n: Annotated[int, Field(ge=1, le=10**9)] | None = None
    value: Annotated[float, Field(allow_inf_nan=False)] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a period has come towards its target; None where the target, or the period, does not say.

    Attributes:
        share: of the answers that are aimed at, 0..1, rounded down to four decimals: 1 only when all are there.
        difference: the index minus what is aimed at, two decimals; the target is reached from 0 on.
    """

    share: float | None
    difference: float | None


def progress(target: Target, n: int, value: float | None) -> Progress:
    """How far `n` answers and a published value, two decimals, have come towards a target."""
    share = None if target.n is None else min(10_000 * n // target.n, 10_000) / 10_000
    if target.value is None or value is None:
        return Progress(share, None)
    return Progress(share, (round(100 * value) - round(100 * target.value)) / 100)


def period_faults(periods: Sequence[OwnPeriod], zone: str) -> Iterator[tuple[int, Fault]]:
    """What is wrong with a unit's periods: the number of each faulty one, and the fault in one of its fields."""
    seen: set[str] = set()
    for number, own in enumerate(periods):
        if own.code in seen:
            yield number, Fault("code", Code.CONTRADICTION, f"period {own.code} is there twice: keep one of them.")
        seen.add(own.code)
        yield from ((number, fault) for fault in _out_of_range(own))
        if own.to_day <= own.from_day:
            message = f"to is {own.to_day}, not after from ({own.from_day}): send the first day after the period."
            yield number, Fault("to", Code.CONTRADICTION, message)
        calendar = _calendar(own.code, zone)
        if calendar is not None and calendar != own.in_zone(zone):
            message = f"{own.code} is a period of the calendar with other days: give yours another code."
            yield number, Fault("code", Code.CONTRADICTION, message)


def target_faults(targets: Sequence[Target], periods: Sequence[OwnPeriod], zone: str) -> Iterator[tuple[int, Fault]]:
    """What is wrong with a unit's targets: the number of each faulty one, and the fault in one of its fields."""
    own = {period.code for period in periods}
    seen: set[tuple[str, str]] = set()
    for number, target in enumerate(targets):
        if (target.period, target.index) in seen:
            message = f"period {target.period} has a target for {target.index} already: keep one of them."
            yield number, Fault("index", Code.CONTRADICTION, message)
        seen.add((target.period, target.index))
        if target.period not in own and _calendar(target.period, zone) is None:
            message = f"period is {shown(target.period)}: send 2026, 2026-S1, 2026-TW3, 2026-11 or one of the unit's."
            yield number, Fault("period", Code.OUT_OF_SCALE, message)
        fault = _aim_fault(target)
        if fault is not None:
            yield number, fault


def _out_of_range(own: OwnPeriod) -> Iterator[Fault]:
    for field, day in (("from", own.from_day), ("to", own.to_day)):
        if not _FIRST_DAY <= day <= _LAST_DAY:
            yield Fault(
                field, Code.TIME_OUT_OF_RANGE, f"{field} is {day}: send a day from {_FIRST_DAY} to {_LAST_DAY}."
            )


def _aim_fault(target: Target) -> Fault | None:
    if target.index not in INDICES:
        message = f"index is {shown(target.index)}: send one of {', '.join(INDICES)}."
        return Fault("index", Code.OUT_OF_SCALE, message)
    if target.value is None:
        missing = Fault("value", Code.MISSING_FIELD, "value and n are missing: send one of them or both.")
        return missing if target.n is None else None
    index = INDICES[target.index]
    low, high = (float(end * index.factor) for end in index.reach)
    if not low <= target.value <= high or round(target.value, 2) != target.value:
        message = f"value is {shown(target.value)}: send a number from {low:g} to {high:g} with at most 2 decimals."
        return Fault("value", Code.OUT_OF_SCALE, message)
    return None


def _calendar(code: str, zone: str) -> Period | None:
    try:
        return parse_period(code, zone)
    except ValueError:
        return None
