"""Grafana's HTTP API over a real socket on loopback: strict where Grafana is, and stricter with what it would ignore.

What it answers is read from Grafana 13's source (`pkg/api/dashboard.go`, `pkg/services/ngalert/api`) and from its HTTP
API documentation. Fields that Grafana would silently pass over are kept in `surprises`, for a test to
refuse: a misspelt `overwrite` must not look as if it worked.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.grafana.fake_alerting import FakeAlerting
from tests.grafana.fake_boards import FakeBoards
from tests.grafana.fake_rules import FakeRules

TOKEN = "glsa_0123456789abcdef"
VIEWER = "glsa_viewer"
JSON = "application/json; charset=UTF-8"


class RefusedError(Exception):
    """Answer with this status and body."""

    def __init__(self, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.code = code
        self.body = {"message": message, **more}


class Call:
    """One request: what handlers may look at."""

    def __init__(self, fake: "FakeGrafana", query: str, headers: Any, body: Any) -> None:
        self.fake = fake
        self.query = {name: values[-1] for name, values in parse_qs(query).items()}
        self.body = body
        self.provenance = "" if "X-Disable-Provenance" in headers else "api"

    def fields(self, where: str, allowed: set[str], required: set[str] = frozenset(), of: Any = None) -> None:  # type: ignore[assignment]
        """Note what Grafana would pass over, refuse what it needs."""
        body = self.body if of is None else of
        if not isinstance(body, dict):
            raise RefusedError(400, "bad request data")
        self.fake.surprises += [f"{where}.{name}" for name in body if name not in allowed]
        for name in required:
            if body.get(name) in (None, ""):
                raise RefusedError(400, f"bad request data: {where}.{name} is required")


class FakeGrafana:
    """One organisation; everything in it is open to a test."""

    def __init__(
        self, *, prefix: str = "", version: str | None = "13.0.1", conflict: int = 412, converts: bool = False
    ) -> None:
        self.prefix = prefix
        self.version = version
        self.conflict = conflict
        """Grafana up to 12 says 412 version-mismatch, Grafana 13 says 409; k8s storage says 412 of a race."""
        self.surprises: list[str] = []
        self.calls: list[tuple[str, str]] = []
        self.before: Callable[[str, str], Any] | None = None
        """Called with (method, path) before each; what it returns is answered in place: (status, headers, text)."""
        self.boards = FakeBoards(RefusedError, converts=converts)
        self.alerting = FakeAlerting(RefusedError)
        self.rules = FakeRules(RefusedError, self.boards)
        self.routes = [
            (re.compile(pattern), method, handler)
            for part in (self.boards, self.alerting, self.rules)
            for method, pattern, handler in part.routes()
        ]

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [call for call in self.calls if call[0] != "GET"]

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve; yields the URL."""
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet: two of them wait 40 ms for an acknowledgement

            def do_GET(self) -> None:
                fake.answer(self)

            do_POST = do_GET  # noqa: N815  the base class calls it so
            do_PUT = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{self.prefix}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        text = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.calls.append((handler.command, parts.path))
        special = self.before(handler.command, parts.path) if self.before else None
        if special:
            _send(handler, *special)
            return
        try:
            status, body = self._route(handler.command, parts, handler.headers, text)
        except RefusedError as refusal:
            status, body = refusal.code, refusal.body
        _send(handler, status, {"Content-Type": JSON}, json.dumps(body))

    def _route(self, method: str, parts: Any, headers: Any, text: bytes) -> tuple[int, Any]:
        api = f"{self.prefix}/api"
        if not parts.path.startswith(f"{api}/"):
            raise RefusedError(404, "Not found")
        path = parts.path.removeprefix(api)
        if path == "/health":
            body = {"database": "ok", "commit": "0000000"}
            return 200, body | ({"version": self.version} if self.version else {})
        self._let_in(method, headers)
        body = None
        if method in {"POST", "PUT"}:
            if not (headers.get("Content-Type") or "").startswith("application/json"):
                raise RefusedError(400, "bad request data")
            try:
                body = json.loads(text)
            except ValueError as error:
                raise RefusedError(400, "bad request data") from error
        for pattern, of, handler in self.routes:
            found = pattern.fullmatch(path)
            if found and of == method:
                call = Call(self, parts.query, headers, body)
                return handler(call, *(unquote(part) for part in found.groups()))
        raise RefusedError(404, "Not found")

    def _let_in(self, method: str, headers: Any) -> None:
        scheme, _, token = (headers.get("Authorization") or "").partition(" ")
        if scheme != "Bearer":
            raise RefusedError(401, "Unauthorized", messageId="auth.unauthorized", statusCode=401, traceID="")
        if token not in {TOKEN, VIEWER}:
            raise RefusedError(
                401, "Invalid API key", extra=None, messageId="api-key.invalid", statusCode=401, traceID=""
            )
        if token == VIEWER and method != "GET":
            said = "You'll need additional permissions to perform this action. Permissions needed: dashboards:create"
            raise RefusedError(403, said, accessErrorId="ACE0000000000", title="Access denied")


def _send(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], text: str) -> None:
    data = text.encode()
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
