"""What is committed: dashboards and alerting in a folder laid out as `grafana/` is."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from grafana.publish.contact_points import ContactPoints, contact_point_bodies
from grafana.publish.dashboards import Dashboards
from grafana.publish.environment import unset
from grafana.publish.errors import PublishError
from grafana.publish.mute_times import MuteTimes
from grafana.publish.policies import KEY, Policies, policy_body
from grafana.publish.rule_groups import RuleGroups, group_body
from grafana.publish.templates import Templates
from grafana.publish.things import BOARD_PREFIX, PREFIX, Item, Json

DASHBOARDS: Final = "dashboards"
ALERTING: Final = "provisioning/alerting"
PROVIDERS: Final = "provisioning/dashboards"
SECTIONS: Final[Mapping[str, str]] = {
    MuteTimes.name: "muteTimes", Templates.name: "templates", ContactPoints.name: "contactPoints",
    Policies.name: "policies", RuleGroups.name: "groups",
}  # fmt: skip
"""Kinds of alerting by the names of their lists in a file, in the order in which one may need another."""
_AGAIN: Final = "generate it again with make grafana"


@dataclass(frozen=True, slots=True)
class Committed:
    """What a folder holds.

    Attributes:
        items: all that can be published, in the order in which it must be.
        faults: a line for each thing that cannot.
        folder_title: of the Grafana folder that boards and rules share, as `provisioning/dashboards` names it.
    """

    items: list[Item]
    faults: list[str]
    folder_title: str


def read(folder: Path, zone: str, environment: Mapping[str, str]) -> Committed:
    """Read a folder; what is broken in it does not hide the rest.

    Args:
        folder: has `dashboards/` and `provisioning/alerting/`; one of them may be missing.
        zone: the boards' fixed time zone.
        environment: for the `$NAMES` in alerting files.
    """
    items: list[Item] = []
    faults: list[str] = []
    for file in sorted((folder / DASHBOARDS).glob("*.json")):
        with _noted(faults):
            items.append(_board(file, zone))
    entries: list[_Entry] = []
    for file in sorted((folder / ALERTING).glob("*.y*ml")):
        with _noted(faults):
            entries += _entries(file)
    for kind, section in SECTIONS.items():
        for entry in entries:
            if entry.section == section:
                with _noted(faults):
                    items += _items(kind, entry, environment)
    title = PREFIX.upper()
    for file in sorted((folder / PROVIDERS).glob("*.y*ml")):
        with _noted(faults):
            title = _title(file) or title
    return Committed(_unique(items, faults), faults, title)


class _Entry(NamedTuple):
    """One element of a list in a provisioning file; `where` names it in errors."""

    section: str
    where: str
    file: Path
    source: Json


@contextmanager
def _noted(faults: list[str]) -> Iterator[None]:
    """A fault is a line, and the rest goes on."""
    try:
        yield
    except PublishError as error:
        faults.append(str(error))


def _board(file: Path, zone: str) -> Item:
    try:
        source = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise PublishError(f"{file} is not readable JSON ({error}): {_AGAIN}") from error
    uid = f"{BOARD_PREFIX}{file.stem}"
    if not isinstance(source, dict) or source.get("uid") != uid or not source.get("title"):
        has = source.get("uid") if isinstance(source, dict) else None
        raise PublishError(f"{file} must be a dashboard with a title and the uid {uid}, not {has!r}")
    return Item(Dashboards.name, source["uid"], {**source, "timezone": zone}, source, file)


def _entries(file: Path) -> list[_Entry]:
    document = _document(file)
    unknown = document.keys() - {"apiVersion", *SECTIONS.values()}
    if unknown:
        raise PublishError(f"{file} has {', '.join(sorted(map(str, unknown)))}, which is not published: take it out")
    return [
        _Entry(section, f"{file.name}: {section}[{place}]", file, entry)
        for section in SECTIONS.values()
        for place, entry in enumerate(document.get(section) or [])
    ]


def _title(file: Path) -> str | None:
    """What a provider of dashboards calls its folder."""
    providers = _document(file).get("providers") or [{}]
    title = providers[0].get("folder")
    return title if isinstance(title, str) else None


def _document(file: Path) -> Json:
    try:
        document = yaml.safe_load(file.read_text("utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise PublishError(f"{file} is not readable YAML ({error}): {_AGAIN}") from error
    if not isinstance(document, dict):
        raise PublishError(f"{file} is not a provisioning file: it must be a mapping with apiVersion")
    return document


def _items(kind: str, entry: _Entry, environment: Mapping[str, str]) -> list[Item]:
    """The things that one entry of a provisioning file stands for."""
    _, where, file, source = entry
    try:
        if kind == RuleGroups.name:
            return [Item(kind, source["name"], group_body(source, environment, where), source, file)]
        if kind == Policies.name:
            return [Item(kind, KEY, policy_body(source, environment, where), source, file)]
        if kind == ContactPoints.name:
            return [
                Item(kind, body["uid"], body, own, file, unset(body, environment, f"{kind} {body['uid']}"))
                for body, own in contact_point_bodies(source, where)
            ]
        field = "template" if kind == Templates.name else "time_intervals"
        return [Item(kind, source["name"], {"name": source["name"], field: source[field]}, source, file)]
    except (KeyError, TypeError, AttributeError) as error:
        raise PublishError(f"{where} is not complete ({error!r}): {_AGAIN}") from error


def _unique(items: list[Item], faults: list[str]) -> list[Item]:
    """Without second ones of a key: which of them would be on the server in the end, nobody could say."""
    first: dict[tuple[str, str], Item] = {}
    for item in items:
        other = first.setdefault((item.kind, item.key), item)
        if other is not item:
            faults.append(f"{item} stands in {other.file} and in {item.file}: take one out")
    return list(first.values())
