"""`GET /v1/units` and `GET /v1/units/{unit}`."""

from bisect import bisect_right
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.query import documented, single_values
from api.shapes import UnitsPage
from ikm.errors import Code, Fault, Refused
from ikm.names import is_unit
from ikm.registry import Unit
from ikm.show import shown
from runtime.openapi import operation
from runtime.units import UnitsStore, require_register, require_unit
from runtime.web import json_response

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
PARAMETERS = {
    "limit": f"units in a page, 1 to {MAX_LIMIT}; {DEFAULT_LIMIT} if left out",
    "cursor": "`next` of the page before",
}


def units_router(units: UnitsStore) -> APIRouter:
    """The routes that read the register."""
    router = APIRouter(tags=["read"])

    @router.head("/v1/units", include_in_schema=False)
    @router.get("/v1/units", **operation({200: UnitsPage}, documented(PARAMETERS)))
    async def list_units(request: Request) -> Response:
        """Units in the order of their codes, `limit` (at most 200) at a time; `next` is the next page's `cursor`."""
        require_register(units)
        values = single_values(request.query_params, PARAMETERS)
        limit, after = _limit(values.get("limit")), _cursor(values.get("cursor"))
        codes = units.codes()
        start = 0 if after is None else bisect_right(codes, after)
        page = codes[start : start + limit]
        items = [_body(unit) for code in page if (unit := units.get(code)) is not None]
        return json_response({"items": items, "next": page[-1] if start + limit < len(codes) else None})

    @router.head("/v1/units/{unit}", include_in_schema=False)
    @router.get("/v1/units/{unit}", **operation({200: Unit}))
    async def read_unit(unit: str) -> Response:
        """One unit in the version that is in force."""
        return json_response(_body(require_unit(units, unit)))

    return router


def _body(unit: Unit) -> Any:
    return unit.model_dump(mode="json")


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MAX_LIMIT):  # noqa: PLR2004
        message = f"limit is {shown(text)}: send an integer from 1 to {MAX_LIMIT}."
        raise Refused([Fault("limit", Code.OUT_OF_SCALE, message)])
    return int(text)


def _cursor(text: str | None) -> str | None:
    if text is not None and not is_unit(text):
        message = f"cursor is {shown(text)}: send `next` of the page before, or leave it out."
        raise Refused([Fault("cursor", Code.WRONG_TYPE, message)])
    return text
