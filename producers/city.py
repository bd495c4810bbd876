"""The invented city of `ikm simulate`: 156 service units of the kinds that a real city's survey has."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import cast

from ikm.registry import PeriodKind, Service, Unit, Zone

ZONE: Zone = "Asia/Makassar"


@dataclass(frozen=True, slots=True)
class CityUnit:
    """A unit with its kind (its `type`) and its traffic: its share of the answers relative to the others."""

    unit: Unit
    kind: str
    traffic: float


@lru_cache
def city() -> tuple[CityUnit, ...]:
    """All units, in the order of `samples/city/units.csv`."""
    return tuple(_units())


def _units() -> Iterator[CityUnit]:
    services = _services()
    for row in _rows("units.csv"):
        unit = Unit(
            code=row["unit"],
            name=row["name"],
            type=row["type"],
            parent=row["parent"] or None,
            zone=ZONE,
            period=cast("PeriodKind", row["period"]),
            services=services.get(row["unit"]) or services[row["type"]],
            population=int(row["population"]) if row["population"] else None,
        )
        yield CityUnit(unit, row["type"], float(row["traffic"]))


def _services() -> dict[str, tuple[Service, ...]]:
    """By unit code or by kind."""
    services: dict[str, tuple[Service, ...]] = {}
    for row in _rows("services.csv"):
        services[row["of"]] = (*services.get(row["of"], ()), Service(code=row["code"], name=row["name"]))
    return services


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("producers").joinpath("samples", "city", name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
