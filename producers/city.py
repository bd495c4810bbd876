"""The invented city of `ikm simulate`: 156 service units of the kinds that a real city's survey has."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import cast

from ikm.registry import PeriodKind, Service, Unit, Zone

ZONE: Zone = "Asia/Makassar"


WHOLE = Unit(code="sim-kota", name="Kota Simulasi", type="pemkot", zone=ZONE, period="semester")
"""The city itself, which nobody answers for: its index is that of the units below it."""


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


def register() -> tuple[Unit, ...]:
    """The city as the register has it: all units, those without a parent below the city itself."""
    units = (place.unit for place in city())
    return WHOLE, *(unit if unit.parent else unit.model_copy(update={"parent": WHOLE.code}) for unit in units)


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
