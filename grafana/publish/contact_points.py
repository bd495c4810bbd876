"""Contact points: each integration of one by its uid. Its secrets come from the environment and are never read back."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from grafana.publish.difference import Difference, differences
from grafana.publish.environment import escape, expand, unexpand
from grafana.publish.errors import PublishError
from grafana.publish.server import Server
from grafana.publish.things import Found, Item, Json, locked_by_provenance, ours, touched_by_provenance

REDACTED: Final = "[REDACTED]"
"""What the HTTP API gives in a secret's place."""
_FIELDS: Final = ("name", "type", "disableResolveMessage", "settings")


class ContactPoints:
    """The contact points of an organisation."""

    name = "contact point"

    def __init__(self, server: Server, environment: Mapping[str, str]) -> None:
        """Of a server; `$NAMES` are looked up in the environment."""
        self._server = server
        self._environment = environment

    def keys(self) -> Iterable[str]:
        """Uids of ours."""
        return ours(entry["uid"] for entry in self._all())

    def find(self, key: str) -> Found | None:
        """One integration."""
        entry = next((entry for entry in self._all() if entry["uid"] == key), None)
        if entry is None:
            return None
        return Found(entry, hides=_hides(entry["settings"]), provenance=entry.get("provenance") or "")

    def differences(self, item: Item, found: Found) -> list[Difference]:
        """Field by field, but for secrets: what the server has of those nobody can know."""
        committed = {name: self._known(item.body[name], found.body.get(name), f"{item}.{name}") for name in _FIELDS}
        return list(differences(committed, {name: found.body.get(name) for name in _FIELDS}))

    def locked(self, found: Found) -> str:
        """By provenance."""
        return locked_by_provenance(found)

    def touched(self, key: str, found: Found) -> str:  # noqa: ARG002  every kind's signature
        """By provenance."""
        return touched_by_provenance(found)

    def write(self, item: Item, found: Found | None, *, overwrite: bool) -> None:  # noqa: ARG002  no versions here
        """Send it with its secrets."""
        body = expand(item.body, self._environment, str(item))
        if found is None:
            self._server.post("/v1/provisioning/contact-points", body)
        else:
            self._server.put(f"/v1/provisioning/contact-points/{quote(item.key, safe='')}", body)

    def source(self, key: str, found: Found, item: Item | None) -> Json:
        """As file provisioning has it: `name` with what is an element of `receivers` there.

        A secret is the name of an environment variable, never the word that stands for it in the HTTP API.
        """
        kept = item.body["settings"] if item else {}
        settings = self._named(found.body["settings"], kept, f"{key}_settings")
        return {
            "uid": key,
            "name": escape(found.body["name"]),
            "type": found.body["type"],
            "disableResolveMessage": bool(found.body.get("disableResolveMessage")),
            "settings": settings,
        }

    def _all(self) -> list[Json]:
        answer: list[Json] = self._server.get("/v1/provisioning/contact-points")
        return answer

    def _known(self, committed: Any, server: Any, where: str) -> Any:
        """The committed value, expanded, with the server's word for what it hides."""
        if server == REDACTED:
            return REDACTED
        if isinstance(committed, dict):
            inner = server if isinstance(server, dict) else {}
            return {name: self._known(value, inner.get(name), f"{where}.{name}") for name, value in committed.items()}
        return expand(committed, self._environment, where)

    def _named(self, server: Any, kept: Any, where: str) -> Any:
        """The settings of a file; where the server hides a value, the name that stood there or a new one."""
        if isinstance(server, dict):
            inner = kept if isinstance(kept, dict) else {}
            return {name: self._named(value, inner.get(name), f"{where}_{name}") for name, value in server.items()}
        if server == REDACTED:
            return kept if isinstance(kept, str) else f"${{{re.sub(r'[^A-Z0-9]', '_', where.upper())}}}"
        return unexpand(server, kept, self._environment, where)


def contact_point_bodies(source: Json, where: str) -> list[tuple[Json, Json]]:
    """Each integration of one entry of `contactPoints`, as the HTTP API takes it, and as the file has it.

    Raises:
        PublishError: a field that would be lost on the way.
    """
    out = []
    for place, receiver in enumerate(source["receivers"]):
        unknown = receiver.keys() - {"uid", "type", "settings", "disableResolveMessage"}
        if unknown or not {"uid", "type", "settings"} <= receiver.keys():
            raise PublishError(f"{where}.receivers[{place}] needs uid, type, settings and has {sorted(receiver)}")
        body = {"disableResolveMessage": False, **receiver, "name": source["name"]}
        out.append((body, {"name": source["name"], **receiver}))
    return out


def _hides(value: Any) -> bool:
    return value == REDACTED or (isinstance(value, dict) and any(map(_hides, value.values())))
