"""What versions of units may not be written, because of what stands in the register beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from ikm.errors import Code, Fault
from ikm.registry import Unit
from ikm.show import shown
from ikm.times import local_day
from ikm.tree import Cycle, Tree
from ikm.versions import Versions

Findings = Iterator[tuple[int, Fault]]
"""The number of a faulty version among those given, and its fault."""


def conflicts(given: Sequence[Unit], standing: Iterable[Unit]) -> Findings:
    """Versions that overlap another one of their unit, and those that put a unit below itself at any instant.

    Args:
        given: the versions to write; one with the key of a standing one replaces it.
        standing: all versions of all units in the register.
    """
    units = _together(given, standing)
    numbers = {unit.key: number for number, unit in enumerate(given)}
    yield from _overlaps(units, numbers)
    for cycle in Tree(version for versions in units.values() for version in versions).cycles():
        yield from _closing(cycle, units, numbers)


def unknown_units(given: Sequence[Unit], standing: Iterable[Unit]) -> Findings:
    """Versions whose parent, or the unit that they were merged into, is neither given nor standing."""
    known = {unit.code for unit in given} | {unit.code for unit in standing}
    for number, unit in enumerate(given):
        for field, code in (("parent", unit.parent), ("merged_into", unit.merged_into)):
            if code is not None and code not in known:
                message = (
                    f"{field} is {shown(code)}, which is not registered: register it as well, or correct the code."
                )
                yield number, Fault(field, Code.UNKNOWN_UNIT, message)


def _together(given: Sequence[Unit], standing: Iterable[Unit]) -> Mapping[str, Versions]:
    by_code: dict[str, dict[str, Unit]] = {}
    for unit in (*standing, *given):
        by_code.setdefault(unit.code, {})[unit.key] = unit
    return {code: Versions(versions.values()) for code, versions in by_code.items()}


def _overlaps(units: Mapping[str, Versions], numbers: Mapping[str, int]) -> Findings:
    for versions in units.values():
        for earlier, later in pairwise(versions):
            if earlier.valid_to is None or earlier.valid_to <= later.valid_from:
                continue
            if earlier.key in numbers:
                begins = f"and unit {later.code} has a version from {later.valid_from} on"
                message = f"valid_to is {earlier.valid_to} {begins}: end this one by then, or leave valid_to out."
                yield numbers[earlier.key], Fault("valid_to", Code.CONTRADICTION, message)
            elif later.key in numbers:
                holds = f"and the version of unit {later.code} from {earlier.valid_from} on holds to {earlier.valid_to}"
                message = f"valid_from is {later.valid_from} {holds}: end that one by then first, or begin later."
                yield numbers[later.key], Fault("valid_from", Code.CONTRADICTION, message)


def _closing(cycle: Cycle, units: Mapping[str, Versions], numbers: Mapping[str, int]) -> Findings:
    """The fault of a cycle, at the first of its units that is given; one that stands without any is nobody's here."""
    for code in cycle.units:
        version = units[code].at(cycle.from_ms)
        if version.key in numbers:
            field = "merged_into" if units[code].closed(cycle.from_ms) else "parent"
            ring = " below ".join((*cycle.units, cycle.units[0]))
            since = local_day(cycle.from_ms, version.zone)
            message = f"{field} puts {ring} from {since} on: give one of them another {field}, or none."
            yield numbers[version.key], Fault(field, Code.CONTRADICTION, message)
            return
