"""`export`: what the server has becomes what the files say, to bring a change by hand home."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from grafana.publish.contact_points import ContactPoints
from grafana.publish.dashboards import Dashboards
from grafana.publish.errors import PublishError
from grafana.publish.files import ALERTING, DASHBOARDS, SECTIONS, Committed
from grafana.publish.target import Target
from grafana.publish.things import BOARD_PREFIX, Item, Json

_NEW: Final = "exported.yaml"
"""Where alerting things go that no file has yet."""


def export(committed: Committed, target: Target, folder: Path, zone: str | None, *, dry_run: bool) -> Iterator[str]:
    """Write what differs; a file that says the same already stays as it is, byte for byte.

    Args:
        committed: what the folder holds now.
        target: where from.
        folder: where to, laid out as `grafana/` is.
        zone: the boards' fixed time zone in the files; None leaves a file its own, where nobody changed it there.
        dry_run: write nothing, and say what would be.

    Yields:
        A line for each file that is written, and for each thing that the server does not have.

    Raises:
        PublishError: a file is broken, so that nothing could be put into it, or the disk refuses.
    """
    if committed.faults:
        raise PublishError("; ".join(committed.faults))
    if not target.is_there:
        raise PublishError(f"this Grafana has no folder {target.title!r} with that uid: give --folder-uid")
    texts: dict[Path, str] = {}
    yield from _boards(committed, target, folder, zone, texts)
    yield from _alerting(committed, target, folder, texts)
    for file, text in texts.items():
        if not dry_run:
            _write(file, text)
        yield f"{file}: {'would be ' if dry_run else ''}written"


def _boards(
    committed: Committed, target: Target, folder: Path, zone: str | None, texts: dict[Path, str]
) -> Iterator[str]:
    kind = target.kinds[Dashboards.name]
    files = {item.key: item for item in committed.items if item.kind == kind.name}
    for key in dict.fromkeys((*files, *kind.keys())):
        found, item = kind.find(key), files.get(key)
        if found is None:
            yield f"{item}: not on the server; the file stays"
            continue
        if found.unreadable:
            raise PublishError(
                f"{kind.name} {key}: {found.unreadable}: save it there as Classic JSON, or publish it anew"
            )
        wanted = zone or _zone(found.body.get("timezone"), item)
        if item is None or kind.differences(item, found) or item.source.get("timezone") != wanted:
            board = {**kind.source(key, found, item), "timezone": wanted}
            file = folder / DASHBOARDS / f"{key.removeprefix(BOARD_PREFIX)}.json"
            texts[file] = json.dumps(board, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _zone(server: str | None, item: Item | None) -> str | None:
    """A board's zone in its file: publishing puts another one in its place, which is no change of the board."""
    is_as_published = item is not None and server == item.body["timezone"]
    return item.source.get("timezone") if item and is_as_published else server


def _alerting(committed: Committed, target: Target, folder: Path, texts: dict[Path, str]) -> Iterator[str]:
    """Each file with what it has, as the server has it; what no file has goes into one of its own."""
    contents: dict[Path, list[tuple[str, Json]]] = {}
    changed: set[Path] = set()
    for name in SECTIONS:
        kind = target.kinds[name]
        files = {item.key: item for item in committed.items if item.kind == name}
        for key in dict.fromkeys((*files, *kind.keys())):
            found, item = kind.find(key), files.get(key)
            file = item.file if item else folder / ALERTING / _NEW
            entry = item.source if item else {}
            if found is None:
                yield f"{item}: not on the server; the file keeps it"
            elif item is None or kind.differences(item, found):
                entry = kind.source(key, found, item)
                changed.add(file)
            contents.setdefault(file, []).append((name, entry))
    texts.update({file: _document(contents[file]) for file in sorted(changed)})


def _document(things: list[tuple[str, Json]]) -> str:
    sections: dict[str, list[Json]] = {}
    for name, entry in things:
        sections.setdefault(SECTIONS[name], []).append(entry)
    points = SECTIONS[ContactPoints.name]
    if points in sections:
        sections[points] = _by_name(sections[points])
    return yaml.safe_dump({"apiVersion": 1, **sections}, allow_unicode=True, sort_keys=False, width=120)


def _by_name(receivers: list[Json]) -> list[Json]:
    """Contact points, each with its integrations."""
    names: dict[str, list[Any]] = {}
    for receiver in receivers:
        names.setdefault(receiver["name"], []).append({key: receiver[key] for key in receiver if key != "name"})
    return [{"orgId": 1, "name": name, "receivers": own} for name, own in names.items()]


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PublishError(f"{file} cannot be written ({error.strerror}): name a folder of yours with --dir") from error
