"""Knows who calls, before anything else happens; an unknown key is 401 on every address."""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from ikm.errors import Code
from runtime.keys import COOKIE, Caller, KeyRing, UnknownKey
from runtime.web import Problem, problem_response

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="ikm"'}


class Authentication:
    """Middleware that puts the `Caller` into the request's state."""

    def __init__(self, app: ASGIApp, keys: KeyRing) -> None:
        """Wrap an application with a key ring."""
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            connection = HTTPConnection(scope)
            try:
                caller = self._keys.caller(connection.headers.get("authorization"), connection.cookies.get(COOKIE))
            except UnknownKey:
                detail = (
                    "the Authorization header carries no known key: send `Bearer <key>` with a key of `ikm keys create`"
                )
                await problem_response(Problem(401, detail, headers=_CHALLENGE))(scope, receive, send)
                return
            scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)


def caller_of(request: HTTPConnection) -> Caller:
    """Who sent this request."""
    caller: Caller = request.state.caller
    return caller


def require_writer(request: HTTPConnection) -> tuple[Caller, str]:
    """The caller and the source in whose name it writes.

    Raises:
        Problem: 401 without a key.
    """
    caller = caller_of(request)
    if caller.source is None:
        detail = "writing needs a key: send `Authorization: Bearer <key>`; `ikm keys create --source NAME` makes one"
        raise Problem(401, detail, headers=_CHALLENGE)
    return caller, caller.source


def require_admin(request: HTTPConnection) -> None:
    """Let the admin key pass.

    Raises:
        Problem: 401 without a key, 403 with a source's.
    """
    caller, source = require_writer(request)
    if not caller.is_admin:
        raise Problem(403, f"the key of source {source} may not do this: use the admin key (<data-dir>/admin.key)")


def require_member(request: HTTPConnection, what: str) -> None:
    """Let whoever sees everything pass.

    Raises:
        Problem: 401 for the public.
    """
    if not caller_of(request).is_member:
        raise Problem(401, f"{what} needs a key: send `Authorization: Bearer <key>`", headers=_CHALLENGE)


def require_own_source(caller: Caller, source: str) -> None:
    """Let a caller write in a source's name.

    Raises:
        Problem: 403 `source_not_yours`.
    """
    if not caller.is_admin and caller.source != source:
        raise Problem(
            403,
            f"the key belongs to source {caller.source}, not to {source[:128]!r}: leave `source` out, or use its key",
            code=Code.SOURCE_NOT_YOURS,
        )
