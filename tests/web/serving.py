"""The API as a test uses it: composed from its own parts, listening on a port of its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from api.admin import Operations
from api.app import Reads, create_app, open_reads
from api.figures import History
from producers.http import write_router
from producers.publisher import ResponsePublisher
from producers.unit_register import UnitRegister
from runtime.clock import Clock, system_clock
from runtime.keys import create_key, ensure_secret, login_token_file
from runtime.settings import Settings
from tests.contracts.http import assert_described


@dataclass(frozen=True, slots=True)
class Served:
    """A running API.

    Attributes:
        url: where it listens.
        admin: a client with the admin key.
        public: one without a key.
        source: one with the key of source `kiosk`.
        reads: its stores.
        token: the login link's.
    """

    url: str
    admin: httpx.AsyncClient
    public: httpx.AsyncClient
    source: httpx.AsyncClient
    reads: Reads
    token: str

    async def register(self, unit: str, **fields: Any) -> None:
        body = {"name": f"Unit {unit}", "zone": "Asia/Jakarta", "period": "triwulan", **fields}
        answer = await self.admin.put(f"/v1/units/{unit}", json=body)
        assert answer.status_code in {200, 201}, answer.text


def settings_for(bootstrap: str, data_dir: Path, **more: Any) -> Settings:
    return Settings(_env_file=None, kafka_bootstrap=bootstrap, data_dir=data_dir, **more)


@asynccontextmanager
async def serve(
    bootstrap: str,
    log_epoch: int,
    data_dir: Path,
    history: History,
    *,
    wait_ready: bool = True,
    writers_at: str = "",
    lag_limit: int = 10_000,
    clock: Clock = system_clock,
    **admin_calls: Any,
) -> AsyncIterator[Served]:
    settings = settings_for(bootstrap, data_dir, lag_limit=lag_limit)
    admin_key = ensure_secret(settings.admin_key_file)
    token = ensure_secret(login_token_file(data_dir))
    source_key = create_key(data_dir, "kiosk")
    async with (
        open_reads(settings, log_epoch=log_epoch, history=history, clock=clock) as reads,
        ResponsePublisher(writers_at or bootstrap, log=log_epoch, client_id="test") as publisher,
        UnitRegister(writers_at or bootstrap, reads.units, clock=clock, client_id="test") as register,
    ):
        if wait_ready:
            await reads.units.wait_ready()
            await reads.published.wait_ready()
            await reads.frames.wait_ready()
            await reads.cell_frames.log.wait_ready()
        writes = write_router(publisher, register, reads.units, clock)
        nothing = dict.fromkeys(("verify", "replay", "replay_status", "closer"), _nothing)
        app = create_app(reads, writes=writes, operations=Operations(**{**nothing, **admin_calls}))
        async with listening(app) as url, clients(url, admin_key, source_key) as (admin, public, source):
            yield Served(url, admin, public, source, reads, token)


@asynccontextmanager
async def listening(app: Any) -> AsyncIterator[str]:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), "uvicorn ended before it listened"
        await asyncio.sleep(0.01)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def clients(url: str, *keys: str) -> AsyncIterator[tuple[httpx.AsyncClient, ...]]:
    admin_key, source_key = keys
    described = {"response": [assert_described]}
    options: dict[str, Any] = {"base_url": url, "timeout": 60, "trust_env": False, "event_hooks": described}
    async with (
        httpx.AsyncClient(**options, headers={"Authorization": f"Bearer {admin_key}"}) as admin,
        httpx.AsyncClient(**options) as public,
        httpx.AsyncClient(**options, headers={"Authorization": f"Bearer {source_key}"}) as source,
    ):
        yield admin, public, source


async def _nothing() -> Mapping[str, Any]:
    return {}
