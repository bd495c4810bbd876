"""`POST /v1/units/{unit}/periods/{period}/close` and `…/correct`."""

from collections.abc import Awaitable

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.figures import Figures
from api.query import documented, index_of, named_period, single_values
from api.shapes import IndexBody
from ikm.closing import Correction, has_ended, parse_correction
from ikm.errors import Code, Fault, Refused
from ikm.index import INDICES
from ikm.period import Period
from ikm.registry import Unit
from ikm.times import local_minute
from runtime.access import require_admin, require_writer
from runtime.body import read_json
from runtime.clock import Clock
from runtime.closer import Closer, Differs, NotClosed, Overtaken
from runtime.openapi import ADMIN, operation, takes
from runtime.reached import NotReady
from runtime.schemas import inline_schema_of
from runtime.units import UnitsStore, require_unit
from runtime.web import Problem, json_response, unavailable

PARAMETERS = {"index": " | ".join(INDICES)}
AFTER_VERIFY_S = 60
_CORRECTION = inline_schema_of(Correction)


def closing_router(figures: Figures, units: UnitsStore, closer: Closer, clock: Clock) -> APIRouter:
    """The routes by which a person freezes figures; a period also closes by itself, days after its end.

    Args:
        figures: answer what was frozen.
        units: the register.
        closer: freezes.
        clock: says whether a period is over.
    """
    router = APIRouter(tags=["operation"])

    @router.post(
        "/v1/units/{unit}/periods/{period}/close",
        **operation({200: IndexBody}, documented(PARAMETERS), access=ADMIN),
    )
    async def close_period(unit: str, period: str, request: Request) -> Response:
        """Freeze the figures of a period that is over, of every index, as number 0; answers that of `index`.

        Repeated it answers the same; what arrives later stands in `late`. Needs the admin key.
        """
        require_admin(request)
        found = require_unit(units, unit)
        index, wanted = index_of(single_values(request.query_params, PARAMETERS)), named_period(period, found)
        _require_end(found, wanted, clock())
        _, by = require_writer(request)
        await _done(closer.close(found, wanted, by))
        return json_response(await figures.period(found, index, wanted, 0, public=False))

    @router.post(
        "/v1/units/{unit}/periods/{period}/correct",
        **operation({200: IndexBody}, documented(PARAMETERS), takes(_CORRECTION, "why"), access=ADMIN),
    )
    async def correct_period(unit: str, period: str, request: Request) -> Response:
        """Publish the live figures of a closed period under the next number, with a `reason`. Needs the admin key."""
        require_admin(request)
        found = require_unit(units, unit)
        index, wanted = index_of(single_values(request.query_params, PARAMETERS)), named_period(period, found)
        correction = parse_correction(await read_json(request))
        _, by = require_writer(request)
        await _done(closer.correct(found, wanted, by, correction.reason))
        return json_response(await figures.period(found, index, wanted, public=False))

    return router


def _require_end(unit: Unit, period: Period, now_ms: int) -> None:
    if not has_ended(period, now_ms):
        ends = local_minute(period.to_minute, unit.zone)
        raise Problem(409, f"period {period.code} of unit {unit.code} ends at {ends} ({unit.zone}): close it then")


async def _done(act: Awaitable[None]) -> None:
    try:
        await act
    except NotReady as error:
        raise unavailable(f"{error}: send the request again") from error
    except Differs as error:
        detail = f"{error}, so nothing was frozen: `ikm verify` names what differs, `ikm replay` cures it"
        raise unavailable(detail, retry_after_s=AFTER_VERIFY_S) from error
    except NotClosed as error:
        raise Refused([Fault("period", Code.UNPROCESSABLE, f"{error}: close it first, or read it live.")]) from error
    except Overtaken as error:
        raise Problem(409, f"{error}: read the latest number, and send yours again if it is still needed") from error
