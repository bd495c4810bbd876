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
class PeriodStep:
    """One of a unit's own periods: its figure as it was frozen last, or live; None without answers."""

    code: str
    is_frozen: bool
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a unit is used to be answered.

    Attributes:
        last_ms: beginning of the hour of its last response, UTC epoch milliseconds.
        median_gap_hours: between the hours in which it had responses; None when there are too few.
    """

    last_ms: int
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
        trend: `(unit, pooled, public)` -> the body of `GET /v1/units/{unit}/trend?by=month`; None
            where that is not public.
        steps: Unit code -> its closed periods, its last ended one also when it is open and has answers, and the running
            one; the oldest first. For many units in one go.
        rhythms: Unit code -> rhythm, of all units that have an answer.
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
    trend: Callable[[Unit, bool, bool], Awaitable[Body | None]]
    steps: Callable[[Sequence[Unit]], Awaitable[Mapping[str, tuple[PeriodStep, ...]]]]
    rhythms: Callable[[], Awaitable[Mapping[str, Rhythm]]]
    latest_periods: Callable[[], Awaitable[Mapping[str, str]]]
    worker_seen_ms: Callable[[str], int | None]
    is_member: Callable[[Request], bool]
    now_ms: Callable[[], int]
