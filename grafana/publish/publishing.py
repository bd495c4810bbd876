"""`publish`: what is on the server becomes what is committed, thing by thing."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from grafana.publish.contact_points import ContactPoints
from grafana.publish.errors import ConflictError, PublishError
from grafana.publish.files import Committed
from grafana.publish.mute_times import MuteTimes
from grafana.publish.policies import Policies
from grafana.publish.rule_groups import RuleGroups
from grafana.publish.target import Target
from grafana.publish.things import Item, Kind

CURE = (
    "look with `ikm grafana diff`; bring it home with `ikm grafana export`, or put what is committed in its place with "
    "--overwrite"
)
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    Policies.name: (ContactPoints.name, MuteTimes.name),
    RuleGroups.name: (Policies.name,),
}
"""Kinds without which things of a kind are not written."""


class Done(StrEnum):
    """What became of a thing."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    FAILED = "failed"


class Outcome(NamedTuple):
    """What became of one thing, and why."""

    what: str
    done: Done
    why: str = ""

    def __str__(self) -> str:
        """`dashboard ikm-unit: conflict: version 4 was saved by …`."""
        return f"{self.what}: {self.done}{': ' if self.why else ''}{self.why}"


def publish(committed: Committed, target: Target, *, overwrite: bool, dry_run: bool) -> Iterator[Outcome]:
    """Publish everything; what fails keeps nothing else from it.

    Args:
        committed: what the files hold.
        target: where to.
        overwrite: also what somebody changed there by hand, and secrets that nobody can compare.
        dry_run: write nothing, and say what would be done.

    Yields:
        An outcome for the folder if it is made, and for each thing and each fault of the files.
    """
    if not target.is_there:
        if not dry_run:
            target.make()
        yield Outcome(f"folder {target.title}", Done.CREATED)
    for fault in committed.faults:
        yield Outcome("files", Done.FAILED, fault)
    failed: list[Item] = []
    for item in committed.items:
        kind = target.kinds[item.kind]
        try:
            _wait_for(item, failed, target)
            done = _publish(item, kind, overwrite=overwrite, dry_run=dry_run)
        except ConflictError as error:
            yield Outcome(str(item), Done.CONFLICT, f"{error}: {CURE}")
        except PublishError as error:
            failed.append(item)
            yield Outcome(str(item), Done.FAILED, str(error))
        else:
            yield Outcome(str(item), done)


def extras(committed: Committed, target: Target) -> list[str]:
    """What of ours the server has and the files do not; nobody removes it but people."""
    known = {(item.kind, item.key) for item in committed.items}
    return [
        f"{name} {key}"
        for name, kind in target.kinds.items()
        for key in (kind.keys() if target.is_there else ())
        if (name, key) not in known
    ]


def _wait_for(item: Item, failed: Sequence[Item], target: Target) -> None:
    """Rules whose alerts nobody would route go to whoever the default policy of that Grafana names."""
    for other in failed:
        if other.kind in _NEEDS.get(item.kind, ()) and target.kinds[other.kind].find(other.key) is None:
            raise PublishError(f"it needs {other}, which failed and is not there: mend that and publish again")


def _publish(item: Item, kind: Kind, *, overwrite: bool, dry_run: bool) -> Done:
    found = kind.find(item.key)
    if found:
        differs = bool(kind.differences(item, found))
        if not differs and not (found.hides and overwrite):
            return Done.UNCHANGED
        locked = kind.locked(found)
        if locked:
            raise PublishError(locked)
        touched = kind.touched(item.key, found) if differs and not overwrite else ""
        if touched:
            raise ConflictError(touched)
    if item.unfit:
        raise PublishError(item.unfit)
    if not dry_run:
        kind.write(item, found, overwrite=overwrite)
    return Done.CHANGED if found else Done.CREATED
