"""What is published: things of several kinds, each known by a key, in the files and on the server."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from grafana.publish.difference import Difference

PREFIX: Final = "ikm"
"""What uids and names of ours begin with: what else a server has is somebody else's, and is left alone."""

_OURS: Final = re.compile(rf"{PREFIX}([^a-z0-9]|$)", re.IGNORECASE)
BOARD_PREFIX: Final = f"{PREFIX}-"
"""A dashboard in `unit.json` has the uid `ikm-unit`."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """A thing as the files have it.

    Attributes:
        kind: its kind's name.
        key: what it is known by on the server: a uid or a name.
        body: as Grafana's HTTP API takes it; of a contact point with its $NAMES unexpanded.
        source: as the file has it.
        file: where it stands.
        unfit: why it cannot be written by this command; '' when it can.
    """

    kind: str
    key: str
    body: Json
    source: Json
    file: Path
    unfit: str = ""

    def __str__(self) -> str:
        """`dashboard ikm-pimpinan`."""
        return f"{self.kind} {self.key}"


@dataclass(frozen=True, slots=True)
class Found:
    """A thing as the server has it.

    Attributes:
        body: as the HTTP API gives it.
        version: what a write must name, so that Grafana refuses it when somebody wrote in between; None where it
            has no such thing.
        hides: it has secrets, which the API does not give.
        unreadable: why its content cannot be had; '' when it can.
        provenance: of alerting: '' made in Grafana's pages, api, file; None of what has none.
    """

    body: Json
    version: int | str | None = None
    hides: bool = False
    unreadable: str = ""
    provenance: str | None = None


class Kind(Protocol):
    """How things of one kind are read, compared and written. Every method may raise PublishError."""

    name: str

    def keys(self) -> Iterable[str]:
        """The keys of those on the server that are ours."""

    def find(self, key: str) -> Found | None:
        """The one of a key."""

    def differences(self, item: Item, found: Found) -> list[Difference]:
        """Field by field, without what Grafana adds by itself."""

    def locked(self, found: Found) -> str:
        """Why nobody may write it, in words; '' when it may be written."""

    def touched(self, key: str, found: Found) -> str:
        """Who changed it on the server since it was last published, in words; '' when nobody did."""

    def write(self, item: Item, found: Found | None, *, overwrite: bool) -> None:
        """Create or replace it; ConflictError when somebody changes it at the same time."""

    def source(self, key: str, found: Found, item: Item | None) -> Json:
        """What the server has, as the file has it; `item` is what the file has now."""


def locked_by_provenance(found: Found) -> str:
    """Alerting that the server reads from files of its own is refused to everybody else."""
    if found.provenance in {"", "api"}:
        return ""
    return (
        f"this Grafana keeps it by itself (provenance {found.provenance}) and lets nobody else write it: change the "
        "files that it reads, or remove it there first"
    )


def touched_by_provenance(found: Found) -> str:
    """Alerting that this program wrote carries the provenance `api`, and Grafana's own pages cannot change it."""
    return "" if found.provenance else "it was made or changed by hand in Grafana (its provenance is empty)"


def ours(names: Iterable[object]) -> list[str]:
    """Those names that are ours, once each, in their order: `IKM operasi` is, `ikmal-1` is not."""
    return [name for name in dict.fromkeys(map(str, names)) if _OURS.match(name)]
