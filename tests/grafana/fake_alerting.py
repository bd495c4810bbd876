"""Contact points, message templates, mute times and notification policies of the fake Grafana."""

import copy
import hashlib
import json
from typing import Any

REDACTED = "[REDACTED]"
SECRETS = {"webhook": {"password", "authorization_credentials"}, "telegram": {"bottoken"}, "slack": {"url", "token"}}
NEEDED = {"email": "addresses", "webhook": "url", "telegram": "chatid"}
ROUTE = {
    "receiver", "group_by", "matchers", "object_matchers", "mute_time_intervals", "active_time_intervals", "continue",
    "routes", "group_wait", "group_interval", "repeat_interval", "provenance", "match", "match_re",
}  # fmt: skip


class FakeAlerting:
    """What an organisation has from the start: one contact point and a tree with nothing but a root."""

    def __init__(self, refuse: Any) -> None:
        self.refuse = refuse
        self.points: dict[str, dict[str, Any]] = {}
        self.secrets: dict[str, dict[str, str]] = {}
        self.templates: dict[str, dict[str, Any]] = {}
        self.mute_times: dict[str, dict[str, Any]] = {}
        self.tree: dict[str, Any] = {"receiver": "grafana-default-email", "group_by": ["grafana_folder", "alertname"]}
        self._keep({
            "uid": "email-1", "name": "grafana-default-email", "type": "email", "provenance": "",
            "settings": {"addresses": "<example@email.com>"}, "disableResolveMessage": False,
        })  # fmt: skip

    def routes(self) -> list[Any]:
        base = "/v1/provisioning"
        return [
            ("GET", f"{base}/contact-points", lambda _: (200, [*self.points.values()])),
            ("POST", f"{base}/contact-points", self.post_point),
            ("PUT", f"{base}/contact-points/([^/]+)", self.put_point),
            ("GET", f"{base}/templates", lambda _: (200, [*self.templates.values()])),
            ("PUT", f"{base}/templates/([^/]+)", self.put_template),
            ("GET", f"{base}/mute-timings", lambda _: (200, [*self.mute_times.values()])),
            ("POST", f"{base}/mute-timings", self.post_mute_time),
            ("PUT", f"{base}/mute-timings/([^/]+)", self.put_mute_time),
            ("GET", f"{base}/policies", lambda _: (200, self.tree)),
            ("PUT", f"{base}/policies", self.put_policies),
        ]

    def post_point(self, call: Any) -> tuple[int, Any]:
        self._check_point(call)
        if call.body.get("uid") in self.points:
            raise self.refuse(400, "receiver configuration with the same UID already exists")
        kept = self._keep({**call.body, "provenance": call.provenance})
        return 202, kept

    def put_point(self, call: Any, uid: str) -> tuple[int, Any]:
        self._check_point(call)
        if uid not in self.points:
            raise self.refuse(404, "contact point not found")
        self._allow(self.points[uid]["provenance"], call.provenance)
        self._keep({**call.body, "uid": uid, "provenance": call.provenance})
        return 202, {"message": "contactpoint updated"}

    def put_template(self, call: Any, name: str) -> tuple[int, Any]:
        call.fields("template", {"template", "version"}, {"template"})
        text = call.body["template"].strip()
        if text.count("{{") != text.count("}}") or "{{ define" not in text:
            raise self.refuse(400, "Invalid template", messageId="alerting.notifications.templates.invalid")
        old = self.templates.get(name)
        if old:
            self._allow(old["provenance"], call.provenance)
        self._concurrency(old, call.body.get("version"))
        entry = {"uid": f"uid-{name}", "name": name, "template": text, "provenance": call.provenance}
        self.templates[name] = entry | {"version": _fingerprint(text)}
        return 202, self.templates[name]

    def post_mute_time(self, call: Any) -> tuple[int, Any]:
        call.fields("mute time", {"name", "time_intervals"}, {"name", "time_intervals"})
        if call.body["name"] in self.mute_times:
            raise self.refuse(400, "Time interval with this name already exists")
        return 201, self._keep_mute_time(call)

    def put_mute_time(self, call: Any, name_or_uid: str) -> tuple[int, Any]:
        call.fields("mute time", {"name", "time_intervals", "version"}, {"time_intervals"})
        old = next((entry for entry in self.mute_times.values() if name_or_uid in {entry["name"], entry["uid"]}), None)
        if old is None:
            raise self.refuse(404, "Time interval not found")
        self._allow(old["provenance"], call.provenance)
        self._concurrency(old, call.body.get("version"))
        return 202, self._keep_mute_time(call)

    def put_policies(self, call: Any) -> tuple[int, Any]:
        body = copy.deepcopy(call.body)
        if body.keys() & {"matchers", "object_matchers", "match", "match_re"} or not body.get("receiver"):
            raise self.refuse(400, "invalid object specification: root route must specify a receiver and no matchers")
        self._check_route(call, body)
        self._allow(self.tree.get("provenance", ""), call.provenance)
        self.tree = {**body, **({"provenance": call.provenance} if call.provenance else {})}
        return 202, {"message": "policies updated"}

    def _check_point(self, call: Any) -> None:
        allowed = {"uid", "name", "type", "settings", "disableResolveMessage", "provenance"}
        call.fields("contact point", allowed, {"name", "type", "settings"})
        kind, settings = call.body["type"], call.body["settings"]
        if not settings.get(NEEDED.get(kind, ""), "ok"):
            raise self.refuse(400, f"invalid object specification: could not find {NEEDED[kind]} in settings")

    def _keep(self, point: dict[str, Any]) -> dict[str, Any]:
        hidden = SECRETS.get(point["type"], set()) & point["settings"].keys()
        before = self.secrets.get(point["uid"], {})
        given = {name: point["settings"][name] for name in hidden}
        # Grafana keeps a secret that comes back as the word that stands for it.
        self.secrets[point["uid"]] = {name: before[name] if v == REDACTED else v for name, v in given.items()}
        settings = point["settings"] | dict.fromkeys(hidden, REDACTED)
        self.points[point["uid"]] = point | {"settings": settings}
        return self.points[point["uid"]]

    def _keep_mute_time(self, call: Any) -> dict[str, Any]:
        name, spans = call.body["name"], call.body["time_intervals"]
        entry = {"uid": _fingerprint(name), "name": name, "time_intervals": spans, "provenance": call.provenance}
        self.mute_times[name] = entry | {"version": _fingerprint(json.dumps(spans, sort_keys=True))}
        return self.mute_times[name]

    def _check_route(self, call: Any, route: Any) -> None:
        call.fields("route", ROUTE, of=route)
        names = {point["name"] for point in self.points.values()}
        if route.get("receiver") and route["receiver"] not in names:
            raise self.refuse(400, f"invalid object specification: receiver '{route['receiver']}' does not exist")
        for name in route.get("mute_time_intervals") or []:
            if name not in self.mute_times:
                raise self.refuse(400, f"invalid object specification: mute time interval '{name}' does not exist")
        for inner in route.get("routes") or []:
            self._check_route(call, inner)

    def _allow(self, stored: str, given: str) -> None:
        if stored not in {"", given}:
            raise self.refuse(403, f"cannot change provenance from '{stored}' to '{given}'")

    def _concurrency(self, old: dict[str, Any] | None, version: str | None) -> None:
        if version and (not old or old["version"] != version):
            raise self.refuse(409, "Provided version does not match", messageId="alerting.notifications.conflict")


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
