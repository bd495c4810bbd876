"""Alert rules, a group at a time: a group is written whole, so a rule that left the files leaves the server."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from grafana.publish.canonical import seconds, with_seconds, without_empty
from grafana.publish.difference import Difference, differences
from grafana.publish.environment import escape, expand
from grafana.publish.errors import PublishError
from grafana.publish.merging import merged
from grafana.publish.server import Server
from grafana.publish.things import Found, Item, Json, locked_by_provenance, touched_by_provenance

_RENAMED: Final = {
    "keepFiringFor": "keep_firing_for", "missing_series_evals_to_resolve": "missingSeriesEvalsToResolve"
}  # fmt: skip
_LINKED: Final = {"dashboardUid": "__dashboardUid__", "panelId": "__panelId__"}
"""Fields of a file that the HTTP API keeps among the annotations."""
_PLAIN: Final = {
    "uid", "title", "condition", "data", "noDataState", "execErrState", "for", "annotations", "labels", "isPaused",
    "notification_settings", "record"
}  # fmt: skip
_DEFAULTS: Final = {"noDataState": "NoData", "execErrState": "Alerting"}
"""What Grafana takes where a file says nothing; the HTTP API wants it said."""
_OF_GRAFANA: Final = ("id", "orgID", "folderUID", "ruleGroup", "updated", "provenance")
_MODEL_DEFAULTS: Final = {"intervalMs": 1000, "maxDataPoints": 43200}
"""What Grafana writes into a query when it saves it."""
_DURATIONS: Final = ("for", "keep_firing_for")


class RuleGroups:
    """The groups of alert rules in one folder."""

    name = "rule group"

    def __init__(self, server: Server, folder_uid: str, folder_title: str) -> None:
        """Of a folder of a server."""
        self._server = server
        self._folder_title = folder_title
        self._folder_uid = folder_uid

    def keys(self) -> Iterable[str]:
        """Every group in the folder: the folder is ours."""
        rules = self._server.get("/v1/provisioning/alert-rules")
        return dict.fromkeys(rule["ruleGroup"] for rule in rules if rule["folderUID"] == self._folder_uid)

    def find(self, key: str) -> Found | None:
        """A group; its provenance is empty as soon as one of its rules has none."""
        body = self._server.find(self._path(key))
        if body is None or not body.get("rules"):
            return None
        said = {rule.get("provenance") or "" for rule in body["rules"]}
        foreign = sorted(said - {"api", ""})
        return Found(body, provenance=foreign[0] if foreign else "" if "" in said else "api")

    def differences(self, item: Item, found: Found) -> list[Difference]:
        """Field by field; rules by their uids."""
        return list(differences(_normal(item.body), _normal(found.body)))

    def locked(self, found: Found) -> str:
        """By provenance."""
        return locked_by_provenance(found)

    def touched(self, key: str, found: Found) -> str:  # noqa: ARG002  every kind's signature
        """By provenance."""
        return touched_by_provenance(found)

    def write(self, item: Item, found: Found | None, *, overwrite: bool) -> None:  # noqa: ARG002  no versions here
        """Put the whole group."""
        rules = [
            {**rule, "orgID": 1, "folderUID": self._folder_uid, "ruleGroup": item.key} for rule in item.body["rules"]
        ]
        body = {"title": item.key, "folderUid": self._folder_uid, "interval": item.body["interval"], "rules": rules}
        self._server.put(self._path(item.key), body)

    def source(self, key: str, found: Found, item: Item | None) -> Json:
        """As file provisioning has it."""
        server = _source(found.body)
        if item:
            return {**item.source, **merged({name: item.source[name] for name in server}, _source(item.body), server)}
        return {"orgId": 1, "name": key, "folder": self._folder_title, **server}

    def _path(self, key: str) -> str:
        folder, group = (quote(part, safe="") for part in (self._folder_uid, key))
        return f"/v1/provisioning/folder/{folder}/rule-groups/{group}"


def group_body(source: Json, environment: Mapping[str, str], where: str) -> Json:
    """A group as the HTTP API takes it, from what a provisioning file says.

    Raises:
        PublishError: a field that would be lost on the way, or one that is missing or wrong.
    """
    unknown = source.keys() - {"orgId", "name", "folder", "interval", "rules"}
    if unknown:
        raise PublishError(f"{where} has {', '.join(sorted(unknown))}, which no rule group has")
    rules = [_rule_body(rule, environment, f"{where}.rules[{place}]") for place, rule in enumerate(source["rules"])]
    return {"interval": int(seconds(source["interval"], f"{where}.interval")), "rules": rules}


def _rule_body(source: Json, environment: Mapping[str, str], where: str) -> Json:
    unknown = source.keys() - _PLAIN - _RENAMED.keys() - _LINKED.keys()
    missing = {"uid", "title", "condition", "data"} - source.keys()
    if unknown or missing:
        wrong = f"has {', '.join(sorted(unknown))}, which is not published" if unknown else f"lacks {sorted(missing)}"
        raise PublishError(f"{where} {wrong}")
    # Grafana expands no query: its macros ($__timeFilter) begin with a dollar as well.
    texts = {name: value for name, value in source.items() if name != "data"}
    rule = {_RENAMED.get(name, name): value for name, value in expand(texts, environment, where).items()}
    links = {_LINKED[name]: str(rule.pop(name)) for name in _LINKED if name in rule}
    annotations = {**(rule.get("annotations") or {}), **links}
    if not annotations.keys() >= set(_LINKED.values()):
        # A file may name a board without a panel; the HTTP API refuses one without the other.
        annotations = {name: text for name, text in annotations.items() if name not in _LINKED.values()}
    return {**_DEFAULTS, "for": "0s", **rule, "annotations": annotations, "data": source["data"]}


def _source(body: Json) -> Json:
    return {"interval": f"{body['interval']}s", "rules": [_rule_source(rule) for rule in body["rules"]]}


def _rule_source(rule: Json) -> Json:
    back = {new: old for old, new in _RENAMED.items()}
    annotations = dict(rule.get("annotations") or {})
    links = {name: annotations.pop(key) for name, key in _LINKED.items() if key in annotations}
    if "panelId" in links:
        links["panelId"] = int(links["panelId"])
    plain = with_seconds(
        without_empty({**rule, "annotations": annotations}, (*_OF_GRAFANA, "data")), _DURATIONS, "rule"
    )
    plain |= {name: f"{plain[name]:g}s" for name in _DURATIONS if name in plain}
    texts = {back.get(name, name): value for name, value in escape(plain).items()}
    return {**texts, **links, "data": [_normal_query(query) for query in rule["data"]]}


def _normal(group: Json) -> Json:
    return {"interval": group["interval"], "rules": [_normal_rule(rule) for rule in group["rules"]]}


def _normal_rule(rule: Json) -> Json:
    timed = with_seconds(without_empty(rule, _OF_GRAFANA), _DURATIONS, f"rule {rule.get('uid')}")
    return {**timed, "data": [_normal_query(query) for query in rule["data"]]}


def _normal_query(query: Json) -> Json:
    model: dict[str, Any] = {
        name: value for name, value in query["model"].items() if _MODEL_DEFAULTS.get(name) != value
    }
    span = query.get("relativeTimeRange") or {}
    out = without_empty({**query, "relativeTimeRange": span if any(span.values()) else None})
    return {**out, "model": model}
