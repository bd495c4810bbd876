"""Dashboards: by uid, with Grafana's own check of versions."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from grafana.publish.difference import Difference, differences
from grafana.publish.errors import ConflictError, PublishError, UnreadableError
from grafana.publish.merging import merged
from grafana.publish.normal_board import normal
from grafana.publish.server import Server
from grafana.publish.things import BOARD_PREFIX, Found, Item, Json

MESSAGE: Final = "ikm grafana publish"
"""What stands in the version history beside what this program wrote: so a change by hand is known."""
FOLDER: Final = "folder"
_AS_SAVED: Final = "v0alpha1"
"""The version of Grafana's API whose dashboards are Classic JSON as it was posted; older ones pass over the wish."""
_PAGE: Final = 5000
_UNKNOWN: Final = "unknown"


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
        try:
            answer = self._server.find(f"/dashboards/uid/{quote(key, safe='')}?apiVersion={_AS_SAVED}")
        except UnreadableError as error:
            return Found({}, unreadable=f"somebody saved it in another schema than that of the files ({error})")
        if answer is None:
            return None
        meta = answer["meta"]
        body = {**answer["dashboard"], FOLDER: meta.get("folderUid", "")}
        return Found(body, version=meta["version"], provenance="file" if meta.get("provisioned") else None)

    def differences(self, item: Item, found: Found) -> list[Difference]:
        """Field by field; the folder counts as a field."""
        if found.unreadable:
            return [Difference("schema", item.body.get("schemaVersion"), found.unreadable)]
        moved = differences(self._folder_uid, found.body[FOLDER], FOLDER)
        return [*differences(normal(item.body), normal(_without_folder(found.body))), *moved]

    def locked(self, found: Found) -> str:
        """Grafana lets nobody save a board that it reads from a file, or from a repository."""
        if not found.provenance:
            return ""
        return "this Grafana reads it from files of its own: change those, or remove it there first"

    def touched(self, key: str, found: Found) -> str:
        """Asked of the version history: the message beside the version that is in force says whether it is ours."""
        if found.unreadable:
            return found.unreadable
        saved = self._saved(key, found)
        message, place = saved.get("message"), found.body[FOLDER]
        if message == MESSAGE and place == self._folder_uid:
            return ""
        if message == MESSAGE:
            return f"somebody moved it to the folder {place or 'General'}"
        return _told(saved)

    def write(self, item: Item, found: Found | None, *, overwrite: bool) -> None:
        """Post it; the version that was looked at goes along, so that Grafana itself refuses what came in between."""
        dashboard = {**item.body, "id": None}
        if found and not found.unreadable:
            dashboard["version"] = found.version
        order = {"dashboard": dashboard, "folderUid": self._folder_uid, "message": MESSAGE, "overwrite": overwrite}
        try:
            self._server.post("/dashboards/db", order)
        except ConflictError as error:
            now = self.find(item.key)
            told = now.unreadable or _told(self._saved(item.key, now)) if now else "it was removed"
            raise ConflictError(f"{told} meanwhile ({error})") from error

    def source(self, key: str, found: Found, item: Item | None) -> Json:
        """What the file has, changed where the server differs; what Grafana adds by itself stays out."""
        server = normal(_without_folder(found.body))
        return merged(item.source, normal(item.source), server) if item else {**server, "uid": key}

    def _saved(self, key: str, found: Found) -> Json:
        """The entry of the version history for the version that is in force."""
        try:
            entry: Json = self._server.get(f"/dashboards/uid/{quote(key, safe='')}/versions/{found.version}")
        except PublishError as error:
            return {"version": found.version, _UNKNOWN: str(error)}
        return entry


def _told(saved: Json) -> str:
    if _UNKNOWN in saved:
        return f"nobody knows who saved version {saved['version']} ({saved[_UNKNOWN]})"
    said = f", {saved['message']!r}" if saved.get("message") else ""
    return f"version {saved.get('version')} was saved by {saved.get('createdBy')} at {saved.get('created')}{said}"


def _without_folder(body: Json) -> Json:
    return {name: value for name, value in body.items() if name != FOLDER}
