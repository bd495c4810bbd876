"""`GET /v1/units/{unit}/index`."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.figures import Figures
from api.query import Span, Time, Window, after_of, index_of, single_values, time_of
from ikm.index import Index
from ikm.period import Period
from ikm.position import Position
from ikm.registry import Unit
from runtime.access import caller_of, require_member
from runtime.units import UnitsStore, require_unit
from runtime.web import Problem, json_response

WAIT_S = 5.0
PARAMETERS = frozenset({"index", "window", "from", "to", "period", "after"})


def index_router(figures: Figures, units: UnitsStore, log_epoch: int) -> APIRouter:
    """The route that reads one figure."""
    router = APIRouter(tags=["read"])

    @router.head("/v1/units/{unit}/index", include_in_schema=False)
    @router.get("/v1/units/{unit}/index", openapi_extra={"parameters": _documented()})
    async def read_index(unit: str, request: Request) -> Response:
        """The index of a unit: `window=` 1h, 24h, 7d, 30d (default), or `period=`, or `from=` with `to=`.

        `after=` takes the `position` of an earlier answer and waits up to 5 s until the figure includes it.
        """
        found = require_unit(units, unit)
        values = single_values(request.query_params, PARAMETERS)
        index, time = index_of(values), time_of(values, found)
        if isinstance(time, Span):
            require_member(request, "a span of from and to")
        after = after_of(values, log_epoch)
        public = not caller_of(request).is_member
        return json_response(await _read(figures, found, index, time, after, public=public))

    return router


async def _read(
    figures: Figures, unit: Unit, index: Index, time: Time, after: Position | None, *, public: bool
) -> dict[str, Any]:
    if after is not None:
        await _wait(figures, unit, time, after)
    if isinstance(time, Window):
        return figures.window(unit, index, time.code, public=public).body
    if isinstance(time, Period):
        return await figures.period(unit, index, time, public=public)
    return await figures.span(unit, index, time.from_minute, time.to_minute)


async def _wait(figures: Figures, unit: Unit, time: Time, after: Position) -> None:
    wait = figures.wait_published if isinstance(time, Window) else figures.wait_history
    try:
        await wait(unit, after, timeout_s=WAIT_S)
    except TimeoutError as error:
        detail = (
            f"the figures of unit {unit.code} have not reached the position in `after` within {WAIT_S:g} s: try again"
        )
        raise Problem(504, detail) from error


def _documented() -> list[dict[str, Any]]:
    texts = {
        "index": "ikm",
        "window": "1h | 24h | 7d | 30d",
        "from": "RFC 3339 on an hour's boundary, with `to`",
        "to": "RFC 3339 on an hour's boundary, with `from`",
        "period": "2026 | 2026-S1 | 2026-TW3 | 2026-11",
        "after": "a position that the figure must include",
    }
    return [
        {"name": name, "in": "query", "schema": {"type": "string"}, "description": text} for name, text in texts.items()
    ]
