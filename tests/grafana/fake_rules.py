"""Alert rules of the fake Grafana."""

import copy
import re
from typing import Any

UID = re.compile(r"[A-Za-z0-9_-]{1,40}")
DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
RULE = {
    "id", "uid", "orgID", "folderUID", "ruleGroup", "title", "condition", "data", "updated", "noDataState",
    "execErrState", "for", "keep_firing_for", "annotations", "labels", "provenance", "isPaused",
    "notification_settings", "record", "missingSeriesEvalsToResolve",
}  # fmt: skip
REQUIRED = {"title", "condition", "data", "noDataState", "execErrState", "orgID", "folderUID", "ruleGroup"}
QUERY = {"refId", "queryType", "relativeTimeRange", "datasourceUid", "model"}
STATES = {
    "noDataState": {"NoData", "Alerting", "OK", "KeepLast"},
    "execErrState": {"Alerting", "Error", "OK", "KeepLast"},
}


class FakeRules:
    """Groups of rules; a group is replaced whole."""

    def __init__(self, refuse: Any, boards: Any) -> None:
        self.refuse = refuse
        self.boards = boards
        self.groups: dict[tuple[str, str], dict[str, Any]] = {}

    def routes(self) -> list[Any]:
        group = r"/v1/provisioning/folder/([^/]+)/rule-groups/([^/]+)"
        return [
            ("GET", r"/v1/provisioning/alert-rules", self.rules),
            ("GET", group, self.group),
            ("PUT", group, self.put),
        ]

    def rules(self, _: Any) -> tuple[int, Any]:
        return 200, [rule for group in self.groups.values() for rule in group["rules"]]

    def group(self, _: Any, folder: str, name: str) -> tuple[int, Any]:
        if (folder, name) not in self.groups:
            raise self.refuse(404, "rule group not found", messageId="alerting.alert-rule-group.notFound")
        return 200, self.groups[folder, name]

    def put(self, call: Any, folder: str, name: str) -> tuple[int, Any]:
        call.fields("group", {"title", "folderUid", "interval", "rules"}, {"interval", "rules"})
        body = copy.deepcopy(call.body)
        if folder not in self.boards.folders:
            raise self.refuse(404, "folder not found")
        if body["interval"] % 10 or body["interval"] <= 0:
            raise self.refuse(400, f"invalid alert rule: interval ({body['interval']}s) should be divided by 10")
        before = {rule["uid"]: rule for rule in self.groups.get((folder, name), {"rules": []})["rules"]}
        for number, rule in enumerate(body["rules"]):
            self._check(call, rule)
            stored = before.get(rule["uid"], {}).get("provenance", "")
            if stored not in {"", call.provenance}:
                raise self.refuse(403, f"cannot change provenance from '{stored}' to '{call.provenance}'")
            body["rules"][number] = _as_kept(rule, folder, name, call.provenance)
        titles = [rule["title"] for rule in body["rules"]]
        if len(set(titles)) < len(titles):
            raise self.refuse(400, "rule title under the same organisation and folder should be unique")
        self.groups[folder, name] = {**body, "title": name, "folderUid": folder}
        return 200, call.body

    def _check(self, call: Any, rule: Any) -> None:
        call.fields("rule", RULE, REQUIRED, of=rule)
        if not UID.fullmatch(rule.get("uid", "")):
            raise self.refuse(400, "invalid alert rule: UID is longer than 40 symbols or has illegal characters")
        for name, states in STATES.items():
            if rule[name] not in states:
                raise self.refuse(400, f"unknown {name} {rule[name]!r}")
        for query in rule["data"]:
            call.fields("query", QUERY, {"refId", "datasourceUid", "model"}, of=query)
            span = query.get("relativeTimeRange") or {"from": 0, "to": 0}
            if query["datasourceUid"] != "__expr__" and span["from"] <= span["to"]:
                raise self.refuse(400, "invalid alert rule: invalid relative time range")
        if rule["condition"] not in {query["refId"] for query in rule["data"]}:
            raise self.refuse(400, f"invalid alert rule: condition {rule['condition']} does not exist")
        notes = rule.get("annotations") or {}
        if ("__dashboardUid__" in notes) != ("__panelId__" in notes):
            raise self.refuse(400, "both annotations __dashboardUid__ and __panelId__ must be specified")
        for name in ("for", "keep_firing_for"):
            if not DURATION.fullmatch(rule.get(name, "0s")):
                raise self.refuse(400, f"not a valid duration string: {rule[name]!r}")


def _as_kept(rule: dict[str, Any], folder: str, group: str, provenance: str) -> dict[str, Any]:
    """With what Grafana adds: to each query its limits, and durations in its own way of writing."""
    for query in rule["data"]:
        query["model"] = {"intervalMs": 1000, "maxDataPoints": 43200, **query["model"]}
        query.setdefault("queryType", "")
        query.setdefault("relativeTimeRange", {"from": 0, "to": 0})
    return {
        "notification_settings": None, "record": None, "isPaused": False, **rule, "id": 7, "orgID": 1,
        "folderUID": folder, "ruleGroup": group, "updated": "2026-11-23T09:00:00Z", "provenance": provenance,
        "for": _duration(rule.get("for", "0s")), "keep_firing_for": _duration(rule.get("keep_firing_for", "0s")),
    }  # fmt: skip


def _duration(text: str) -> str:
    found = DURATION.fullmatch(text)
    assert found
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    left = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    out = ""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        out += f"{count}{unit}" if count else ""
    return out or "0s"
