"""How Grafana 13 answers with a dashboard that was saved as it came: through its model of one.

Read from `apps/dashboard/pkg/migration/frontend_defaults.go`: defaults filled in, others left out, nulls taken away,
panels sorted by their places.
"""

import copy
from typing import Any

BUILT_IN = {
    "builtIn": 1, "datasource": {"type": "grafana", "uid": "-- Grafana --"}, "enable": True, "hide": True,
    "iconColor": "rgba(0, 211, 255, 1)", "name": "Annotations & Alerts", "type": "dashboard",
}  # fmt: skip
DEFAULTS = {
    "tags": [], "timezone": "", "weekStart": "", "editable": True, "graphTooltip": 0, "timepicker": {}, "links": [],
    "fiscalYearStartMonth": 0, "time": {"from": "now-6h", "to": "now"},
}  # fmt: skip
LEFT_OUT = {
    "gridPos": {"x": 0, "y": 0, "h": 3, "w": 6}, "targets": [{"refId": "A"}], "transparent": False, "options": {},
    "links": [], "fieldConfig": {"defaults": {}, "overrides": []}, "title": "", "transformations": [],
}  # fmt: skip


def converted(spec: dict[str, Any]) -> dict[str, Any]:
    out = _without_null({**DEFAULTS, **copy.deepcopy(spec)})
    out.pop("preload", None)
    notes = out.setdefault("annotations", {}).setdefault("list", [])
    if not any(note.get("builtIn") for note in notes):
        notes.insert(0, dict(BUILT_IN))
    for variable in out.setdefault("templating", {}).setdefault("list", []):
        if variable["type"] == "query":
            variable.setdefault("options", [])
    out["panels"] = _panels(out.get("panels", []))
    return out


def _panels(panels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for panel in panels:
        panel.setdefault("fieldConfig", {"defaults": {}}).setdefault("overrides", [])
        if not panel.get("targets", [1]):
            del panel["targets"]
        for name, value in LEFT_OUT.items():
            if panel.get(name) == value:
                del panel[name]
        if panel.get("panels"):
            panel["panels"] = _panels(panel["panels"])
    return sorted(
        panels, key=lambda panel: (panel.get("gridPos", {}).get("y", 0), panel.get("gridPos", {}).get("x", 0))
    )


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_null(inner) for name, inner in value.items() if inner is not None}
    return [_without_null(inner) for inner in value] if isinstance(value, list) else value
