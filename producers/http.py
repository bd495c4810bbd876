"""The HTTP edge: answers, corrections, withdrawals and units come in here and go to the log."""

import json
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from ikm.errors import Code, Fault, Refused
from ikm.events import Event, Withdrawal
from ikm.position import Position
from ikm.registry import Unit, parse_unit
from ikm.show import shown
from producers.intake import items_of, require_agreement, require_names, require_own_items, revised, take_in
from producers.log_writer import RecordTooLarge, Unacknowledged
from producers.publisher import ResponsePublisher
from producers.shapes import REVISION, SUBMISSION, UNIT, Accepted, Positioned
from producers.unit_register import UnitRegister
from runtime.access import require_admin, require_own_source, require_writer
from runtime.body import read_json
from runtime.clock import Clock
from runtime.crash import crash_point
from runtime.metrics import RECEIVED
from runtime.openapi import ADMIN, WRITER, operation, takes
from runtime.units import UnitsStore, require_register, require_unit
from runtime.web import Problem, json_response, unavailable

T = TypeVar("T")

RETRY_AFTER_S = 2


def write_router(publisher: ResponsePublisher, register: UnitRegister, units: UnitsStore, clock: Clock) -> APIRouter:
    """The routes that write.

    Args:
        publisher: takes events to the log.
        register: takes units to theirs.
        units: the register as read back.
        clock: says when a request was received.
    """
    router = APIRouter(tags=["write"])

    @router.post(
        "/v1/responses",
        status_code=202,
        **operation({202: Accepted}, takes(SUBMISSION, "one response, or a list"), access=WRITER),
    )
    async def submit(request: Request) -> Response:
        """Take answers in: `accepted`, `rejected` and the `position` to read `after`."""
        caller, source = require_writer(request)
        items = items_of(await read_json(request))
        require_own_items(items, caller, source)
        require_register(units)
        received_ms = clock()
        intake = take_in(items, source, units, received_ms)
        RECEIVED.labels("rejected").inc(len(intake.rejected))
        if not intake.responses:
            raise _nothing_valid(intake.rejected)
        position = await _publish(publisher, intake.responses, received_ms)
        accepted: Accepted = {
            "accepted": len(intake.responses),
            "rejected": intake.rejected,
            "position": position.encode(),
        }
        return json_response(accepted, status=202)

    @router.put(
        "/v1/units/{unit}/responses/{source}/{id}",
        status_code=202,
        **operation({202: Positioned}, takes(REVISION, "the whole response"), access=WRITER),
    )
    async def revise(unit: str, source: str, id: str, request: Request) -> Response:  # noqa: A002  the address's word
        """Correct an answer: the whole object with a `revision` from 2 on; the greatest revision counts."""
        _require_source(request, source)
        body = await read_json(request)
        require_unit(units, unit)
        names = {"unit": unit, "source": source, "id": id}
        require_names(names)
        received_ms = clock()
        position = await _publish(publisher, [revised(body, names, units.versions(unit), received_ms)], received_ms)
        return json_response({"position": position.encode()}, status=202)

    @router.delete(
        "/v1/units/{unit}/responses/{source}/{id}", status_code=202, **operation({202: Positioned}, access=WRITER)
    )
    async def withdraw(unit: str, source: str, id: str, request: Request) -> Response:  # noqa: A002  the address's word
        """Withdraw an answer for good, also one that has not arrived yet."""
        _require_source(request, source)
        require_unit(units, unit)
        require_names({"unit": unit, "source": source, "id": id})
        position = await _publish(publisher, [Withdrawal(unit=unit, source=source, id=id)], clock())
        return json_response({"position": position.encode()}, status=202)

    _add_register_route(router, register, units)
    return router


def _add_register_route(router: APIRouter, register: UnitRegister, units: UnitsStore) -> None:
    @router.put(
        "/v1/units/{unit}",
        **operation({200: Unit, 201: Unit}, takes(UNIT, "the unit"), access=ADMIN),
    )
    async def put_unit(unit: str, request: Request) -> Response:
        """Register a unit from a date on (201), or write that version again (200); needs the admin key.

        `valid_from` and `valid_to` are local midnights in the unit's zone, [valid_from, valid_to).
        """
        require_admin(request)
        body = await read_json(request)
        require_register(units)
        if not isinstance(body, dict):
            raise Refused([Fault("body", Code.WRONG_TYPE, f"the body is {shown(body)}: send the unit as an object.")])
        require_names({"unit": unit})
        require_agreement(body, {"unit": unit})
        version = parse_unit(json.dumps({**body, "unit": unit}))
        is_new = await _acknowledged(register.put(version))
        return json_response(version.model_dump(mode="json"), status=201 if is_new else 200)


async def _publish(publisher: ResponsePublisher, events: Sequence[Event], received_ms: int) -> Position:
    crash_point("api.before_produce")
    try:
        position = await _acknowledged(publisher.publish(events, received_ms=received_ms))
    except Problem:
        RECEIVED.labels("unacknowledged").inc(len(events))
        raise
    RECEIVED.labels("accepted").inc(len(events))
    crash_point("api.after_produce")
    return position


async def _acknowledged(write: Awaitable[T]) -> T:
    try:
        return await write
    except Unacknowledged as error:
        detail = (
            f"{error}: what was sent may be kept or not, so send the whole request again; that changes nothing twice"
        )
        raise unavailable(detail, retry_after_s=RETRY_AFTER_S) from error
    except RecordTooLarge as error:
        raise Problem(413, f"{error}: shorten it") from error


def _require_source(request: Request, source: str) -> None:
    caller, _ = require_writer(request)
    require_own_source(caller, source)


def _nothing_valid(rejected: Sequence[Any]) -> Problem:
    codes = {entry["code"] for entry in rejected}
    detail = f"nothing in the request is valid; the first fault: {rejected[0]['message']}"
    return Problem(422, detail, code=codes.pop() if len(codes) == 1 else Code.UNPROCESSABLE, errors=rejected)
