"""Folders and dashboards of the fake Grafana."""

import copy
import re
from typing import Any

from tests.grafana.fake_conversion import BUILT_IN, converted

NOW = "2026-11-23T09:00:00Z"
UID = re.compile(r"[A-Za-z0-9_-]{1,40}")
REFRESH = re.compile(r"(\d+)([smhd])")


class FakeBoards:
    """Dashboards count versions; each version keeps who saved it and why."""

    def __init__(self, refuse: Any, *, converts: bool) -> None:
        self.refuse = refuse
        self.converts = converts
        self.folders: dict[str, str] = {}
        self.above: list[str] = []
        """Titles of the folders that the folder stands in, from the top down."""
        self.sources = {"ikm-clickhouse"}
        self.specs: dict[str, dict[str, Any]] = {}
        self.places: dict[str, str] = {}
        self.versions: dict[str, list[dict[str, Any]]] = {}
        """Newest first."""
        self.provisioned: set[str] = set()
        self.in_schema_2: set[str] = set()
        """Saved by somebody as a dynamic dashboard."""

    def routes(self) -> list[Any]:
        return [
            ("GET", r"/folders/([^/]+)", self.folder),
            ("POST", r"/folders", self.make_folder),
            ("GET", r"/datasources/uid/([^/]+)", self.source),
            ("GET", r"/search", self.search),
            ("GET", r"/dashboards/uid/([^/]+)", self.board),
            ("GET", r"/dashboards/uid/([^/]+)/versions/(\d+)", self.version),
            ("POST", r"/dashboards/db", self.save),
        ]

    def folder(self, _: Any, uid: str) -> tuple[int, Any]:
        if uid not in self.folders:
            raise self.refuse(404, "folder not found", status="not-found")
        body = {"id": 1, "uid": uid, "title": self.folders[uid], "url": f"/dashboards/f/{uid}/", "version": 1}
        parents = [{"id": 2, "uid": f"above-{at}", "title": title} for at, title in enumerate(self.above)]
        return 200, body | ({"parentUid": parents[-1]["uid"], "parents": parents} if parents else {})

    def source(self, _: Any, uid: str) -> tuple[int, Any]:
        if uid not in self.sources:
            raise self.refuse(404, "Data source not found")
        return 200, {"id": 1, "uid": uid, "type": "grafana-clickhouse-datasource", "name": uid}

    def make_folder(self, call: Any) -> tuple[int, Any]:
        call.fields("folder", {"uid", "title", "parentUid", "description"}, {"title"})
        uid = call.body["uid"]
        if not UID.fullmatch(uid):
            raise self.refuse(400, "uid contains illegal characters")
        if uid in self.folders:
            raise self.refuse(409, "the folder already exists", status="uid-exists")
        self.folders[uid] = call.body["title"]
        return self.folder(call, uid)

    def search(self, call: Any) -> tuple[int, Any]:
        call.fields("search", {"type", "folderUIDs", "limit"}, of=call.query)
        if int(call.query.get("limit", 1000)) > 5000:
            raise self.refuse(
                422, "Limit is above maximum allowed (5000), use page parameter to access hits beyond limit"
            )
        place = call.query["folderUIDs"]
        return 200, [
            {"id": 1, "uid": uid, "title": spec["title"], "type": "dash-db", "tags": [], "folderUid": place}
            for uid, spec in self.specs.items()
            if self.places[uid] == place
        ]

    def board(self, call: Any, uid: str) -> tuple[int, Any]:
        if uid not in self.specs or call.query.get("apiVersion", "v1") not in {"v0alpha1", "v1beta1", "v1"}:
            raise self.refuse(404, "Dashboard not found", traceID="")
        if uid in self.in_schema_2:
            where = f"/apis/dashboard.grafana.app/v2/namespaces/default/dashboards/{uid}"
            raise self.refuse(406, f"dashboard api version not supported, use {where} instead")
        latest, place = self.versions[uid][0], self.places[uid]
        meta = {
            "type": "db", "slug": uid, "url": f"/d/{uid}/{uid}", "version": latest["version"], "created": NOW,
            "updated": latest["created"], "updatedBy": latest["createdBy"], "createdBy": "sa-1-ikm", "isFolder": False,
            "folderUid": place, "folderTitle": self.folders.get(place, "General"), "canSave": True,
            "provisioned": uid in self.provisioned, "provisionedExternalId": "",
        }  # fmt: skip
        # One that converts does not know apiVersion yet.
        kept = converted(self.specs[uid]) if self.converts else copy.deepcopy(self.specs[uid])
        spec = {**kept, "id": 42, "uid": uid, "version": latest["version"]}
        return 200, {"meta": meta, "dashboard": spec}

    def version(self, call: Any, uid: str, number: str) -> tuple[int, Any]:
        self.board(call, uid)
        for entry in self.versions[uid]:
            if entry["version"] == int(number):
                return 200, entry
        raise self.refuse(500, f"Dashboard version {number} not found for dashboardId 42")

    def save(self, call: Any) -> tuple[int, Any]:
        call.fields("order", {"dashboard", "folderUid", "message", "overwrite"}, {"dashboard"})
        spec, place = call.body["dashboard"], call.body.get("folderUid", "")
        self._check(spec, place, call.body.get("message", ""))
        uid = spec["uid"]
        known = self.versions.get(uid)
        if uid in self.provisioned:
            raise self.refuse(400, "Cannot save provisioned dashboard")
        if known and not call.body.get("overwrite") and spec.get("version") != known[0]["version"]:
            if call.fake.conflict == 409:
                raise self.refuse(409, "Dashboard already exists. Use overwrite flag to update.")
            raise self.refuse(412, "The dashboard has been changed by someone else", status="version-mismatch")
        version = self.store(uid, spec, place, "sa-1-ikm", call.body.get("message", ""))
        body = {"status": "success", "slug": uid, "version": version, "id": 42, "uid": uid, "folderUid": place}
        return 200, body | {"url": f"/d/{uid}/{uid}"}

    def _check(self, spec: Any, place: str, message: str) -> None:
        if not isinstance(spec, dict) or spec.get("id") is not None:
            raise self.refuse(400, "bad request data")
        if "elements" in spec or "layout" in spec:
            raise self.refuse(400, "Dashboard looks like a v2 spec")
        if not spec.get("title"):
            raise self.refuse(400, "Dashboard spec is missing required title property")
        if not UID.fullmatch(spec.get("uid", "")):
            raise self.refuse(400, "uid contains illegal characters", status="bad-request")
        if len(message) > 500:
            raise self.refuse(400, "message too long, max 500 characters")
        refresh = REFRESH.fullmatch(spec.get("refresh") or "1m")
        if not refresh or (refresh[2] == "s" and int(refresh[1]) < 5):
            raise self.refuse(400, "Dashboard refresh interval is too low")
        if place and place not in self.folders:
            raise self.refuse(400, "folder not found", status="not-found")

    def store(self, uid: str, spec: dict[str, Any], place: str, who: str, message: str) -> int:
        """As Grafana keeps it; a test calls it for what somebody does in the browser."""
        self.in_schema_2.discard(uid)
        kept = {name: value for name, value in copy.deepcopy(spec).items() if name not in {"id", "uid", "version"}}
        history = self.versions.setdefault(uid, [])
        self.specs[uid], self.places[uid] = kept, place
        number = len(history) + 1
        entry = {
            "id": number, "uid": uid, "parentVersion": number - 1, "restoredFrom": 0, "version": number,
            "created": NOW, "createdBy": who, "message": message,
        }  # fmt: skip
        history.insert(0, entry)
        return number

    def by_hand(self, uid: str, who: str = "budi", message: str = "", **changes: Any) -> None:
        """Somebody saves a board in the browser, which rewrites it: defaults and plugin versions come in."""
        spec = copy.deepcopy(self.specs[uid]) | changes
        for panel in spec.get("panels", []):
            panel["pluginVersion"] = "13.0.1"
        spec.setdefault("annotations", {}).setdefault("list", []).insert(0, dict(BUILT_IN))
        self.store(
            uid, {**spec, "editable": True, "fiscalYearStartMonth": 0, "preload": False}, self.places[uid], who, message
        )
