"""The board as a whole: what it is called, where its panels stand, what may be chosen, how often it is read anew."""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from ikm.times import ZONES
from tests.grafana.files import PUBLIC, Boards, panels, variables

SCHEMA: Final = 42
REFRESH: Final = {"pimpinan": "10s", PUBLIC: "5s"}
REFRESH_ELSEWHERE: Final = "30s"
WIDTH: Final = 24
FIRST_SCREEN: Final = 24
"""Units of the grid that a screen of 1080 lines shows below Grafana's own bars."""
MOST_ON_IT: Final = 12
VARIABLES: Final = frozenset({"unit", "index", "type"})
KINDS: Final = frozenset(
    {
        "stat", "gauge", "bargauge", "table", "timeseries", "barchart", "state-timeline", "status-history", "heatmap",
        "geomap", "text", "row",
    }
)  # fmt: skip
"""Panels that are part of Grafana 13."""
_NOT_COMMITTED: Final = ("iteration", "version", "__inputs", "__requires", "gnetId")


def schema_version(file: str, boards: Boards) -> Iterator[str]:
    """Grafana migrates an older one in the browser, differently in every version."""
    found = boards[file].get("schemaVersion")
    if found != SCHEMA:
        yield f"schemaVersion is {found}, must be {SCHEMA}"


def identity(file: str, boards: Boards) -> Iterator[str]:
    """The uid is the file's, and nothing is there that a server gives."""
    board = boards[file]
    if board.get("uid") != f"ikm-{file}":
        yield f"uid is {board.get('uid')!r}, must be 'ikm-{file}'"
    if board.get("id") is not None:
        yield f"id is {board['id']}: a server gives it"
    yield from (f"{name} is there: a server gives it" for name in _NOT_COMMITTED if board.get(name) is not None)


def titles(file: str, boards: Boards) -> Iterator[str]:
    """Board and panels say what they are; no two panels say the same."""
    board = boards[file]
    yield from (f"the board has no {name}" for name in ("title", "description") if not board.get(name))
    seen: set[str] = set()
    for panel in panels(board):
        yield from (
            f"panel {panel.get('id')} ({panel.get('title')!r}) has no {name}"
            for name in ("title", "description")
            if not panel.get(name)
        )
        if panel.get("title") in seen:
            yield f"two panels are called {panel.get('title')!r}"
        seen.add(panel.get("title", ""))


def zone(file: str, boards: Boards) -> Iterator[str]:
    """A day is the organisation's, wherever the browser stands."""
    found = boards[file].get("timezone")
    if found not in ZONES:
        yield f"timezone is {found!r}, must be one of {', '.join(ZONES)}"


def refresh(file: str, boards: Boards) -> Iterator[str]:
    """As often as its readers need, and no oftener."""
    found, wanted = boards[file].get("refresh"), REFRESH.get(file, REFRESH_ELSEWHERE)
    if found != wanted:
        yield f"refresh is {found!r}, must be {wanted!r}"


def panel_ids(file: str, boards: Boards) -> Iterator[str]:
    """Alerts, links and addresses name panels by them."""
    rows = [panel.get("id") for panel in boards[file]["panels"] if panel["type"] == "row"]
    ids = [panel.get("id") for panel in panels(boards[file])] + rows
    if not all(isinstance(one, int) and one > 0 for one in ids):
        yield f"panel ids are {ids}: each must be a positive integer"
    yield from (f"id {one} is two panels'" for one in sorted({str(one) for one in ids if ids.count(one) > 1}))


def grid(file: str, boards: Boards) -> Iterator[str]:
    """Grafana would push panels that overlap about."""
    places = []
    for panel in panels(boards[file]):
        at = panel.get("gridPos") or {}
        if not {"x", "y", "w", "h"} <= at.keys() or at["w"] < 1 or at["h"] < 1 or at["x"] < 0 or at["y"] < 0:
            yield f"panel {panel.get('title')!r} stands at {at}"
            continue
        if at["x"] + at["w"] > WIDTH:
            yield f"panel {panel.get('title')!r} reaches column {at['x'] + at['w']} of {WIDTH}"
        places.append((panel.get("title"), at))
    for (one, a), (other, b) in combinations(places, 2):
        beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        below = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        if not (beside or below):
            yield f"panels {one!r} and {other!r} overlap"


def first_screen(file: str, boards: Boards) -> Iterator[str]:
    """A leader sees what matters without scrolling, and not more."""
    on_it = [panel for panel in panels(boards[file]) if (panel.get("gridPos") or {}).get("y", 0) < FIRST_SCREEN]
    if file == "pimpinan" and len(on_it) > MOST_ON_IT:
        yield f"{len(on_it)} panels begin on the first screen, at most {MOST_ON_IT} may"


def panel_kinds(file: str, boards: Boards) -> Iterator[str]:
    """Only panels that every Grafana 13 has."""
    for panel in (*boards[file]["panels"], *panels(boards[file])):
        if panel.get("type") not in KINDS:
            yield f"panel {panel.get('title')!r} is of type {panel.get('type')}: use {', '.join(sorted(KINDS))}"
        if panel.get("libraryPanel"):
            yield f"panel {panel.get('title')!r} is kept in the server's library"


def variable_list(file: str, boards: Boards) -> Iterator[str]:
    """The few that every board shares; one that is shared with the outside has none, for nobody could fill them in."""
    for name, variable in variables(boards[file]).items():
        if file == PUBLIC:
            yield f"variable {name}: a board that is shared with the outside has none"
        elif name not in VARIABLES:
            yield f"variable {name} is not one of {', '.join(sorted(VARIABLES))}"
        if variable["type"] not in {"query", "custom"}:
            yield f"variable {name} is of type {variable['type']}, must be query or custom"
        if not variable.get("label"):
            yield f"variable {name} has no label"


RULES: Final = (
    schema_version,
    identity,
    titles,
    zone,
    refresh,
    panel_ids,
    grid,
    first_screen,
    panel_kinds,
    variable_list,
)
