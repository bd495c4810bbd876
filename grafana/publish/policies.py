"""The notification policies: ours are one branch of the organisation's tree, for the alerts of our folder.

A Grafana has one tree, and putting it replaces that of everybody. So the root of our files becomes a route under the
root that is there, before all others, for alerts with `grafana_folder` = our folder; all else stays as it is.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from grafana.publish.canonical import with_seconds, without_empty
from grafana.publish.difference import Difference, differences
from grafana.publish.environment import expand, unexpand
from grafana.publish.errors import PublishError
from grafana.publish.server import Server
from grafana.publish.things import Found, Item, Json

KEY: Final = "tree"
_PATH: Final = "/v1/provisioning/policies"
_DURATIONS: Final = ("group_wait", "group_interval", "repeat_interval")
_OURS: Final = "grafana_folder"
"""The label that Grafana puts on every alert: the path of its rule's folder, in titles."""


class Policies:
    """Our branch of the tree."""

    name = "notification policies"

    def __init__(self, server: Server, folder_path: str, environment: Mapping[str, str]) -> None:
        """Of a server, for the alerts of the folder with this path; `$NAMES` are looked up in the environment."""
        self._server = server
        self._environment = environment
        self._matchers = [[_OURS, "=", folder_path]]

    def keys(self) -> Iterable[str]:
        """The branch, if it is there."""
        return [KEY] if self.find(KEY) else []

    def find(self, key: str) -> Found | None:  # noqa: ARG002  there is one
        """The branch, without what makes it ours."""
        tree = self._tree()
        branch = next((route for route in tree.get("routes") or [] if self._is_ours(route)), None)
        if branch is None:
            return None
        return Found({name: value for name, value in branch.items() if name != "object_matchers"})

    def differences(self, item: Item, found: Found) -> list[Difference]:
        """Route by route."""
        return list(differences(_normal(item.body), _normal(found.body)))

    def locked(self, found: Found) -> str:  # noqa: ARG002  every kind's signature
        """A tree that may not be written is refused as soon as it is read."""
        return ""

    def touched(self, key: str, found: Found) -> str:  # noqa: ARG002  every kind's signature
        """A route says neither who changed it nor when, and the tree stays open to people."""
        return "it is not as committed, and Grafana does not say who changed it, or whether the files did"

    def write(self, item: Item, found: Found | None, *, overwrite: bool) -> None:  # noqa: ARG002  no versions here
        """Put the tree with our branch in it; who may change the tree by hand may do so afterwards."""
        tree = self._tree()
        branch = {**item.body, "object_matchers": self._matchers}
        routes = list(tree.get("routes") or [])
        place = next((place for place, route in enumerate(routes) if self._is_ours(route)), None)
        if place is None:
            routes.insert(0, branch)
        else:
            routes[place] = branch
        is_open = not tree.pop("provenance", "")
        self._server.put(_PATH, {**tree, "routes": routes}, editable=is_open)

    def source(self, key: str, found: Found, item: Item | None) -> Json:
        """As the root of a tree of our own."""
        return {"orgId": 1, **unexpand(found.body, item.source if item else None, self._environment, key)}

    def _tree(self) -> Json:
        tree: Json = self._server.get(_PATH)
        if tree.get("provenance") not in {None, "", "api"}:
            raise PublishError(
                f"this Grafana keeps its notification policies by itself (provenance {tree['provenance']}): add a "
                f"route for {_OURS} = {self._matchers[0][2]} to the files that it reads"
            )
        return tree

    def _is_ours(self, route: Json) -> bool:
        return route.get("object_matchers") == self._matchers


def policy_body(source: Json, environment: Mapping[str, str], where: str) -> Json:
    """The root of a tree in a file, as a route.

    Raises:
        PublishError: it has matchers, which a root cannot have.
    """
    if source.keys() & {"matchers", "object_matchers", "continue"}:
        raise PublishError(f"{where} has matchers or continue, which the root of the policies cannot have")
    return {name: value for name, value in expand(source, environment, where).items() if name != "orgId"}


def _normal(route: Json) -> Json:
    out: dict[str, Any] = with_seconds(without_empty(route, ("provenance",)), _DURATIONS, "policy")
    return {**out, "routes": [_normal(inner) for inner in out["routes"]]} if "routes" in out else out
