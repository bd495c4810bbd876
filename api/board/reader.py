from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import Request

from ikm.registry import Unit

Label = Literal["window", "period"]
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What the pages read; the API composes it from its own stores.

    Attributes:
        units: Every unit in force now.
        unit: The unit of that code in force now, or None.
        index: `(unit, "window"|"period", label, public)` -> the body of `GET /v1/units/{unit}/index`.
        latest_periods: Unit code -> code of the unit's latest calendar period (of its own kind) with answers; units
            that never had one are left out.
        worker_seen_ms: When the worker of the unit's partition last gave a sign of life (UTC ms), or None if never.
        is_member: True when the request may see everything; otherwise it gets the public view.
        now_ms: The clock, UTC milliseconds.
    """

    units: Callable[[], Awaitable[Sequence[Unit]]]
    unit: Callable[[str], Awaitable[Unit | None]]
    index: Callable[[Unit, Label, str, bool], Awaitable[Body]]
    latest_periods: Callable[[], Awaitable[Mapping[str, str]]]
    worker_seen_ms: Callable[[str], int | None]
    is_member: Callable[[Request], bool]
    now_ms: Callable[[], int]
