"""The files of `contracts/`, as texts."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from cli.contracts import asyncapi, openapi
from cli.contracts.messages import CHANNELS

FOLDER: Final = Path(__file__).parents[2] / "contracts"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Whole(yaml.SafeDumper):
    """Writes a part again where it stands again, as people and tools expect it."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def generate() -> dict[str, str]:
    """Every file by its path inside the folder; the same text whenever the code is the same."""
    schemas = {
        f"schemas/{message.name}.json": _json({"$schema": _DIALECT, **message.payload})
        for channel in CHANNELS.values()
        for message in channel.messages
        if message.payload is not None
    }
    document = yaml.dump(asyncapi.document(), Dumper=_Whole, sort_keys=False, allow_unicode=True, width=120)
    return {"openapi.json": _json(openapi.document()), "asyncapi.yaml": document, **schemas}


def differing(files: Mapping[str, str], folder: Path = FOLDER) -> list[str]:
    """Paths of the folder that are missing, too many, or not as generated."""
    found = {str(path.relative_to(folder)): path.read_text("utf-8") for path in _present(folder)}
    return sorted(path for path in files.keys() | found.keys() if files.get(path) != found.get(path))


def write(files: Mapping[str, str], folder: Path = FOLDER) -> None:
    """Make the folder hold these files and no others."""
    for path in _present(folder):
        if str(path.relative_to(folder)) not in files:
            path.unlink()
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def _present(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
