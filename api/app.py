"""The API as one ASGI application, put together from its parts."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from api.admin import Operations, admin_router
from api.board.router import create_router
from api.cell_frames import CellFrames
from api.cell_reads import CellReads
from api.cells import cells_router
from api.closing import closing_router
from api.docs import docs_router
from api.figures import Figures, History
from api.health import Readiness, health_router
from api.index import IndexReads, index_router
from api.index_store import IndexStore
from api.lag import LagMonitor
from api.login import login_router
from api.observe import Observation
from api.openapi import PROBLEM, Application
from api.pages import BoardReads
from api.public_frames import PublicFrames
from api.roll_up import RollUps
from api.stream import stream_router
from api.trend import trend_router
from api.units import units_router
from runtime.access import Authentication
from runtime.body import BodyLimit
from runtime.clock import Clock
from runtime.keys import KeyRing
from runtime.settings import Settings
from runtime.units import UnitsStore
from runtime.web import install_problem_handlers


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What the API reads from, running.

    Attributes:
        settings: those of the process.
        log_epoch: the log that positions and figures belong to.
        clock: the one clock.
        keys: who may do what.
        units: the register.
        published: the workers' figures.
        frames: what the public sees beside the headlines.
        cell_frames: what the public sees by service, channel and profile.
        lag: how far the figures lie behind.
        history: ClickHouse's hours.
    """

    settings: Settings
    log_epoch: int
    clock: Clock
    keys: KeyRing
    units: UnitsStore
    published: IndexStore
    frames: PublicFrames
    cell_frames: CellFrames
    lag: LagMonitor
    history: History


@asynccontextmanager
async def open_reads(settings: Settings, *, log_epoch: int, history: History, clock: Clock) -> AsyncIterator[Reads]:
    """Read the register, the figures and the log's end for as long as the block runs."""
    bootstrap = settings.kafka_bootstrap
    units = UnitsStore(bootstrap, clock=clock)
    published = IndexStore(bootstrap, log_epoch=log_epoch, clock=clock)
    frames = PublicFrames(bootstrap, published, log_epoch=log_epoch)
    cell_frames = CellFrames(bootstrap, log_epoch=log_epoch)
    lag = LagMonitor(bootstrap, published, clock=clock)
    async with AsyncExitStack() as stack:
        for part in (units, published, frames, cell_frames, lag):
            await part.start()
            stack.push_async_callback(part.stop)
        yield Reads(
            settings=settings,
            log_epoch=log_epoch,
            clock=clock,
            keys=KeyRing(settings.data_dir, settings.admin_key_file),
            units=units,
            published=published,
            frames=frames,
            cell_frames=cell_frames,
            lag=lag,
            history=history,
        )


def create_app(reads: Reads, *, writes: APIRouter, operations: Operations) -> FastAPI:
    """The application.

    Args:
        reads: what it reads from.
        writes: the routes that write; another edge's, so they are handed in.
        operations: what the routes for operators do.
    """
    app = Application(
        title="IKM",
        version=version("ikm"),
        description="Every answer to a public-satisfaction survey (SKM), live and exact, as an index (IKM) per unit",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        default_response_class=Response,
        responses=PROBLEM,
    )
    figures = Figures(reads.published, reads.history, reads.frames, reads.clock)
    roll_ups = RollUps(reads.units, reads.published, reads.history, reads.frames, reads.clock)
    index_reads = IndexReads(figures, roll_ups)
    closings = closing_router(index_reads, reads.units, operations.closer, reads.clock)
    routers = (writes, *_read_routers(reads, index_reads), closings, admin_router(operations))
    for router in routers:
        app.include_router(router)
    install_problem_handlers(app, (route for router in routers for route in router.routes))
    app.add_middleware(BodyLimit)
    app.add_middleware(Authentication, keys=reads.keys)
    app.add_middleware(Observation)
    return app


def _read_routers(reads: Reads, index_reads: IndexReads) -> list[APIRouter]:
    units, published, history, lag, clock = reads.units, reads.published, reads.history, reads.lag, reads.clock
    figures = index_reads.figures
    cells = CellReads(
        units, history, reads.cell_frames, log_epoch=reads.log_epoch, lag_limit=reads.settings.lag_limit, clock=clock
    )
    pages = BoardReads(
        units=units,
        figures=figures,
        roll_ups=index_reads.roll_ups,
        cells=cells,
        history=history,
        lag=lag,
        clock=clock,
    )
    readiness = Readiness(units, published, history, lag, lag_limit=reads.settings.lag_limit, clock=clock)
    return [
        stream_router(figures, published, units),
        index_router(index_reads, units, reads.log_epoch),
        trend_router(index_reads, units, reads.log_epoch, clock),
        cells_router(cells, units, reads.log_epoch),
        units_router(units),
        health_router(readiness),
        login_router(reads.keys),
        docs_router(),
        create_router(pages.reader()),
    ]
