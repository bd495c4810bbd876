"""One form for a dashboard, however often Grafana has read and written it.

Grafana 13 answers with a dashboard that went through its model: defaults are filled in or left out, nulls are gone,
panels stand in the order of their places (`apps/dashboard/pkg/migration/frontend_defaults.go`). None of that is a
difference.
"""

from collections.abc import Mapping
from typing import Any, Final

from grafana.publish.things import Json

_OF_GRAFANA: Final = ("id", "version", "iteration")
_DEFAULTS: Final[Json] = {
    "description": "", "editable": True, "fiscalYearStartMonth": 0, "graphTooltip": 0, "links": [], "liveNow": False,
    "preload": False, "refresh": "", "tags": [], "timepicker": {}, "weekStart": "", "annotations": {}, "templating": {},
    "panels": [],
}  # fmt: skip
_PANEL_DEFAULTS: Final[Json] = {
    "transparent": False, "options": {}, "links": [], "title": "", "transformations": [], "fieldConfig": {},
    "gridPos": {"x": 0, "y": 0, "w": 6, "h": 3}, "repeat": "",
}  # fmt: skip
_NO_TARGETS: Final[tuple[list[Json], ...]] = ([], [{"refId": "A"}])


def normal(dashboard: Json) -> Json:
    """A copy without what Grafana adds or leaves out by itself: ids, versions, defaults, its built-in annotation."""
    out = _without_null({name: value for name, value in dashboard.items() if name not in _OF_GRAFANA})
    for name in ("annotations", "templating"):
        out[name] = _with_entries(out.get(name) or {})
    out["panels"] = _panels(out.get("panels") or [])
    return _without(out, _DEFAULTS)


def _with_entries(value: Json) -> Json:
    """`annotations` or `templating` without the built-in annotation, and without options that are asked anew anyhow."""
    kept = [entry for entry in value.get("list") or [] if not entry.get("builtIn")]
    entries = [_without(entry, {"options": []}) for entry in kept]
    return {**value, "list": entries} if entries else {name: inner for name, inner in value.items() if name != "list"}


def _panels(panels: list[Json]) -> list[Json]:
    return sorted(map(_panel, panels), key=_place)


def _panel(panel: Json) -> Json:
    out = {name: value for name, value in panel.items() if name != "pluginVersion"}
    if out.get("targets") in _NO_TARGETS:
        del out["targets"]
    if isinstance(out.get("fieldConfig"), dict):
        out["fieldConfig"] = _without(out["fieldConfig"], {"defaults": {}, "overrides": []})
    if out.get("panels"):
        out["panels"] = _panels(out["panels"])
    return _without(out, _PANEL_DEFAULTS)


def _place(panel: Json) -> tuple[int, int]:
    place = panel.get("gridPos") or {}
    return place.get("y", 0), place.get("x", 0)


def _without(value: Json, defaults: Mapping[str, Any]) -> Json:
    return {name: inner for name, inner in value.items() if name not in defaults or inner != defaults[name]}


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_null(inner) for name, inner in value.items() if inner is not None}
    return [_without_null(inner) for inner in value] if isinstance(value, list) else value
