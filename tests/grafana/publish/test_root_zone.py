"""Without --zone the boards are in the zone of the root unit, asked of the running API."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI

from api.units import units_router
from ikm.registry import Unit
from runtime.clock import system_clock
from runtime.keys import ensure_secret
from runtime.units import UnitsStore
from tests.grafana.publish.commands import Commands, Said
from tests.grafana.publish.committed import board, write_board
from tests.web.serving import listening


@pytest.fixture
def asked(kafka: str, fresh_topic: Any, serve: Callable[..., Commands], tmp_path: Path) -> Any:
    """`async with asked(units) as run`: the commands without --zone, beside an API with that register."""

    @asynccontextmanager
    async def start(*units: dict[str, Any]) -> AsyncIterator[tuple[Commands, Callable[..., Any]]]:
        topic = await fresh_topic(1, cleanup_policy="compact")
        async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
            for fields in units:
                unit = Unit.model_validate({"name": "Contoh", "period": "semester", **fields})
                key = f"{unit.code}@{unit.valid_from}".encode()
                await producer.send_and_wait(topic, unit.model_dump_json().encode(), key)
        store = UnitsStore(kafka, clock=system_clock, topic=topic)
        await store.start()
        await store.wait_ready()
        ensure_secret(tmp_path / "admin.key")
        app = FastAPI()
        app.include_router(units_router(store))
        grafana = serve()
        write_board(grafana.folder, board("unit", "Unit"))
        try:
            async with listening(app) as url:
                api = {"IKM_API_PORT": url.rpartition(":")[2], "IKM_ADMIN_KEY_FILE": str(tmp_path / "admin.key")}

                async def run(name: str, *options: str) -> Said:
                    return await asyncio.to_thread(grafana.run, name, *options, zone=None, **api)

                yield grafana, run
        finally:
            await store.stop()

    return start


def unit(code: str, zone: str, parent: str | None = None) -> dict[str, Any]:
    return {"unit": code, "zone": zone, "parent": parent}


async def test_the_boards_are_in_the_zone_of_the_root(asked: Any) -> None:
    below = [unit(f"a{number:03}", "Asia/Jakarta", "kota") for number in range(250)]
    async with asked(*below, unit("kota", "Asia/Makassar")) as (grafana, run):
        said = await run("publish")
        assert said.code == 0, said.text
        assert grafana.fake.boards.specs["ikm-unit"]["timezone"] == "Asia/Makassar"
        assert (await run("diff")).code == 0
        before = grafana.text_of()
        assert (await run("export")).text == "0 files written\n"
        grafana.fake.boards.by_hand("ikm-unit", title="Lain")
        assert (await run("export")).code == 0
        after = grafana.text_of()
        assert after == {name: text.replace('"title": "Unit"', '"title": "Lain"') for name, text in before.items()}
        grafana.fake.boards.by_hand("ikm-unit", timezone="browser")
        assert (await run("export")).code == 0
        assert '"timezone": "browser"' in grafana.text_of()["dashboards/unit.json"]


async def test_roots_of_several_zones_leave_it_open(asked: Any) -> None:
    async with asked(unit("barat", "Asia/Jakarta"), unit("timur", "Asia/Jayapura")) as (grafana, run):
        said = await run("publish")
        assert said.code == 2
        assert "(barat in Asia/Jakarta, timur in Asia/Jayapura): give --zone (Asia/Jakarta, " in said.text
        assert grafana.fake.calls == []


async def test_a_closed_root_is_none(asked: Any) -> None:
    closed = {**unit("lama", "Asia/Jakarta"), "valid_to": date(2025, 1, 1)}
    ending = {**unit("kota", "Asia/Jayapura"), "valid_to": date(2100, 1, 1)}
    async with asked(closed, ending) as (grafana, run):
        assert (await run("publish")).code == 0
        assert grafana.fake.boards.specs["ikm-unit"]["timezone"] == "Asia/Jayapura"


async def test_a_register_without_a_root_leaves_it_open(asked: Any) -> None:
    async with asked() as (_, run):
        assert "(no open unit without a parent): give --zone" in (await run("publish")).text


def test_no_api(serve: Callable[..., Commands], tmp_path: Path) -> None:
    grafana = serve()
    ensure_secret(tmp_path / "admin.key")
    said = grafana.run("diff", zone=None, IKM_API_PORT="1", IKM_ADMIN_KEY_FILE=str(tmp_path / "admin.key"))
    assert said.code == 2
    assert "the API does not tell the root unit's time zone" in said.text
    assert "start it (`ikm up`), or give --zone (Asia/Jakarta, Asia/Makassar, Asia/Jayapura)" in said.text


def test_no_admin_key(serve: Callable[..., Commands], tmp_path: Path) -> None:
    said = serve().run("diff", zone=None, IKM_DATA_DIR=str(tmp_path / "nowhere"))
    assert said.code == 2
    assert "the admin key" in said.text
    assert "or give --zone" in said.text
