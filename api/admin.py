"""What operators can ask for; `POST /v1/admin/verify`, `POST /v1/admin/replay` and `GET /v1/admin/replay`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.shapes import ReplayBody, ReplayStatus
from api.verify import Report
from runtime.access import require_admin
from runtime.closer import Closer
from runtime.openapi import ADMIN, operation
from runtime.web import json_response


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """What operators can ask for.

    Attributes:
        verify: recomputes every figure from the events and compares; returns its report.
        replay: asks workers and sink to fold the log again from its beginning; returns the replay's number.
        replay_status: which replay was asked for last, and which ones workers and store have carried out.
        closer: freezes the figures of periods.
    """

    verify: Callable[[], Awaitable[Mapping[str, Any]]]
    replay: Callable[[], Awaitable[int]]
    replay_status: Callable[[], Awaitable[Mapping[str, Any]]]
    closer: Closer


def admin_router(operations: Operations) -> APIRouter:
    """The routes for operators."""
    router = APIRouter(tags=["operation"])

    @router.post("/v1/admin/verify", **operation({200: Report}, access=ADMIN))
    async def run_verify(request: Request) -> Response:
        """Recompute every figure in SQL from the raw events and compare it with what is published."""
        require_admin(request)
        return json_response(await operations.verify())

    @router.post("/v1/admin/replay", status_code=202, **operation({202: ReplayBody}, access=ADMIN))
    async def run_replay(request: Request) -> Response:
        """Fold the log again from offset 0 into fresh pages and buckets, which then take the place of the old."""
        require_admin(request)
        return json_response({"replay": await operations.replay()}, status=202)

    @router.get("/v1/admin/replay", **operation({200: ReplayStatus}, access=ADMIN))
    async def read_replay(request: Request) -> Response:
        """Which replay was asked for last, and which ones the workers and the store have carried out."""
        require_admin(request)
        return json_response(await operations.replay_status())

    return router
