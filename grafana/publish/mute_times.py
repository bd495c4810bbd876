"""Mute times, by name."""

from collections.abc import Iterable
from urllib.parse import quote

from grafana.publish.difference import Difference, differences
from grafana.publish.server import Server
from grafana.publish.things import Found, Item, Json, locked_by_provenance, ours, touched_by_provenance


class MuteTimes:
    """The mute times of an organisation."""

    name = "mute time"

    def __init__(self, server: Server) -> None:
        """Of a server."""
        self._server = server

    def keys(self) -> Iterable[str]:
        """Names of ours."""
        return ours(entry["name"] for entry in self._all())

    def find(self, key: str) -> Found | None:
        """One mute time."""
        entry = next((entry for entry in self._all() if entry["name"] == key), None)
        if entry is None:
            return None
        return Found(entry, version=entry.get("version"), provenance=entry.get("provenance") or "")

    def differences(self, item: Item, found: Found) -> list[Difference]:
        """Of its intervals."""
        return list(differences(item.body["time_intervals"], found.body["time_intervals"], "time_intervals"))

    def locked(self, found: Found) -> str:
        """By provenance."""
        return locked_by_provenance(found)

    def touched(self, key: str, found: Found) -> str:  # noqa: ARG002  every kind's signature
        """By provenance."""
        return touched_by_provenance(found)

    def write(self, item: Item, found: Found | None, *, overwrite: bool) -> None:
        """Post or put it, with the version that was looked at."""
        if found is None:
            self._server.post("/v1/provisioning/mute-timings", item.body)
            return
        version = {} if overwrite or not found.version else {"version": found.version}
        # A name may hold a slash, which some proxies undo; Grafana takes the uid in its place.
        place = quote(found.body.get("uid") or item.key, safe="")
        self._server.put(f"/v1/provisioning/mute-timings/{place}", {**item.body, **version})

    def source(self, key: str, found: Found, item: Item | None) -> Json:  # noqa: ARG002  every kind's signature
        """As file provisioning has it."""
        return {"orgId": 1, "name": key, "time_intervals": found.body["time_intervals"]}

    def _all(self) -> list[Json]:
        return self._server.find("/v1/provisioning/mute-timings") or []
