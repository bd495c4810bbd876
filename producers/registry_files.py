"""From the rows of a register's files to versions of units; what is wrong is found with its place."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from ikm.errors import Code, Fault, Refused
from ikm.registry import DEFAULT_VALID_FROM, Unit, parse_unit
from ikm.show import shown
from ikm.versions import Versions
from producers.sheet import Entry, Finding
from producers.sheet_cells import location_of, values_of

_KEYS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "units": ("code", "valid_from"),
        "services": ("unit", "code"),
        "periods": ("unit", "code"),
        "targets": ("unit", "period", "index"),
    }
)
"""What no two rows of a sheet may have in common; the fault is in the last of them."""
_LISTS: Final = ("services", "periods", "targets")
"""They belong to a unit, whatever its version."""

Standing = Callable[[str], Versions | None]
"""A unit as the register has it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A version of a unit and the row that it comes from."""

    unit: Unit
    entry: Entry


def units_of(sheets: Mapping[str, Sequence[Entry]], standing: Standing) -> tuple[list[Placed], list[Finding]]:
    """The versions of units that the files describe, and what is wrong with the rows.

    What the files do not speak of stays as it stands: a column that is not there, a sheet that is not there.
    """
    findings: list[Finding] = []
    rows = {sheet: list(_distinct(sheet, entries, findings)) for sheet, entries in sheets.items()}
    codes = {_cell(entry, "code") for entry in rows["units"]}
    lists: dict[str, dict[str, list[Entry]]] = {sheet: defaultdict(list) for sheet in _LISTS if sheet in rows}
    for sheet, by_unit in lists.items():
        for entry in rows[sheet]:
            by_unit[_cell(entry, "unit")].append(entry)
            if _cell(entry, "unit") not in codes:
                message = "no row of units has this code: add one there, or correct it here."
                findings.append(entry.finding("unit", Fault("unit", Code.UNKNOWN_UNIT, message)))
    placed: list[Placed] = []
    for entry in rows["units"]:
        own = {sheet: by_unit.get(_cell(entry, "code"), []) for sheet, by_unit in lists.items()}
        faulty = len(findings)
        body = _body(entry, own, standing, findings)
        if len(findings) == faulty:
            placed += _parsed(body, entry, own, findings)
    return placed, list(dict.fromkeys(findings))


def _cell(entry: Entry, column: str) -> str:
    default = DEFAULT_VALID_FROM.isoformat() if column == "valid_from" else ""
    return entry.cells.get(column) or default


def _distinct(sheet: str, entries: Sequence[Entry], findings: list[Finding]) -> Iterator[Entry]:
    """The rows without those that repeat the key of an earlier one."""
    seen: dict[tuple[str, ...], Entry] = {}
    columns = _KEYS[sheet]
    for entry in entries:
        first = seen.setdefault(tuple(_cell(entry, column) for column in columns), entry)
        if first is entry:
            yield entry
            continue
        same = " and ".join(f"{column} {shown(_cell(entry, column))}" for column in columns)
        message = f"line {first.line} has {same} already: keep one of the two rows, or correct one."
        findings.append(entry.finding(columns[-1], Fault(columns[-1], Code.CONTRADICTION, message)))


def _body(
    entry: Entry, lists: Mapping[str, Sequence[Entry]], standing: Standing, findings: list[Finding]
) -> dict[str, Any]:
    if not _cell(entry, "code"):
        findings.append(entry.finding("code", Fault("code", Code.MISSING_FIELD, "give the unit its code.")))
    values = values_of(entry, "units", findings)
    body = _standing_body(entry, standing) | values
    if values.keys() & {"lat", "lon"}:
        body["location"] = location_of(entry, values, findings)
    for sheet, rows in lists.items():
        body[sheet] = [_without(values_of(row, sheet, findings), "unit") for row in rows] or None
    body["unit"] = body.get("code")
    return _without(body, "code", "lat", "lon")


def _without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Neither these nor what is not given: the unit's own defaults hold then."""
    return {name: value for name, value in values.items() if value is not None and name not in names}


def _standing_body(entry: Entry, standing: Standing) -> dict[str, Any]:
    """What stands already: of this very version everything, for a new one what belongs to the unit."""
    versions = standing(_cell(entry, "code"))
    if versions is None:
        return {}
    *_, last = versions
    same = [version for version in versions if version.valid_from.isoformat() == _cell(entry, "valid_from")]
    body = (same or [last])[0].model_dump(mode="json")
    return body if same else {name: body[name] for name in _LISTS}


def _parsed(
    body: Mapping[str, Any], entry: Entry, lists: Mapping[str, Sequence[Entry]], findings: list[Finding]
) -> Iterator[Placed]:
    try:
        yield Placed(parse_unit(json.dumps(body)), entry)
    except Refused as refused:
        findings += [_found(fault, entry, lists) for fault in refused.faults]


def _found(fault: Fault, entry: Entry, lists: Mapping[str, Sequence[Entry]]) -> Finding:
    """The place of a unit's fault: its own row, or the row of one of its lists."""
    name, *inside = fault.field.split(".")
    row, column = entry, {"unit": "code", "location": "lat"}.get(name, name)
    if inside and name in lists:
        row, column = lists[name][int(inside[0])], inside[-1]
    message = fault.message.replace(fault.field, column, 1) if fault.message.startswith(fault.field) else fault.message
    return row.finding(column, Fault(column, fault.code, message))
