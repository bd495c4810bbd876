"""Message templates, by name."""

from collections.abc import Iterable
from urllib.parse import quote

from grafana.publish.difference import Difference, differences
from grafana.publish.server import Server
from grafana.publish.things import Found, Item, Json, locked_by_provenance, ours, touched_by_provenance


class Templates:
    """The message templates of an organisation."""

    name = "template"

    def __init__(self, server: Server) -> None:
        """Of a server."""
        self._server = server

    def keys(self) -> Iterable[str]:
        """Names of ours."""
        return ours(entry["name"] for entry in self._all())

    def find(self, key: str) -> Found | None:
        """One template."""
        entry = next((entry for entry in self._all() if entry["name"] == key), None)
        if entry is None:
            return None
        return Found(entry, version=entry.get("version"), provenance=entry.get("provenance") or "")

    def differences(self, item: Item, found: Found) -> list[Difference]:
        """Of the text; Grafana trims it."""
        return list(differences(item.body["template"].strip(), found.body["template"].strip(), "template"))

    def locked(self, found: Found) -> str:
        """By provenance."""
        return locked_by_provenance(found)

    def touched(self, key: str, found: Found) -> str:  # noqa: ARG002  every kind's signature
        """By provenance."""
        return touched_by_provenance(found)

    def write(self, item: Item, found: Found | None, *, overwrite: bool) -> None:
        """Put it, with the version that was looked at."""
        version = found.version if found and not overwrite else None
        body = {"template": item.body["template"], **({"version": version} if version else {})}
        self._server.put(f"/v1/provisioning/templates/{quote(item.key, safe='')}", body)

    def source(self, key: str, found: Found, item: Item | None) -> Json:  # noqa: ARG002  every kind's signature
        """As file provisioning has it."""
        return {"orgId": 1, "name": key, "template": found.body["template"]}

    def _all(self) -> list[Json]:
        # Grafana said 404 where there was none, for long.
        return self._server.find("/v1/provisioning/templates") or []
