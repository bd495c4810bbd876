"""Writes what Grafana reads: `python -m grafana.generate [FOLDER]`, by default over what is committed here."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.alerts.contact_points import contact_points
from grafana.alerts.mute_times import mute_times
from grafana.alerts.policies import policies
from grafana.alerts.rules import rules
from grafana.alerts.templates import templates
from grafana.boards.mutu_data import mutu_data
from grafana.boards.operasi import operasi
from grafana.boards.papan_publik import papan_publik
from grafana.boards.perbandingan import perbandingan
from grafana.boards.pimpinan import pimpinan
from grafana.boards.unit import unit
from grafana.boards.zona_integritas import zona_integritas
from grafana.datasources import boards, datasources

HERE: Final = Path(__file__).parent
BOARDS: Final[Mapping[str, Callable[[], Dashboard]]] = {
    "pimpinan": pimpinan,
    "unit": unit,
    "perbandingan": perbandingan,
    "zona-integritas": zona_integritas,
    "mutu-data": mutu_data,
    "operasi": operasi,
    "papan-publik": papan_publik,
}
"""The boards by the names of their files."""
PROVISIONING: Final[Mapping[str, Callable[[], object]]] = {
    "datasources/ikm": datasources,
    "dashboards/ikm": boards,
    "alerting/contact-points": contact_points,
    "alerting/templates": templates,
    "alerting/mute-times": mute_times,
    "alerting/policies": policies,
    "alerting/rules": rules,
}
"""What stands in `provisioning/`, by path without ending: what a function gives is written as YAML."""


def files() -> dict[Path, str]:
    """Every generated file: its path below the folder `grafana/`, and its text."""
    boards = {Path("dashboards", f"{file}.json"): _json(build()) for file, build in BOARDS.items()}
    others = {Path("provisioning", f"{file}.yaml"): _yaml(build()) for file, build in PROVISIONING.items()}
    return boards | others


def generate(folder: Path) -> None:
    """Write all of them, and remove what none of them is any more."""
    wanted = files()
    for kind in ("dashboards/*.json", "provisioning/*/*.yaml"):
        for old in folder.glob(kind):
            if old.relative_to(folder) not in wanted:
                old.unlink()
    for path, text in wanted.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def _json(board: Dashboard) -> str:
    return JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(board) + "\n"


def _yaml(data: object) -> str:
    plain = json.loads(JSONEncoder().encode(data))
    return yaml.dump(plain, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines, such as SQL, as lines."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        style = "|" if "\n" in data else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style)


_Dumper.add_representer(str, _Dumper.represent_str)


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
