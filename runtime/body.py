"""How much of a request's body is read, and how strictly."""

import asyncio
import contextlib
import json
import sys
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.web import Problem, problem_response

MAX_BODY_BYTES = 2 * 2**20
MAX_ITEMS = 1_000
DRAIN_BYTES = 64 * 2**20
DRAIN_S = 5
"""How much of a refused body is read and thrown away, and for how long, so that a client that is still sending gets to
see the answer."""


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
        Problem: 415 for another content type or an encoded body; 400 for what is not JSON in UTF-8: NaN and Infinity,
            a member named twice, nothing at all.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        shown = content_type[:80] or "missing"
        raise Problem(415, f"the content type is {shown}: send the header `Content-Type: application/json`")
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.strip().lower() != "identity":
        raise Problem(415, f"the body is encoded as {encoding[:80]}: send it plain, without Content-Encoding")
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
