"""What every HTTP answer that is no success looks like."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, NotRequired

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from ikm.errors import Code, Fault, Refused
from runtime.logging import logger

log = logger(__name__)

_CODE_OF_STATUS: Mapping[int, Code] = {
    400: Code.MALFORMED_JSON,
    401: Code.UNAUTHORIZED,
    403: Code.FORBIDDEN,
    404: Code.NOT_FOUND,
    405: Code.METHOD_NOT_ALLOWED,
    409: Code.CONFLICT,
    413: Code.TOO_LARGE,
    415: Code.UNSUPPORTED_MEDIA_TYPE,
    422: Code.UNPROCESSABLE,
    500: Code.INTERNAL,
    503: Code.UNAVAILABLE,
    504: Code.TIMEOUT,
}


PROBLEM_JSON = "application/problem+json"


class ProblemFault(TypedDict):
    """One fault; of a list also its item."""

    field: str
    code: Code
    message: str
    index: NotRequired[int]
    id: NotRequired[str | None]


class ProblemBody(TypedDict):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    code: Code
    errors: list[ProblemFault]


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """An answer that is no success; raised anywhere below a route, sent as problem+json."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: Code | None = None,
        errors: Iterable[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the answer.

        Args:
            status: the HTTP status.
            detail: what is wrong, which value, where from, what to do.
            code: the published code; the status has a default.
            errors: one object per fault.
            headers: further headers.
        """
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code or _CODE_OF_STATUS.get(status, Code.UNPROCESSABLE)
        self.errors = [dict(error) for error in errors]
        self.headers = dict(headers or {})


def unavailable(detail: str, *, retry_after_s: int = 1) -> Problem:
    """503 for a part that is not ready or did not answer; repeating is safe."""
    return Problem(503, detail, headers={"Retry-After": str(retry_after_s)})


def unprocessable(faults: Iterable[Fault]) -> Problem:
    """422 with one entry per fault; its code is theirs when they agree."""
    faults = tuple(faults)
    codes = {fault.code for fault in faults}
    errors = [{"field": fault.field, "code": fault.code, "message": fault.message} for fault in faults]
    return Problem(
        422,
        "; ".join(fault.message for fault in faults),
        code=codes.pop() if len(codes) == 1 else Code.UNPROCESSABLE,
        errors=errors,
    )


def problem_response(problem: Problem) -> Response:
    """`application/problem+json` (RFC 9457) with the members type, title, status, detail, code, errors."""
    body = {
        "type": f"/docs#{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "errors": problem.errors,
    }
    return json_response(body, status=problem.status, headers=problem.headers, media_type=PROBLEM_JSON)


def json_response(
    body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None, media_type: str = "application/json"
) -> Response:
    """A JSON answer that no cache keeps; half of a surrogate pair, which has no UTF-8, stays an escape."""
    content = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(
        content.encode("utf-8", "backslashreplace"),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        media_type,
    )


def install_problem_handlers(app: Starlette, routes: Iterable[BaseRoute]) -> None:
    """Make every error of an application a problem: raised ones, unknown addresses and methods, and the unforeseen.

    Args:
        app: the application.
        routes: all of its routes, so that a 405 can name every method that its address takes.
    """
    app.state.routes = [route for route in routes if isinstance(route, Route)]
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(Refused, _on_refused)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_unforeseen)


async def _on_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error)


async def _on_refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return problem_response(unprocessable(error.faults))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        matching = (route for route in request.app.state.routes if route.path_regex.fullmatch(path))
        allowed = ", ".join(sorted(set().union(*(route.methods or () for route in matching))))
        detail = f"{request.method} is not allowed on {path}, which takes {allowed}"
        return problem_response(Problem(error.status_code, detail, headers={"Allow": allowed}))
    detail = f"{path} is no address of this API: /docs lists them" if error.status_code == 404 else error.detail  # noqa: PLR2004
    return problem_response(Problem(error.status_code, detail, headers=error.headers))


async def _on_unforeseen(request: Request, error: Exception) -> Response:
    log.error("request_failed", method=request.method, path=request.url.path, exc_info=error)
    return problem_response(Problem(500, f"{request.method} {request.url.path} failed inside; the log says more"))
