import asyncio

from fastapi import FastAPI

from api.figures import Figures
from api.stream import stream_router
from runtime.access import Authentication
from runtime.clock import system_clock
from tests.web.serving import Served, clients
from tests.web.serving import listening as served_at
from tests.web.test_stream import listening


async def test_a_comment_whenever_there_was_no_news(served: Served, unique):
    unit = unique("unit")
    await served.register(unit)
    reads = served.reads
    app = FastAPI()
    app.include_router(
        stream_router(
            Figures(reads.published, reads.history, reads.frames, system_clock),
            reads.published,
            reads.units,
            heartbeat_s=0.2,
        )
    )
    app.add_middleware(Authentication, keys=reads.keys)
    async with served_at(app) as url, clients(url, "", "") as (_, public, _), listening(public, unit) as listener:
        await listener.figure()
        async with asyncio.timeout(20):
            comments = 0
            while comments < 2:  # a figure too, when a minute begins meanwhile
                comments += await listener.next() == "masih tersambung"
