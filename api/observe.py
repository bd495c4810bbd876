"""Measures every request, by the template of its route, up to the first byte of its answer."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.metrics import HTTP_SECONDS

NO_ROUTE = "none"
OTHER_METHOD = "other"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


class Observation:
    """Middleware that fills `ikm_http_request_seconds`."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", NO_ROUTE)
                method = scope["method"] if scope["method"] in METHODS else OTHER_METHOD
                HTTP_SECONDS.labels(method, route, message["status"]).observe(time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, observed)
