from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import Request

from ikm.attention import Standing
from ikm.index import Index
from ikm.registry import Unit

Label = Literal["window", "period"]
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a unit in time.

    Attributes:
        before: its last ended period, as it was published; None without an answer in it.
        now: its running period.
        last_ms: beginning of the hour of its last response, UTC epoch milliseconds; None before the first.
        median_gap_hours: between the hours in which it had responses; None when there are too few.
    """

    before: Standing | None
    now: Standing | None
    last_ms: int | None
    median_gap_hours: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What the pages read; the API composes it from its own stores.

    Attributes:
        units: Every unit in force now.
        unit: The unit of that code in force now, or None.
        index: `(unit, index, "window"|"period", label, public)` -> the body of `GET /v1/units/{unit}/index`.
        roll_up: `(unit, window, scope, public)` -> the same with `scope=pooled|mean`; None while there is none.
        cells: `(unit, "window"|"period", label, public)` -> the bodies of `GET /v1/units/{unit}/cells`, one for each
            kind; none while they can't be read.
        trend: `(unit, pooled)` -> the body of `GET /v1/units/{unit}/trend?by=month`, for those who may see everything.
        courses: By unit, for all units in one go.
        latest_periods: Unit code -> code of the unit's latest calendar period (of its own kind) with answers; units
            that never had one are left out.
        worker_seen_ms: When the worker of the unit's partition last gave a sign of life (UTC ms), or None if never.
        is_member: True when the request may see everything; otherwise it gets the public view.
        now_ms: The clock, UTC milliseconds.
    """

    units: Callable[[], Awaitable[Sequence[Unit]]]
    unit: Callable[[str], Awaitable[Unit | None]]
    index: Callable[[Unit, Index, Label, str, bool], Awaitable[Body]]
    roll_up: Callable[[Unit, str, Literal["pooled", "mean"], bool], Body | None]
    cells: Callable[[Unit, Label, str, bool], Awaitable[Sequence[Body]]]
    trend: Callable[[Unit, bool], Awaitable[Body]]
    courses: Callable[[Sequence[Unit]], Awaitable[Mapping[str, Course]]]
    latest_periods: Callable[[], Awaitable[Mapping[str, str]]]
    worker_seen_ms: Callable[[str], int | None]
    is_member: Callable[[Request], bool]
    now_ms: Callable[[], int]
