"""The committed boards are what Grafana's own models of them say."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.grafana import files

BOARDS = files.committed()
register_default_plugins()  # the models of each kind of panel: without them options are passed through unread


def written_back(board: Mapping[str, Any]) -> dict[str, Any]:
    """As the models read and write it."""
    said: dict[str, Any] = json.loads(json.dumps(Dashboard.from_json(dict(board)), cls=JSONEncoder))
    return said


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from differences(one.get(key, "(nothing)"), other.get(key, "(nothing)"), f"{path}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{path}[{at}]")
    elif one != other:
        yield f"{path}: {one!r} became {other!r}"


@pytest.mark.parametrize("file", BOARDS)
def test_models_read_a_board_and_write_it_back_as_it_was(file: str) -> None:
    assert list(differences(BOARDS[file], written_back(BOARDS[file]))) == []


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ((), "titel"),
        (("panels", 0), "fieldconfig"),
        (("panels", 0, "options"), "textmode"),
        (("panels", 0, "fieldConfig", "defaults"), "colour"),
    ],
)
def test_a_key_that_no_model_knows_is_told(path: tuple[str | int, ...], key: str) -> None:
    board = json.loads(json.dumps(BOARDS["pimpinan"]))
    at = board
    for step in path:
        at = at[step]
    at[key] = {"text": "x"}

    assert [difference for difference in differences(board, written_back(board)) if f".{key}: " in difference]
