"""Sorts what a request carries into events that go to the log and items that are refused, each with its reason."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ikm.errors import Code, Fault, Refused
from ikm.events import Response, parse_response
from ikm.names import is_source, is_unit
from ikm.questionnaire import DEFAULT_FORM, latest
from ikm.show import shown
from ikm.versions import Versions
from producers.shapes import Rejection
from runtime.access import require_own_source
from runtime.body import MAX_ITEMS
from runtime.keys import Caller
from runtime.units import UnitsStore
from runtime.web import Problem, unprocessable

LONGEST_ID = 128


@dataclass(frozen=True, slots=True)
class Intake:
    """What becomes of a request's items.

    Attributes:
        responses: the valid ones, in their order.
        rejected: one object per refused item: index, id, field, code, message.
    """

    responses: Sequence[Response]
    rejected: list[Rejection]


def items_of(body: Any) -> Sequence[Any]:
    """The items of a body: a list's, or the one object.

    Raises:
        Problem: 413 for too many; 422 for none, or for something that is neither.
    """
    if isinstance(body, dict):
        return [body]
    if not isinstance(body, list) or not body:
        message = f"the body is {shown(body)}: send one response as an object, or a list of 1 to {MAX_ITEMS}."
        raise unprocessable([Fault("body", Code.WRONG_TYPE if body != [] else Code.MISSING_FIELD, message)])
    if len(body) > MAX_ITEMS:
        raise Problem(413, f"the list has {len(body)} items: send at most {MAX_ITEMS} in each request")
    return body


def require_own_items(items: Sequence[Any], caller: Caller, source: str) -> None:
    """Let a request pass whose items are all in the caller's name.

    Raises:
        Problem: 403 `source_not_yours`, with one error per item in another's name; nothing of the request is kept.
    """
    for item in items:
        named = item.get("source", source) if isinstance(item, dict) else source
        if isinstance(named, str):
            require_own_source(caller, named)


def take_in(items: Sequence[Any], source: str, units: UnitsStore, received_ms: int) -> Intake:
    """Validate each item by itself: one that is refused leaves its neighbours alone.

    Args:
        items: the items of a POST.
        source: what an item without `source` gets.
        units: the register; it must be ready.
        received_ms: when the request was received, UTC epoch milliseconds.
    """
    known: dict[str, Versions | None] = {}
    responses: list[Response] = []
    rejected: list[Rejection] = []
    for number, item in enumerate(items):
        try:
            response = _submitted(item, source, received_ms)
            if response.unit not in known:
                known[response.unit] = units.versions(response.unit)
            _require_place(response, known[response.unit], received_ms)
        except Refused as refused:
            rejected.append(_rejection(number, item, refused.faults))
        else:
            responses.append(response)
    return Intake(responses, rejected)


def revised(body: Any, names: Mapping[str, str], unit: Versions | None, received_ms: int) -> Response:
    """The corrected response in the body of a PUT.

    Args:
        body: the whole object; what the address names may be left out.
        names: `unit`, `source` and `id` of the address.
        unit: the unit in all its versions.
        received_ms: when the request was received, UTC epoch milliseconds.

    Raises:
        Refused: with one fault per problem.
    """
    if not isinstance(body, dict):
        raise Refused([Fault("body", Code.WRONG_TYPE, f"the body is {shown(body)}: send the corrected response.")])
    require_agreement(body, names)
    response = _parsed({**body, **names}, received_ms)
    if response.revision == 1:
        message = "revision is 1, which is the submission itself: send 2 for the first correction, up to 65535."
        raise Refused([Fault("revision", Code.OUT_OF_SCALE, message)])
    _require_place(response, unit, received_ms)
    return response


def require_agreement(body: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Let a body pass that says nothing else than its address.

    Raises:
        Refused: `contradiction`, one fault per name.
    """
    faults = [
        Fault(
            field,
            Code.CONTRADICTION,
            f"{field} is {shown(body[field])} here and {shown(name)} in the address: leave it out.",
        )
        for field, name in names.items()
        if field in body and body[field] != name
    ]
    if faults:
        raise Refused(faults)


def require_names(names: Mapping[str, str]) -> None:
    """Let an address pass whose names can be names.

    Raises:
        Refused: `invalid_name`, one fault per name.
    """
    faults = [
        Fault(
            field, Code.INVALID_NAME, f"{field} is {shown(name)}: use only the characters and length a name may have."
        )
        for field, name in names.items()
        if not (is_unit(name) if field == "unit" else is_source(name))
    ]
    if faults:
        raise Refused(faults)


def _submitted(item: Any, source: str, received_ms: int) -> Response:
    if not isinstance(item, dict):
        raise Refused([Fault("body", Code.WRONG_TYPE, f"the item is {shown(item)}: send an object.")])
    if "revision" in item:
        message = "revision is not a field of a submission: leave it out, or correct an answer with PUT."
        raise Refused([Fault("revision", Code.UNKNOWN_FIELD, message)])
    return _parsed({"source": source, **item, "revision": 1}, received_ms)


def _parsed(fields: Mapping[str, Any], received_ms: int) -> Response:
    """A form without a version is its latest here; in the log a name means the same for ever."""
    form = fields.get("questionnaire", DEFAULT_FORM)
    named = {"questionnaire": latest(form)} if isinstance(form, str) else {}
    return parse_response(json.dumps({**fields, **named}), received_ms=received_ms)


def _require_place(response: Response, versions: Versions | None, received_ms: int) -> None:
    if versions is None:
        message = f"unit {shown(response.unit)} is not registered: GET /v1/units lists the units."
        raise Refused([Fault("unit", Code.UNKNOWN_UNIT, message)])
    closed = versions.closed_fault(response.submitted_at)
    if closed:
        raise Refused([closed])
    unit = versions.at(received_ms)
    if not unit.knows_service(response.service):
        message = (
            f"service {shown(response.service)} is none of unit {unit.code}'s: GET /v1/units/{unit.code} lists them."
        )
        raise Refused([Fault("service", Code.UNKNOWN_SERVICE, message)])


def _rejection(number: int, item: Any, faults: Sequence[Fault]) -> Rejection:
    """The first fault stands for the item; its message tells of the others."""
    first, *others = faults
    named = item.get("id") if isinstance(item, dict) else None
    also = f" Also: {'; '.join(f'{fault.field} ({fault.code})' for fault in others[:9])}." if others else ""
    return {
        "index": number,
        "id": named[:LONGEST_ID] if isinstance(named, str) else None,
        "field": first.field,
        "code": first.code,
        "message": first.message + also,
    }
