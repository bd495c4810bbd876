"""The folder of one Grafana that is published to, and how each kind of thing is reached there."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from grafana.publish.contact_points import ContactPoints
from grafana.publish.dashboards import Dashboards
from grafana.publish.errors import PublishError
from grafana.publish.mute_times import MuteTimes
from grafana.publish.policies import Policies
from grafana.publish.rule_groups import RuleGroups
from grafana.publish.server import Server
from grafana.publish.templates import Templates
from grafana.publish.things import Kind


class Target:
    """Where to publish."""

    def __init__(self, server: Server, folder_uid: str, folder_title: str, environment: Mapping[str, str]) -> None:
        """Look at the server and its folder; nothing is written.

        Args:
            server: a Grafana.
            folder_uid: of the folder that holds boards and rules.
            folder_title: what it is called if it must be made.
            environment: for the `$NAMES` in contact points.

        Raises:
            PublishError: the server is none, too old, or does not let this token in.
        """
        self.version = server.check()
        self.server = server
        self._uid = folder_uid
        found = server.find(f"/folders/{quote(folder_uid, safe='')}")
        self.is_there = found is not None
        self.title = found["title"] if found else folder_title
        self.kinds = {
            kind.name: kind
            for kind in _kinds(server, folder_uid, self.title, _path(found or {"title": folder_title}), environment)
        }

    def make(self) -> None:
        """Make the folder."""
        made = self.server.post("/folders", {"uid": self._uid, "title": self.title})
        if made.get("uid") != self._uid:
            raise PublishError(f"the folder was made with uid {made.get('uid')!r} in place of {self._uid!r}: remove it")


def _path(folder: Mapping[str, Any]) -> str:
    """What Grafana calls a folder on its alerts: the titles from the top down, a slash in one of them escaped."""
    titles = [one["title"] for one in (*(folder.get("parents") or ()), folder)]
    return "/".join(title.replace("/", r"\/") for title in titles)


def _kinds(
    server: Server, folder_uid: str, folder_title: str, folder_path: str, environment: Mapping[str, str]
) -> tuple[Kind, ...]:
    return (
        Dashboards(server, folder_uid),
        MuteTimes(server),
        Templates(server),
        ContactPoints(server, environment),
        Policies(server, folder_path, environment),
        RuleGroups(server, folder_uid, folder_title),
    )
