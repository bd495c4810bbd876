"""The boards and rules as they are committed, and what is in them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "grafana"
Board = Mapping[str, Any]
Boards = Mapping[str, Board]
"""By the name of the file without ending."""
PUBLIC = "papan-publik"
"""The board that is shared with the outside."""
OPERATION = frozenset({"operasi", "mutu-data"})
"""Boards about the machine, not about satisfaction."""


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a board.

    Attributes:
        where: for people: of which panel, variable or annotation it is.
        panel: the panel that asks; empty for a variable's or an annotation's.
        sql: as it is written.
        source: uid of the data source.
        format: the plugin's: 0 time series, 1 table.
    """

    where: str
    panel: Mapping[str, Any]
    sql: str
    source: str
    format: int


def committed() -> Boards:
    """All boards in `grafana/dashboards`."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((FOLDER / "dashboards").glob("*.json"))}


def alert_groups() -> list[dict[str, Any]]:
    """All groups of alert rules in `grafana/provisioning/alerting`."""
    files = sorted((FOLDER / "provisioning" / "alerting").glob("*.yaml"))
    return [group for path in files for group in yaml.safe_load(path.read_text("utf-8")).get("groups", ())]


def panels(board: Board) -> Iterator[Mapping[str, Any]]:
    """Every panel that shows something; of a collapsed row, those in it."""
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels", ())
        else:
            yield panel


def variables(board: Board) -> Mapping[str, Mapping[str, Any]]:
    """By name."""
    return {variable["name"]: variable for variable in board.get("templating", {}).get("list", ())}


def queries(board: Board) -> Iterator[Query]:
    """Every query of a board, wherever it stands."""
    for panel in panels(board):
        for target in panel.get("targets", ()):
            yield _query(f"panel {panel.get('title')!r} {target.get('refId')}", panel, target)
    for name, variable in variables(board).items():
        if variable["type"] == "query":
            yield _query(f"variable {name}", {}, variable["query"])
    for annotation in board.get("annotations", {}).get("list", ()):
        if "target" in annotation and not annotation.get("builtIn"):
            yield _query(f"annotation {annotation.get('name')!r}", {}, annotation["target"])


def _query(where: str, panel: Mapping[str, Any], target: Mapping[str, Any]) -> Query:
    source = target.get("datasource") or {}
    return Query(where, panel, target.get("rawSql", ""), source.get("uid", ""), target.get("format", -1))


def overrides(panel: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What is set for the columns of a panel: the column's name in SQL, or another matcher, and the properties."""
    for override in panel.get("fieldConfig", {}).get("overrides", ()):
        said = {one["id"]: one.get("value") for one in override["properties"]}
        yield str(override["matcher"].get("options")), said
