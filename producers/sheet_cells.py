"""What the cells of a register's row say: numbers, days, places; a cell that cannot be read is found."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from ikm.errors import Code, Fault
from producers.sheet import COLUMNS, Entry, Finding

_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}([.,][0-9]{1,15})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FARTHEST: Final = MappingProxyType({"lat": 90, "lon": 180})


def values_of(entry: Entry, sheet: str, findings: list[Finding]) -> dict[str, Any]:
    """The row's values by column, those of empty cells None; faults go to `findings`."""
    values: dict[str, Any] = {}
    for column in COLUMNS[sheet]:
        cell = entry.cells.get(column)
        if cell is None:
            continue
        try:
            values[column] = _READERS.get(column, str)(cell) if cell else None
        except ValueError as error:
            findings.append(entry.finding(column, Fault(column, Code.WRONG_TYPE, str(error))))
    return values


def location_of(entry: Entry, values: Mapping[str, Any], findings: list[Finding]) -> dict[str, float] | None:
    """Both coordinates in degrees, or None where both cells are empty; faults go to `findings`."""
    place = {name: values[name] for name in _FARTHEST if values.get(name) is not None}
    for name, farthest in _FARTHEST.items() if place else ():
        if name not in place:
            fault = Fault(name, Code.MISSING_FIELD, "lat and lon come together: fill both cells, or neither.")
            findings.append(entry.finding(name, fault))
        elif abs(place[name]) > farthest:
            message = f"{name} is in degrees: write a number from -{farthest} to {farthest}."
            findings.append(entry.finding(name, Fault(name, Code.OUT_OF_SCALE, message)))
    return place or None


def _whole(cell: str) -> int:
    if _WHOLE.fullmatch(cell) is None:
        raise ValueError("write a whole number without separators, such as 5000, or leave the cell empty.")
    return int(cell)


def _decimal(cell: str) -> float:
    if _DECIMAL.fullmatch(cell) is None:
        raise ValueError("write a number, such as 88.31, or leave the cell empty.")
    return float(cell.replace(",", "."))


def _day(cell: str) -> str:
    try:
        if _DAY.fullmatch(cell):
            return date.fromisoformat(cell).isoformat()
    except ValueError:
        pass
    raise ValueError("write the day as year-month-day, such as 2026-07-01.")


_READERS: Final[Mapping[str, Callable[[str], Any]]] = MappingProxyType(
    {
        **dict.fromkeys(("population", "n", "grace_days"), _whole),
        **dict.fromkeys(("lat", "lon", "value"), _decimal),
        **dict.fromkeys(("valid_from", "valid_to", "from", "to"), _day),
    }
)
