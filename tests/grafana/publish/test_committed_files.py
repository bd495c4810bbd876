"""The boards and alert rules of this program themselves: published, equal, and nothing to export."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.grafana.publish.commands import Commands

GRAFANA = Path(__file__).parents[3] / "grafana"
ASKED = {
    "IKM_ALERT_EMAIL": "operasi@kota.example",
    "IKM_ALERT_EMAIL_PIMPINAN": "pimpinan@kota.example",
    "IKM_ALERT_HEARTBEAT_URL": "https://detak.example/ikm",
}


@pytest.fixture(params=[False, True], ids=["as they came", "through Grafana's model"])
def grafana(request: pytest.FixtureRequest, serve: Callable[..., Commands]) -> Commands:
    commands = serve(converts=request.param)
    for part in ("dashboards", "provisioning"):
        shutil.copytree(GRAFANA / part, commands.folder / part)
    return commands


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])
def test_what_is_committed_can_be_published_whole(grafana: Commands, zone: str) -> None:
    boards = {file.stem for file in (GRAFANA / "dashboards").glob("*.json")}
    first = grafana.run("publish", zone=zone, **ASKED)
    assert first.code == 0, first.text
    specs = grafana.fake.boards.specs
    assert specs.keys() == {f"ikm-{stem}" for stem in boards}
    assert {spec["timezone"] for spec in specs.values()} == {zone}
    grafana.fake.calls.clear()
    again = grafana.run("publish", zone=zone, **ASKED)
    assert (again.code, grafana.fake.writes) == (0, []), again.text
    assert grafana.run("diff", zone=zone, **ASKED).code == 0


def test_exported_it_is_what_was_committed(grafana: Commands) -> None:
    assert grafana.run("publish", zone="Asia/Jakarta", **ASKED).code == 0
    before = grafana.text_of()
    said = grafana.run("export", zone="Asia/Jakarta", **ASKED)
    assert (said.code, said.text) == (0, "0 files written\n")
    assert grafana.text_of() == before


def test_into_an_empty_folder_and_from_there_elsewhere(grafana: Commands, serve: Callable[..., Commands]) -> None:
    """Nothing that was published is lost on the way."""
    assert grafana.run("publish", zone="Asia/Jakarta", **ASKED).code == 0
    away = grafana.folder.parent / "away"
    assert grafana.run("export", "--dir", str(away), zone="Asia/Jakarta", **ASKED).code == 0
    other = serve()
    assert other.run("publish", "--dir", str(away), zone="Asia/Jakarta", **ASKED).code == 0
    assert other.run("diff", zone="Asia/Jakarta", **ASKED).code == 0
