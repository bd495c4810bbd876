"""The files of a register: a folder with `units`, and where wanted `services`, `periods`, `targets`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from ikm.errors import Code, Fault
from producers.sheet import Entry, Finding
from producers.sheet_csv import read_csv
from producers.sheet_yaml import read_yaml
from producers.table import Unreadable

_READERS: Final = MappingProxyType({".csv": read_csv, ".yaml": read_yaml, ".yml": read_yaml})


@dataclass(frozen=True, slots=True)
class Sheets:
    """What a folder holds: each sheet that is there with its rows, what is wrong, and files that nothing reads."""

    entries: Mapping[str, tuple[Entry, ...]]
    findings: tuple[Finding, ...]
    unused: tuple[str, ...]


def read_sheets(folder: Path) -> Sheets:
    """Read every sheet in a folder.

    Raises:
        Unreadable: the folder or a file cannot be read, or there is no `units`.
    """
    entries: dict[str, tuple[Entry, ...]] = {}
    findings: list[Finding] = []
    unused: list[str] = []
    for file in _files(folder):
        outcomes = list(_READERS[file.suffix.lower()](file.name, file.stem, _bytes(file)))
        if not outcomes:
            unused.append(file.name)
        for sheet, outcome in outcomes:
            if isinstance(outcome, Finding):
                findings.append(outcome)
            elif sheet in entries:
                cure = f"there is a second list of {sheet} in this folder: keep one of them."
                findings.append(Finding(file.name, 1, "", "", Fault(sheet, Code.CONTRADICTION, cure)))
            else:
                entries[sheet] = tuple(outcome)
    if "units" not in entries and not findings:
        raise Unreadable("there is no units.csv or units.yaml; put one there, the other files are optional")
    return Sheets(entries, tuple(findings), tuple(unused))


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(file for file in folder.iterdir() if file.suffix.lower() in _READERS)
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror}); name a folder with units.csv in it") from error


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Unreadable(f"{file.name} cannot be read ({error.strerror})") from error
