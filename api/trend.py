"""`GET /v1/units/{unit}/trend`."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.after import wait_for
from api.index import IndexReads
from api.query import TREES, after_of, documented, index_of, one_of, reach_of, single_values, span_of
from api.shapes import TrendBody
from ikm.closing import SCOPES
from ikm.frame import PUBLIC_STEPS
from ikm.index import INDICES
from ikm.registry import Unit
from ikm.steps import DEFAULT_STEPS, MOST_STEPS, Step, Steps
from ikm.times import MS_PER_MINUTE
from runtime.access import caller_of, require_member
from runtime.clock import Clock
from runtime.openapi import MEMBER, operation
from runtime.units import UnitsStore, require_unit
from runtime.web import json_response

DEFAULT_BY = "day"
_DEFAULTS = ", ".join(f"{number} by {by}" for by, number in DEFAULT_STEPS.items())
PARAMETERS = {
    "index": " | ".join(INDICES),
    "scope": " | ".join(SCOPES),
    "tree": f"{' | '.join(TREES)}, with `scope`",
    "by": f"{' | '.join(DEFAULT_STEPS)} (the unit's own); {DEFAULT_BY} if left out",
    "from": "RFC 3339 where a step begins by the unit's own clock, with `to`",
    "to": f"the same; at most {MOST_STEPS:,} steps. Without both, the last steps and the current one: {_DEFAULTS}",
    "after": "a position that the figures must include",
}


def trend_router(reads: IndexReads, units: UnitsStore, log_epoch: int, clock: Clock) -> APIRouter:
    """The route that reads the figures of hours, days, months or periods, one after the other."""
    router = APIRouter(tags=["read"])

    @router.head("/v1/units/{unit}/trend", include_in_schema=False)
    @router.get("/v1/units/{unit}/trend", **operation({200: TrendBody}, documented(PARAMETERS), access=MEMBER))
    async def read_trend(unit: str, request: Request) -> Response:
        """The index of a unit step by step, by its own calendar.

        `items` has every step, also one without answers; everything before `position` is in them. Without a key only
        whole months and periods of the unit alone are read, and each in steps of five answers.
        """
        found = require_unit(units, unit)
        values = single_values(request.query_params, PARAMETERS)
        reach = reach_of(values, rolling=False)
        index, by = index_of(values), one_of("by", values.get("by", DEFAULT_BY), DEFAULT_STEPS)
        if by not in PUBLIC_STEPS or reach.scope != "self":
            require_member(request, "a trend by hour or day, or of several units,")
        steps = _steps_of(values, found, by, clock())
        after = after_of(values, log_epoch)
        if reach.scope == "self":
            await wait_for(reads.figures.wait_history, found, after)
            public = not caller_of(request).is_member
            return json_response(await reads.figures.trend(found, index, by, steps, public=public))
        await wait_for(reads.roll_ups.wait_history, found, after)
        return json_response(await reads.roll_ups.trend(found, index, by, steps, reach))

    return router


def _steps_of(values: Mapping[str, str], unit: Unit, by: str, now_ms: int) -> list[Step]:
    steps, span = Steps(by, unit.zone, unit.period), span_of(values)
    return steps.between(*span) if span else steps.latest(now_ms // MS_PER_MINUTE)
