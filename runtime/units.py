"""The register of units, materialised from `units.v1`."""

import asyncio
from bisect import insort
from datetime import UTC, date, datetime
from typing import Any

from ikm.errors import Code, Refused
from ikm.registry import Unit, parse_unit
from ikm.show import shown
from ikm.times import MS_PER_HOUR, ZONES
from runtime.clock import Clock
from runtime.follower import Follower
from runtime.logging import logger
from runtime.topics import UNITS
from runtime.web import Problem, unavailable

log = logger(__name__)


class UnitsStore:
    """Every version of every unit; trustworthy once `is_ready`."""

    def __init__(self, bootstrap: str, *, clock: Clock) -> None:
        """Wire the store to the register's topic.

        Args:
            bootstrap: Kafka's addresses.
            clock: says which version of a unit is in force.
        """
        self._clock = clock
        self._versions: dict[str, dict[date, Unit]] = {}
        self._codes: list[str] = []
        self._follower = Follower(bootstrap, UNITS.name, UNITS.partitions, self._apply, client_id="ikm-units")

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

    def get(self, code: str) -> Unit | None:
        """The unit's version in force now: the newest that is valid in its own zone; before the first, the first."""
        versions = self._versions.get(code)
        if not versions:
            return None
        now_ms = self._clock()
        valid = [version for version in versions.values() if version.valid_from <= _today(now_ms, version.zone)]
        if valid:
            return max(valid, key=lambda version: version.valid_from)
        return versions[min(versions)]

    def has_version(self, unit: Unit) -> bool:
        """True when this unit has a version from that date on."""
        return unit.valid_from in self._versions.get(unit.code, {})

    def codes(self) -> tuple[str, ...]:
        """Every unit's code, sorted."""
        return tuple(self._codes)

    def all(self) -> tuple[Unit, ...]:
        """Every unit in force now, by code."""
        return tuple(unit for code in self._codes if (unit := self.get(code)) is not None)

    def _apply(self, record: Any) -> None:
        if record.value is None:
            self._forget(record.key)
            return
        try:
            unit = parse_unit(record.value)
        except Refused as refused:
            log.warning("unit_not_readable", topic=record.topic, offset=record.offset, error=str(refused))
            return
        if unit.code not in self._versions:
            self._versions[unit.code] = {}
            insort(self._codes, unit.code)
        self._versions[unit.code][unit.valid_from] = unit

    def _forget(self, key: bytes | None) -> None:
        code, _, valid_from = (key or b"").decode("utf-8", "replace").partition("@")
        for day in list(self._versions.get(code, {})):
            if day.isoformat() == valid_from:
                del self._versions[code][day]
        if code in self._versions and not self._versions[code]:
            del self._versions[code]
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


def _today(now_ms: int, zone: str) -> date:
    return datetime.fromtimestamp((now_ms + ZONES[zone] * MS_PER_HOUR) / 1000, UTC).date()
