"""Organisations to measure with, made of the simulated city's units."""

from dataclasses import replace
from itertools import cycle, islice

from producers.city import CityUnit, city

ROOT = "bench-kota"


def one_tree() -> tuple[CityUnit, ...]:
    """The city's 156 units below one more, which the simulation leaves without answers."""
    root = replace(_changed(city()[0], code=ROOT, name="Kota", parent=None), traffic=0)
    return root, *(_changed(place, parent=place.unit.parent or ROOT) for place in city())


def many(count: int) -> tuple[CityUnit, ...]:
    """So many units without a tree: the city's, again and again."""
    return tuple(
        _changed(place, code=f"bench-{number}", name=f"{place.unit.name} {number}", parent=None)
        for number, place in enumerate(islice(cycle(city()), count))
    )


def _changed(place: CityUnit, **fields: str | None) -> CityUnit:
    return replace(place, unit=place.unit.model_copy(update=fields))
