"""What every HTTP answer that is no success looks like, and how much body is read."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ikm.errors import Code, Fault, Refused
from runtime.logging import logger

log = logger(__name__)

MAX_BODY_BYTES = 2 * 2**20
MAX_ITEMS = 1_000
DRAIN_BYTES = 64 * 2**20
DRAIN_S = 5
"""How much of a refused body is read and thrown away, and for how long, so that a client that is still sending gets to
see the answer."""

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
    return json_response(body, status=problem.status, headers=problem.headers, media_type="application/problem+json")


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


class BodyLimit:
    """Middleware that answers 413 as soon as a body is known to be too large, declared or counted while it comes."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY_BYTES) -> None:
        """Wrap an application with a limit in bytes."""
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _declared_length(scope) > self._limit:
            await self._refuse(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._limit:
                raise _BodyTooLargeError
            return message

        try:
            await self._app(scope, counted, send)
        except _BodyTooLargeError:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = Problem(
            413,
            f"the body is larger than {self._limit} bytes: send fewer items in each request",
            headers={"Connection": "close"},
        )

        async def keep_open(message: Message) -> None:
            await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

        await problem_response(problem)(scope, receive, keep_open)
        await _drain(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class _BodyTooLargeError(BaseException):
    """Passes through every handler of the application up to the middleware that raised it."""


def _declared_length(scope: Scope) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


async def _drain(receive: Receive) -> None:
    left = DRAIN_BYTES
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            while left > 0:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
                left -= len(message.get("body", b""))


async def read_json(request: Request) -> Any:
    """The body's JSON value, read strictly.

    Raises:
        Problem: 415 for another content type; 400 for what is not JSON in UTF-8: NaN and Infinity, a member named
            twice, nothing at all.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        shown = content_type[:80] or "missing"
        raise Problem(415, f"the content type is {shown}: send the header `Content-Type: application/json`")
    body = await request.body()
    try:
        return json.loads(
            body.decode("utf-8"),
            parse_constant=_no_constant,
            parse_float=_finite,
            object_pairs_hook=_no_duplicate,
        )
    except (ValueError, RecursionError) as error:
        detail = f"the body is not JSON in UTF-8: {error or 'it is nested too deeply'}"
        raise Problem(400, detail[:500]) from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON; an answer that was not given is null")


def _finite(text: str) -> float:
    """A number that is JSON and too large for a float stays a number; no field takes one like it."""
    return max(-sys.float_info.max, min(sys.float_info.max, float(text)))


def _no_duplicate(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the member {twice[:80]!r} stands twice in one object")
    return members
