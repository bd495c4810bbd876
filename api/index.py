"""`GET /v1/units/{unit}/index`."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.after import wait_for
from api.figures import Figures
from api.frozen import Version
from api.query import Question, Reach, Span, Window, documented, question_of, single_values
from api.roll_up import RollUps
from api.shapes import IndexBody
from ikm.closing import SCOPES
from ikm.index import INDICES, Index
from ikm.period import Period
from ikm.registry import Unit
from runtime.access import caller_of, require_member
from runtime.openapi import operation
from runtime.units import UnitsStore, require_unit
from runtime.web import json_response

PARAMETERS = {
    "index": " | ".join(INDICES),
    "window": "1h | 24h | 7d | 30d",
    "from": "RFC 3339 on an hour's boundary, with `to`",
    "to": "RFC 3339 on an hour's boundary, with `from`",
    "period": "2026 | 2026-S1 | 2026-TW3 | 2026-11 | a code among the unit's own `periods`",
    "scope": " | ".join(SCOPES),
    "tree": "at | current, with `scope` and `period` or `from`",
    "version": "of a period: live | 0 | 1 | …; the latest frozen one if left out",
    "after": "a position that the figure must include",
}


@dataclass(frozen=True, slots=True)
class IndexReads:
    """Reads of one unit, and of a unit with those below it."""

    figures: Figures
    roll_ups: RollUps

    async def period(
        self, unit: Unit, index: Index, period: Period, reach: Reach, version: Version = None, *, public: bool
    ) -> dict[str, Any]:
        """A calendar period in any scope; raises Problem 404 where it has no such version."""
        if reach.scope == "self":
            return await self.figures.period(unit, index, period, version, public=public)
        return await self.roll_ups.period(unit, index, period, reach, version, public=public)


def index_router(reads: IndexReads, units: UnitsStore, log_epoch: int) -> APIRouter:
    """The route that reads one figure."""
    router = APIRouter(tags=["read"])

    @router.head("/v1/units/{unit}/index", include_in_schema=False)
    @router.get("/v1/units/{unit}/index", **operation({200: IndexBody}, documented(PARAMETERS)))
    async def read_index(unit: str, request: Request) -> Response:
        """The index of a unit: `window=` 1h, 24h, 7d, 30d (default), or `period=`, or `from=` with `to=`.

        `scope=pooled` counts the units below it too, `scope=mean` is the simple mean of their indices; `tree=current`
        reads a period or span by the tree of today, not by the one of each response's time, and always live.
        Of a closed period (`status` beku) the latest frozen `number` is answered, and in `late` what came since: live
        minus frozen; `version=live|0|1|…` gives the others.
        `after=` takes the `position` of an earlier answer and waits up to 5 s until the live figure includes it.
        """
        found = require_unit(units, unit)
        values = single_values(request.query_params, PARAMETERS)
        asked = question_of(values, found, log_epoch)
        if isinstance(asked.time, Span):
            require_member(request, "a span of from and to")
        public = not caller_of(request).is_member
        read = _read if asked.reach.scope == "self" else _roll_up
        return json_response(await read(reads, found, asked, public=public))

    return router


async def _read(reads: IndexReads, unit: Unit, asked: Question, *, public: bool) -> dict[str, Any]:
    figures, index, time = reads.figures, asked.index, asked.time
    waiting = figures.wait_published if isinstance(time, Window) else figures.wait_history
    await wait_for(waiting, unit, asked.after)
    if isinstance(time, Window):
        return figures.window(unit, index, time.code, public=public).body
    if isinstance(time, Period):
        return await figures.period(unit, index, time, asked.version, public=public)
    return await figures.span(unit, index, time.from_minute, time.to_minute)


async def _roll_up(reads: IndexReads, unit: Unit, asked: Question, *, public: bool) -> dict[str, Any]:
    roll_ups, index, time, reach = reads.roll_ups, asked.index, asked.time, asked.reach
    waiting = roll_ups.wait_published if isinstance(time, Window) else roll_ups.wait_history
    await wait_for(waiting, unit, asked.after)
    if isinstance(time, Window):
        return roll_ups.window(unit, index, time.code, reach, public=public)
    if isinstance(time, Period):
        return await roll_ups.period(unit, index, time, reach, asked.version, public=public)
    return await roll_ups.span(unit, index, time.from_minute, time.to_minute, reach)
