"""`POST /v1/units/{unit}/periods/{period}/close` and `…/correct`."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.index import IndexReads
from api.query import Reach, documented, index_of, named_period, scope_of, single_values
from api.shapes import IndexBody
from ikm.closing import SCOPES, Correction, Scope, parse_correction
from ikm.due import has_ended
from ikm.errors import Code, Fault, Refused
from ikm.index import INDICES, Index
from ikm.members import Members
from ikm.period import Period
from ikm.registry import Unit
from ikm.times import local_minute
from runtime.access import require_admin, require_writer
from runtime.body import read_json
from runtime.clock import Clock
from runtime.closer import Closer, Differs, NotClosed, Overtaken, scopes_of
from runtime.openapi import ADMIN, operation, takes
from runtime.reached import NotReady
from runtime.schemas import inline_schema_of
from runtime.units import UnitsStore, require_unit
from runtime.web import Problem, json_response, unavailable

PARAMETERS = {"index": " | ".join(INDICES), "scope": f"{' | '.join(SCOPES)}; all of them if left out"}
AFTER_VERIFY_S = 60
_CORRECTION = inline_schema_of(Correction)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be closed, in one scope or in all, and what is to be answered."""

    unit: Unit
    period: Period
    members: Members
    scope: Scope | None
    index: Index

    @property
    def reach(self) -> Reach:
        return Reach(self.scope or "self", current=False)


def closing_router(reads: IndexReads, units: UnitsStore, closer: Closer, clock: Clock) -> APIRouter:
    """The routes by which a person freezes figures; a period also closes by itself, days after its end.

    Args:
        reads: answer what was frozen.
        units: the register.
        closer: freezes.
        clock: says whether a period is over.
    """
    router = APIRouter(tags=["operation"])

    def asked_of(unit: str, period: str, request: Request) -> _Asked:
        require_admin(request)
        found = require_unit(units, unit)
        values = single_values(request.query_params, PARAMETERS)
        index, scope, wanted = index_of(values), scope_of(values), named_period(period, found)
        return _Asked(found, wanted, units.members(found, wanted), scope, index)

    @router.post(
        "/v1/units/{unit}/periods/{period}/close",
        **operation({200: IndexBody}, documented(PARAMETERS), access=ADMIN),
    )
    async def close_period(unit: str, period: str, request: Request) -> Response:
        """Freeze the figures of a period that is over, of every index, as number 0; answers that of `index`.

        In one `scope`, or in all: pooled and mean of a unit that has units below it in the period, by the tree of each
        response's time; then it answers that of the unit alone. Repeated it answers the same; what arrives later
        stands in `late`. Needs the admin key.
        """
        asked = asked_of(unit, period, request)
        _require_end(asked.unit, asked.period, clock())
        _require_tree(asked)
        _, by = require_writer(request)
        scopes = asked.scope and (asked.scope,)
        await _done(closer.close(asked.unit, asked.period, by, members=asked.members, scopes=scopes))
        return json_response(await _read(asked, 0))

    @router.post(
        "/v1/units/{unit}/periods/{period}/correct",
        **operation({200: IndexBody}, documented(PARAMETERS), takes(_CORRECTION, "why"), access=ADMIN),
    )
    async def correct_period(unit: str, period: str, request: Request) -> Response:
        """Publish the live figures of a closed period under the next number, with a `reason`. Needs the admin key.

        In one `scope`, or in all that are closed; each has numbers of its own.
        """
        asked = asked_of(unit, period, request)
        correction = parse_correction(await read_json(request))
        _, by = require_writer(request)
        scopes = (asked.scope,) if asked.scope else SCOPES
        act = closer.correct(asked.unit, asked.period, by, correction.reason, members=asked.members, scopes=scopes)
        await _done(act)
        return json_response(await _read(asked))

    async def _read(asked: _Asked, version: int | None = None) -> dict[str, Any]:
        return await reads.period(asked.unit, asked.index, asked.period, asked.reach, version, public=False)

    return router


def _require_tree(asked: _Asked) -> None:
    if asked.scope and asked.scope not in scopes_of(asked.members):
        whose = f"no unit stood below unit {asked.unit.code} in {asked.period.code}"
        message = f"scope is {asked.scope} and {whose}: leave it out, or send self."
        raise Refused([Fault("scope", Code.CONTRADICTION, message)])


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
        detail = f"{error}, and what differs was not frozen: `ikm verify` names what differs, `ikm replay` cures it"
        raise unavailable(detail, retry_after_s=AFTER_VERIFY_S) from error
    except NotClosed as error:
        raise Refused([Fault("period", Code.UNPROCESSABLE, f"{error}: close it first, or read it live.")]) from error
    except Overtaken as error:
        raise Problem(409, f"{error}: read the latest number, and send yours again if it is still needed") from error
