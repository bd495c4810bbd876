"""The truth check of the register: the table `units` against the log, version by version, field by field."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from api.difference import Difference
from ikm.registry import Unit
from runtime.clickhouse import Lane, Store

_MOST: Final = 1_000

_STORED: Final = """
SELECT toString(unit), toString(valid_from), toString(valid_to), toString(merged_into), name, toString(type),
       toString(parent), toString(zone), toString(period), services, population, location, periods, targets, offset
FROM ikm.units FINAL WHERE log = {log:UInt64} ORDER BY unit, valid_from"""

_POSITION: Final = """
SELECT greatest(
    (SELECT max(source_offset) FROM ikm.progress FINAL WHERE topic = {topic:String} AND log = {log:UInt64}),
    (SELECT if(count() = 0, 0, max(offset) + 1) FROM ikm.units WHERE log = {log:UInt64})
)"""
"""Progress, or the last row itself: a store that was filled by an older program has no progress of this topic."""


async def units_position(store: Store, log: int, topic: str) -> int:
    """Up to which offset of the register's topic the store has it."""
    ((position,),) = await store.rows(_POSITION, {"log": log, "topic": topic}, lane=Lane.CHECK)
    return int(position)


async def unit_differences(
    store: Store, log: int, register: Mapping[str, tuple[int, Unit]], end: int
) -> tuple[list[Difference], int]:
    """Compare every version of every unit.

    Args:
        store: has the register up to `end` at least.
        log: the log's epoch.
        register: key -> (offset, version), what the topic says below `end`.
        end: rows of later records are not judged.

    Returns:
        The differences, at most 1,000, and how many versions were compared.
    """
    rows = await store.rows(_STORED, {"log": log}, lane=Lane.CHECK)
    stored = {f"{row[0]}@{row[1]}": (row[-1], _fields(row)) for row in rows}
    later = {key for key, (offset, _) in stored.items() if offset >= end}
    keys = sorted((register.keys() | stored.keys()) - later)
    found = [difference for key in keys for difference in _compared(key, register.get(key), stored.get(key))]
    return found[:_MOST], len(keys)


def _compared(
    key: str, said: tuple[int, Unit] | None, kept: tuple[int, Mapping[str, Any]] | None
) -> Iterable[Difference]:
    unit, _, since = key.partition("@")
    bucket = f"register from {since} on"
    if said is None or kept is None:
        where = ("in the log", "not in the table units")
        absent = ("not in the log", "in the table units")
        yield Difference(unit, bucket, *(absent if said is None else where))
        return
    right = _normal(said[1])
    names = [name for name in right if right[name] != kept[1][name]]
    if names:
        yield Difference(unit, bucket, _text(names, right), _text(names, kept[1]))
    elif said[0] != kept[0]:
        yield Difference(unit, bucket, f"offset {said[0]}", f"offset {kept[0]}")


def _normal(unit: Unit) -> Mapping[str, Any]:
    """A version in the log; what is empty and what is missing are one."""
    return {name: value or None for name, value in unit.model_dump(mode="json").items() if name not in _KEY}


def _fields(row: tuple[Any, ...]) -> Mapping[str, Any]:
    _, _, valid_to, merged_into, name, kind, parent, zone, period, services, population, location = row[:12]
    periods, targets = row[12:14]
    values = {
        "name": name, "type": kind, "parent": parent, "zone": zone, "period": period, "services": _json(services),
        "population": population, "location": _json(location), "valid_to": valid_to, "merged_into": merged_into,
        "periods": _json(periods), "targets": _json(targets),
    }  # fmt: skip
    return {name: value or None for name, value in values.items()}


def _json(text: str) -> Any:
    """What is no JSON was written by somebody else, and differs as it stands."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def _text(names: Iterable[str], values: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={json.dumps(values[name], ensure_ascii=False)}" for name in names)


_KEY: Final = ("unit", "valid_from")
