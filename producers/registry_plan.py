"""What files change in the register: which versions of units are new, which differ from what stands."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ikm.register import conflicts, unknown_units
from ikm.registry import Unit
from ikm.show import shown
from producers.registry_files import Placed, units_of
from producers.sheet import Entry, Finding
from producers.sheets import read_sheets
from runtime.units import UnitsStore

_LONGEST = 120


class FilesRefused(Exception):  # noqa: N818 - an outcome, like a refusal of one input
    """Files of which nothing may be applied, with all that is wrong with them (at least one finding)."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        count = len(self.findings)
        super().__init__("1 fault in the files" if count == 1 else f"{count} faults in the files")


@dataclass(frozen=True, slots=True)
class Change:
    """A version of a unit to write; `before` is what stands in its place, None when it is new."""

    unit: Unit
    before: Unit | None

    def __str__(self) -> str:
        """One line: which version, and what changes."""
        if self.before is None:
            return f"new      {self.unit.key}  {self.unit.name}"
        old, new = self.before.model_dump(mode="json"), self.unit.model_dump(mode="json")
        differences = "; ".join(_difference(name, old[name], new[name]) for name in new if new[name] != old[name])
        return f"changed  {self.unit.key}  {differences}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        changes: in the order of the files.
        unchanged: how many versions stand already as they are described.
        others: versions in the register of units that the files describe with other dates; they stay.
        unused: files in the folder that nothing reads.
    """

    changes: tuple[Change, ...]
    unchanged: int
    others: tuple[str, ...]
    unused: tuple[str, ...]


def plan(folder: Path, units: UnitsStore) -> Plan:
    """Compare files with the register, which must be ready.

    Raises:
        Unreadable: the folder cannot be read or has no units.
        FilesRefused: something in the files is wrong; nothing of them may be applied.
    """
    sheets = read_sheets(folder)
    placed, findings = units_of(sheets.entries, units.versions) if "units" in sheets.entries else ([], [])
    findings = [*sheets.findings, *findings, *_beside(placed, sheets.entries, units)]
    if findings:
        raise FilesRefused(findings)
    standing = {version.key: version for version in units.all_versions()}
    given = {one.unit.key: one.unit for one in placed}
    codes = {unit.code for unit in given.values()}
    changes = [Change(unit, standing.get(key)) for key, unit in given.items() if standing.get(key) != unit]
    others = sorted(key for key, version in standing.items() if version.code in codes and key not in given)
    return Plan(tuple(changes), len(given) - len(changes), tuple(others), sheets.unused)


def _beside(placed: Sequence[Placed], sheets: Mapping[str, Sequence[Entry]], units: UnitsStore) -> Iterator[Finding]:
    """What is wrong between the units themselves; a row that is faulty by itself still makes its code known."""
    given = [one.unit for one in placed]
    codes = {entry.cells.get("code", "") for entry in sheets.get("units", ())}
    for number, fault in unknown_units(given, units.all_versions()):
        finding = placed[number].entry.finding(fault.field, fault)
        if finding.cell not in codes:
            yield finding
    for number, fault in conflicts(given, units.all_versions()):
        yield placed[number].entry.finding(fault.field, fault)


def _difference(name: str, old: Any, new: Any) -> str:
    """What changes in one field of a unit; of a list the entries that go and come."""
    if not isinstance(old or new, list):
        return f"{name} {_text(old)} → {_text(new)}"
    gone = [f"-{_text(entry)}" for entry in old or () if entry not in (new or ())]
    come = [f"+{_text(entry)}" for entry in new or () if entry not in (old or ())]
    return f"{name} {' '.join(gone + come) or 'in another order'}"


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else shown(value)
