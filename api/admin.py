"""`POST /v1/admin/verify` and `POST /v1/admin/replay`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from runtime.access import require_admin
from runtime.web import json_response

Verify = Callable[[], Awaitable[Mapping[str, Any]]]
Replay = Callable[[], Awaitable[int]]


def admin_router(verify: Verify, replay: Replay) -> APIRouter:
    """The routes for operators.

    Args:
        verify: recomputes every figure from the events and compares; returns its report.
        replay: asks the workers to fold the log again from its beginning; returns the replay's number.
    """
    router = APIRouter(tags=["operation"])

    @router.post("/v1/admin/verify")
    async def run_verify(request: Request) -> Response:
        """Recompute every figure in SQL from the raw events and compare it with what is published."""
        require_admin(request)
        return json_response(await verify())

    @router.post("/v1/admin/replay", status_code=202)
    async def run_replay(request: Request) -> Response:
        """Fold the log again from offset 0 into fresh pages and buckets, which then take the place of the old."""
        require_admin(request)
        return json_response({"replay": await replay()}, status=202)

    return router
