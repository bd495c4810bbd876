"""`GET /v1/units/{unit}/cells`."""

from functools import partial
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.after import wait_for
from api.cell_reads import Asked, CellReads
from api.index import PARAMETERS as OF_INDEX
from api.query import TREES, Span, Window, after_of, documented, index_of, one_of, reach_of, single_values, time_of
from api.shapes import CellsBody
from ikm.cells import KINDS
from ikm.errors import Code, Fault, Refused
from runtime.access import caller_of, require_member
from runtime.openapi import operation
from runtime.units import UnitsStore, require_unit
from runtime.web import json_response

SCOPES: Final = ("self", "pooled")
PARAMETERS = {
    "by": " | ".join(KINDS),
    **{name: OF_INDEX[name] for name in ("index", "window", "from", "to", "period")},
    "scope": " | ".join(SCOPES),
    "tree": f"{' | '.join(TREES)}, with `scope=pooled` and `period` or `from`",
    "after": "a position that the figures must include",
}


def cells_router(reads: CellReads, units: UnitsStore, log_epoch: int) -> APIRouter:
    """The route that reads an index by service, channel and profile."""
    router = APIRouter(tags=["read"])

    @router.head("/v1/units/{unit}/cells", include_in_schema=False)
    @router.get("/v1/units/{unit}/cells", **operation({200: CellsBody}, documented(PARAMETERS)))
    async def read_cells(unit: str, request: Request) -> Response:
        """The live index of a unit by service, channel or a question of the respondents' profile.

        `items` has every answer of the form, or every service of the register, and last those who did not say
        (`cell` null): together they are all answers. Without a key only the four windows and whole periods of the unit
        alone are read, in steps of five answers, and small cells are hidden.
        """
        found = require_unit(units, unit)
        values = single_values(request.query_params, PARAMETERS)
        if "by" not in values:
            raise Refused([Fault("by", Code.MISSING_FIELD, f"by is missing: send one of {', '.join(KINDS)}.")])
        time = time_of(values, found)
        one_of("scope", values.get("scope", "self"), SCOPES)
        reach = reach_of(values, rolling=isinstance(time, Window))
        kind, asked = one_of("by", values["by"], KINDS), Asked(index_of(values), time, reach)
        if isinstance(time, Span) or reach.scope != "self":
            require_member(request, "cells of a span of from and to, or of several units,")
        await wait_for(partial(reads.wait, reach), found, after_of(values, log_epoch))
        bodies = await reads.read(found, [kind], asked, public=not caller_of(request).is_member)
        return json_response(bodies[0])

    return router
