"""What differs between two JSON values, field by field."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ikm.show import shown

_KEYS: Final = ("id", "uid", "refId", "name")
"""What the elements of a list are known by: one that was put in front must not make all the others differ."""
_LONGEST: Final = 160


class _Absent:
    def __str__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()


class Difference(NamedTuple):
    """A field whose committed value the server does not have; `ABSENT` where one side has none."""

    path: str
    committed: Any
    server: Any

    def __str__(self) -> str:
        """`panels[2].title: committed 'A', server 'B'`."""
        return f"{self.path}: committed {_told(self.committed)}, server {_told(self.server)}"


def differences(committed: object, server: object, path: str = "") -> Iterator[Difference]:
    """Every leaf that differs, in the order of the committed value; 1 and 1.0 are the same number."""
    if isinstance(committed, Mapping) and isinstance(server, Mapping):
        yield from _of_objects(committed, server, path)
    elif isinstance(committed, list) and isinstance(server, list):
        yield from _of_lists(committed, server, path)
    elif type(committed) is bool or type(server) is bool:
        if committed is not server:
            yield Difference(path, committed, server)
    elif committed != server:
        yield Difference(path, committed, server)


def _of_objects(committed: Mapping[str, Any], server: Mapping[str, Any], path: str) -> Iterator[Difference]:
    for name in (*committed, *(key for key in server if key not in committed)):
        inner = f"{path}.{name}" if path else name
        yield from differences(committed.get(name, ABSENT), server.get(name, ABSENT), inner)


def _of_lists(committed: list[Any], server: list[Any], path: str) -> Iterator[Difference]:
    key = known_by(committed, server)
    if key is None:
        for place in range(max(len(committed), len(server))):
            yield from differences(_at(committed, place), _at(server, place), f"{path}[{place}]")
        return
    ours, theirs = ({item[key]: item for item in side} for side in (committed, server))
    for name in (*ours, *(other for other in theirs if other not in ours)):
        yield from differences(ours.get(name, ABSENT), theirs.get(name, ABSENT), f"{path}[{key}={name}]")
    if list(ours) != list(theirs) and ours.keys() == theirs.keys():
        yield Difference(f"{path} (order)", list(ours), list(theirs))


def known_by(*sides: Sequence[Any]) -> str | None:
    """The field by which the elements of all these lists can be told apart; None where there is none."""
    if not any(sides) or not all(isinstance(item, dict) for side in sides for item in side):
        return None
    for key in _KEYS:
        names = [[item.get(key) for item in side] for side in sides]
        if all(isinstance(name, (str, int)) for side in names for name in side) and all(
            len(set(side)) == len(side) for side in names
        ):
            return key
    return None


def _at(items: list[Any], place: int) -> Any:
    return items[place] if place < len(items) else ABSENT


def _told(value: object) -> str:
    if isinstance(value, str):
        return value if "\n" not in value and len(value) <= _LONGEST else shown(value)
    if isinstance(value, _Absent):
        return str(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else shown(value)
