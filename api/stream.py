"""`GET /v1/units/{unit}/index/stream`: a unit's figure as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from api.figures import Figures, Reading
from api.index_store import IndexStore, require_figures
from api.query import documented, index_of, single_values, window_of
from ikm.index import INDICES
from ikm.position import Sequence
from ikm.window import WINDOWS
from runtime.access import caller_of
from runtime.metrics import STREAMS
from runtime.openapi import operation
from runtime.units import UnitsStore, require_unit

HEARTBEAT_S = 15.0
PARAMETERS = {"index": " | ".join(INDICES), "window": " | ".join(WINDOWS)}
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def stream_router(
    figures: Figures, published: IndexStore, units: UnitsStore, *, heartbeat_s: float = HEARTBEAT_S
) -> APIRouter:
    """The route that streams one figure."""
    router = APIRouter(tags=["read"])

    @router.get(
        "/v1/units/{unit}/index/stream",
        **operation({200: None}, documented(PARAMETERS), media_type="text/event-stream"),
    )
    async def stream_index(unit: str, request: Request) -> Response:
        """The index of a unit for a `window`, at once and whenever it moves (`event: index`, `id` = its sequence)."""
        found = require_unit(units, unit)
        require_figures(published)
        values = single_values(request.query_params, PARAMETERS)
        index, window = index_of(values), window_of(values)
        public = not caller_of(request).is_member

        def read() -> Reading:
            return figures.window(units.get(unit) or found, index, window.code, public=public)

        async def events() -> AsyncIterator[bytes]:
            with STREAMS.track_inprogress(), published.watch(unit, index.code) as changed:
                async for event in _events(read, changed, _last_seen(request, published.log_epoch), heartbeat_s):
                    yield event

        return StreamingResponse(events(), media_type="text/event-stream", headers=_HEADERS)

    return router


async def _events(
    read: Callable[[], Reading], changed: asyncio.Event, last: Sequence | None, heartbeat_s: float
) -> AsyncIterator[bytes]:
    """What is newer than the last event, then a comment for every pause; a slow client misses all but the newest."""
    while True:
        changed.clear()
        reading = read()
        if last is None or reading.sequence > last:
            last = reading.sequence
            yield _event(reading)
        try:
            async with asyncio.timeout(heartbeat_s):
                await changed.wait()
        except TimeoutError:
            yield b": masih tersambung\n\n"


def _event(reading: Reading) -> bytes:
    data = json.dumps(reading.body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"event: index\nid: {reading.sequence.text()}\ndata: {data}\n\n".encode()


def _last_seen(request: Request, log_epoch: int) -> Sequence | None:
    """The client's Last-Event-ID; one that is none, or of another log, says nothing about what it has seen."""
    try:
        last = Sequence.parse(request.headers.get("last-event-id", ""))
    except ValueError:
        return None
    return last if last.epoch == log_epoch else None
