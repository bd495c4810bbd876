"""How the API and the sink are put together from the edges: the only place that knows them all.

The engine is chosen here, once: with a chdb store the sink runs in the API's process, which alone can open it.
"""

import asyncio
import gc
import os
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import FrameType
from typing import Any

import uvicorn

from api.admin import Operations
from api.app import Reads, create_app, open_reads
from api.periods import ClickHouseHistory
from api.replayer import Replayer
from api.verifier import Verifier
from producers.http import write_router
from producers.publisher import ResponsePublisher
from producers.unit_register import UnitRegister
from runtime.clickhouse import Store, connect
from runtime.clock import system_clock
from runtime.closer import Closer
from runtime.logging import logger
from runtime.ops import reporting
from runtime.settings import Settings
from runtime.topics import ensure_topics
from sinks.sink import Sink

log = logger(__name__)

GC_THRESHOLDS = (50_000, 20, 100)
"""Every unit's figures are some million objects, none of them in a cycle, which Python would look through every few
seconds: 100 ms each time, in which nobody is answered."""
STOP_WITHIN_S = 3.5
"""After SIGTERM; whatever is then unfinished is finished by the next start, so the process just ends."""


class _Server(uvicorn.Server):
    """Ends in time whatever its clients do."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop accepting, and see to it that the stop ends."""
        limit = threading.Timer(STOP_WITHIN_S, os._exit, [1])
        limit.daemon = True
        limit.start()
        super().handle_exit(sig, frame)


async def serve_api(settings: Settings, listener: socket.socket) -> None:
    """Run the API, and the sink with it when the store is embedded, until SIGTERM.

    Raises:
        Exception: what ended the sink.
    """
    gc.set_threshold(*GC_THRESHOLDS)
    async with _parts(settings) as (reads, app, sink):
        server = _Server(_configuration(app))
        serving = asyncio.create_task(server.serve([listener]))
        waiting = [serving, *([asyncio.create_task(sink.wait())] if sink else [])]
        log.info("api started", host=reads.settings.api_host, port=reads.settings.api_port, sink_inside=bool(sink))
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        for task in done:
            await task
        await serving


@asynccontextmanager
async def _parts(settings: Settings) -> AsyncIterator[tuple[Reads, Any, Sink | None]]:
    bootstrap = settings.kafka_bootstrap
    log_epoch = await ensure_topics(bootstrap, settings.kafka_replication)
    async with AsyncExitStack() as stack:
        store = await connect(settings.clickhouse)
        stack.push_async_callback(store.close)
        sink = await _sink_inside(settings, store, stack)
        history = ClickHouseHistory(store, log_epoch)
        reads = await stack.enter_async_context(
            open_reads(settings, log_epoch=log_epoch, history=history, clock=system_clock)
        )
        publisher = await stack.enter_async_context(ResponsePublisher(bootstrap, log=log_epoch, client_id="ikm-api"))
        register = await stack.enter_async_context(
            UnitRegister(bootstrap, reads.units, clock=system_clock, client_id="ikm-api-units")
        )
        replayer = Replayer(store, reads.published, log_epoch, bootstrap)
        operations = Operations(
            verify=Verifier(store, reads).run,
            replay=replayer.request,
            replay_status=replayer.status,
            closer=Closer(bootstrap, store, log_epoch, clock=system_clock, register=reads.units.all_versions),
        )
        writes = write_router(publisher, register, reads.units, system_clock)
        app = create_app(reads, writes=writes, operations=operations)
        reports = reporting(bootstrap, "api", "sink") if sink else reporting(bootstrap, "api")
        await stack.enter_async_context(reports)
        yield reads, app, sink


async def _sink_inside(settings: Settings, store: Store, stack: AsyncExitStack) -> Sink | None:
    if not settings.embedded_store:
        return None
    sink = Sink(settings.kafka_bootstrap, store)
    await sink.start()
    stack.push_async_callback(sink.stop)
    return sink


def _configuration(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=30,
    )


async def run_sink(settings: Settings) -> None:
    """Run the sink against a ClickHouse server until SIGTERM.

    Raises:
        Exception: what ended it.
    """
    import signal  # noqa: PLC0415

    await ensure_topics(settings.kafka_bootstrap, settings.kafka_replication)
    store = await connect(settings.clickhouse)
    sink = Sink(settings.kafka_bootstrap, store)
    try:
        await sink.start()
        ended = asyncio.create_task(sink.wait())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ended.cancel)
        async with reporting(settings.kafka_bootstrap, "sink"):
            await asyncio.wait([ended])
        if not ended.cancelled():
            await ended
        await sink.stop()
    finally:
        await store.close()
