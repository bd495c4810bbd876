"""Dashboards: by uid, with Grafana's own check of versions."""

import copy
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from grafana.publish.difference import Difference, differences
from grafana.publish.errors import ConflictError, PublishError
from grafana.publish.server import Server
from grafana.publish.things import BOARD_PREFIX, Found, Item, Json

MESSAGE: Final = "ikm grafana publish"
"""What stands in the version history beside what this program wrote: so a change by hand is known."""
FIRST_MESSAGE: Final = "Initial save"
"""What Grafana's history shows for a first version, whatever its message was."""
FOLDER: Final = "folder"
_OF_GRAFANA: Final = ("id", "version", "iteration", FOLDER)
_DEFAULTS: Final[Json] = {
    "description": "", "editable": True, "fiscalYearStartMonth": 0, "graphTooltip": 0, "links": [], "liveNow": False,
    "preload": False, "refresh": "", "tags": [], "timepicker": {}, "weekStart": "", "annotations": {}, "templating": {},
}  # fmt: skip
_PAGE: Final = 5000
_LATEST: Final = 20


class Dashboards:
    """The dashboards of one folder."""

    name = "dashboard"

    def __init__(self, server: Server, folder_uid: str) -> None:
        """Of a folder of a server."""
        self._server = server
        self._folder_uid = folder_uid

    def keys(self) -> Iterable[str]:
        """Uids in the folder that are ours."""
        found = self._server.get(f"/search?type=dash-db&folderUIDs={quote(self._folder_uid, safe='')}&limit={_PAGE}")
        return [entry["uid"] for entry in found if entry["uid"].startswith(BOARD_PREFIX)]

    def find(self, key: str) -> Found | None:
        """The dashboard and its meta data, the folder's uid among its fields."""
        answer = self._server.find(f"/dashboards/uid/{quote(key, safe='')}")
        if answer is None:
            return None
        meta = answer["meta"]
        body = {**answer["dashboard"], FOLDER: meta.get("folderUid", "")}
        return Found(body, version=meta, provenance="file" if meta.get("provisioned") else None)

    def differences(self, item: Item, found: Found) -> list[Difference]:
        """Field by field; the folder counts as a field."""
        moved = differences(self._folder_uid, found.body[FOLDER], FOLDER)
        return [*differences(normal(item.body), normal(found.body)), *moved]

    def touched(self, key: str, found: Found) -> str:
        """Asked of the version history: whose is the version that is in force?"""
        if found.provenance:
            raise PublishError("this Grafana reads it from files of its own: change those, or remove it there first")
        version = found.version.get("version")
        answer = self._server.get(f"/dashboards/uid/{quote(key, safe='')}/versions?limit={_LATEST}")
        history = answer["versions"] if isinstance(answer, dict) else answer
        latest: Json = next((entry for entry in history if entry.get("version") == version), {})
        message = latest.get("message")
        is_first = message == FIRST_MESSAGE and found.body[FOLDER] == self._folder_uid
        if message == MESSAGE or is_first:
            return ""
        who = latest.get("createdBy") or found.version.get("updatedBy") or "nobody knows whom"
        said = f", {message!r}" if message else ""
        when = latest.get("created") or found.version.get("updated")
        return f"version {version} was saved by {who} at {when}{said}"

    def write(self, item: Item, found: Found | None, *, overwrite: bool) -> None:
        """Post it; the version that was looked at goes along, so that Grafana itself refuses what came in between."""
        dashboard = {**item.body, "id": None}
        if found:
            dashboard["version"] = found.version.get("version")
        order = {"dashboard": dashboard, "folderUid": self._folder_uid, "message": MESSAGE, "overwrite": overwrite}
        try:
            self._server.post("/dashboards/db", order)
        except ConflictError as error:
            now = self.find(item.key)
            meta = now.version if now else {}
            raise ConflictError(
                f"version {meta.get('version')} was saved by {meta.get('updatedBy')} at {meta.get('updated')} "
                f"meanwhile ({error})"
            ) from error

    def source(self, key: str, found: Found, item: Item | None) -> Json:
        """Without what Grafana adds; a default that the file says stays said, or the file would change for nothing."""
        committed = item.source if item else {}
        said = committed.keys() - normal(committed).keys()
        return {**{name: committed[name] for name in said}, **normal(found.body), "uid": key}


def normal(dashboard: Json) -> Json:
    """A dashboard without what Grafana adds to it by itself: ids, versions, defaults, its built-in annotation."""
    out = {name: copy.deepcopy(value) for name, value in dashboard.items() if name not in _OF_GRAFANA}
    for name in ("annotations", "templating"):
        entries = [entry for entry in (out.get(name) or {}).get("list") or [] if not entry.get("builtIn")]
        out[name] = {**(out.get(name) or {}), "list": entries} if entries else {}
    for panel in _panels(out):
        panel.pop("pluginVersion", None)
    return {name: value for name, value in out.items() if value is not None and value != _DEFAULTS.get(name)}


def _panels(dashboard: Json) -> Iterable[dict[str, Any]]:
    """Its panels, those within rows among them."""
    for panel in dashboard.get("panels") or []:
        if isinstance(panel, dict):
            yield panel
            yield from _panels(panel)
