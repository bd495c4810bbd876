"""The register of units, materialised from `units.v1`."""

import asyncio
import copy
from bisect import insort
from collections.abc import Iterator
from itertools import chain
from typing import Any

from ikm.errors import Code, Refused
from ikm.members import Members, members_of
from ikm.period import Period
from ikm.registry import Unit, parse_unit
from ikm.show import shown
from ikm.tree import Tree
from ikm.versions import Versions
from runtime.clock import Clock
from runtime.follower import Follower
from runtime.logging import logger
from runtime.topics import UNITS
from runtime.web import Problem, unavailable

log = logger(__name__)


class UnitsStore:
    """Every version of every unit; trustworthy once `is_ready`."""

    def __init__(self, bootstrap: str, *, clock: Clock, topic: str = UNITS.name) -> None:
        """Wire the store to the register's topic.

        Args:
            bootstrap: Kafka's addresses.
            clock: says which version of a unit is in force.
            topic: the register's; a test has its own.
        """
        self._clock = clock
        self.position = 0
        """Next offset: every record below it is in, and no other."""
        self._known_ms: dict[str, int] = {}
        self._records: dict[str, dict[str, Unit]] = {}
        self._versions: dict[str, Versions] = {}
        self._tree: Tree | None = None
        self._codes: list[str] = []
        self._follower = Follower(bootstrap, topic, UNITS.partitions, self._apply, client_id="ikm-units")

    async def start(self) -> None:
        """Begin to read the register."""
        await self._follower.start()

    async def stop(self) -> None:
        """Stop reading."""
        await self._follower.stop()

    @property
    def is_ready(self) -> bool:
        """True once the register has been read to its end."""
        return self._follower.is_caught_up

    async def wait_ready(self) -> None:
        """Wait until `is_ready`."""
        await self._follower.wait_caught_up()

    async def wait_for(self, next_offset: int, *, timeout_s: float) -> None:
        """Wait until the register has been read up to an offset; raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            await self._follower.wait_for(0, next_offset)

    def pinned(self, clock: Clock) -> "UnitsStore":
        """The register as it is at this moment, read by another clock; what comes later does not change it."""
        found = copy.copy(self)
        vars(found).update(_clock=clock, _versions=dict(self._versions), _codes=list(self._codes))
        return found

    def get(self, code: str) -> Unit | None:
        """The unit's version in force now; before the first the first, once closed the last."""
        versions = self.versions(code)
        return None if versions is None else versions.at(self._clock())

    def versions(self, code: str) -> Versions | None:
        """All versions of a unit, or None when it is not registered."""
        return self._versions.get(code)

    def tree(self) -> Tree:
        """The tree of all units at every instant."""
        if self._tree is None:
            self._tree = Tree(self.all_versions())
        return self._tree

    def members(self, unit: Unit, period: Period) -> Members:
        """The units that count in a figure of a unit's tree over a period."""
        return members_of(unit, period, self.tree(), self.get)

    def all_versions(self) -> Iterator[Unit]:
        """Every version of every unit."""
        return chain.from_iterable(self._versions[code] for code in self._codes)

    def known_ms(self, code: str) -> int:
        """When the earliest record that names a registered unit, as itself or above another, was written, UTC epoch ms.

        Of those that are still on the topic: a unit that was changed lately was known as long as the ones below it.
        """
        return self._known_ms[code]

    def has_version(self, unit: Unit) -> bool:
        """True when this unit has a version from that date on."""
        return unit.key in self._records.get(unit.code, {})

    def codes(self) -> tuple[str, ...]:
        """Every unit's code, sorted."""
        return tuple(self._codes)

    def all(self) -> tuple[Unit, ...]:
        """Every unit in force now, by code."""
        return tuple(unit for code in self._codes if (unit := self.get(code)) is not None)

    def _apply(self, record: Any) -> None:
        self.position = record.offset + 1
        if record.value is None:
            self._forget(record.key)
            return
        try:
            unit = parse_unit(record.value)
        except Refused as refused:
            log.warning("unit_not_readable", topic=record.topic, offset=record.offset, error=str(refused))
            return
        self._records.setdefault(unit.code, {})[unit.key] = unit
        for code in (unit.code, unit.parent, unit.merged_into):
            if code is not None:
                self._known_ms[code] = min(record.timestamp, self._known_ms.get(code, record.timestamp))
        self._derive(unit.code)

    def _forget(self, key: bytes | None) -> None:
        name = (key or b"").decode("utf-8", "replace")
        code = name.partition("@")[0]
        if self._records.get(code, {}).pop(name, None):
            self._derive(code)

    def _derive(self, code: str) -> None:
        """Bring what is derived from the versions of a unit up to date."""
        self._tree = None
        if code not in self._versions:
            insort(self._codes, code)
        if self._records[code]:
            self._versions[code] = Versions(self._records[code].values())
        else:
            del self._records[code], self._versions[code]
            self._codes.remove(code)


def require_register(units: UnitsStore) -> None:
    """Raise 503 until the register has been read to its end, because until then no unit is unknown."""
    if not units.is_ready:
        raise unavailable("the register of units is still being read: try again in a second")


def require_unit(units: UnitsStore, code: str) -> Unit:
    """The unit in force that an address names.

    Raises:
        Problem: 404 `unknown_unit`; 503 while the register is not read to its end.
    """
    require_register(units)
    unit = units.get(code)
    if unit is None:
        detail = (
            f"unit {shown(code)} is not registered: GET /v1/units lists the units, PUT /v1/units/<unit> registers one"
        )
        raise Problem(404, detail, code=Code.UNKNOWN_UNIT)
    return unit
