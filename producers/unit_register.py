"""Writes versions of units to `units.v1`."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from ikm.errors import Refused
from ikm.register import conflicts
from ikm.registry import Unit
from producers.lane import Record
from producers.log_writer import LogWriter, Unacknowledged
from runtime.clock import Clock
from runtime.topics import UNITS
from runtime.units import UnitsStore

WITHIN_S = 5.0
CHUNK = 500
"""So many travel together: few enough for a slow log to take within the time above."""


class UnitRegister:
    """The door to the register; an asynchronous context manager."""

    def __init__(self, bootstrap: str, units: UnitsStore, *, clock: Clock, client_id: str) -> None:
        """Wire the register's topic to the store that reads it back."""
        self._units = units
        self._clock = clock
        self._one_by_one = asyncio.Lock()
        self._writer = LogWriter(bootstrap, UNITS.name, UNITS.partitions, client_id=client_id)

    async def put(self, unit: Unit) -> bool:
        """Write a version of a unit and wait until it has been read back.

        Returns:
            True when the unit had no version from that date on.

        Raises:
            Refused: it cannot stand beside what is in the register (`ikm.register.conflicts`).
            Unacknowledged: it was not acknowledged or read back in time; repeating is safe.
            RecordTooLarge: Kafka takes no record of its size.
        """
        return bool(await self.put_all([unit]))

    async def put_all(self, units: Sequence[Unit]) -> int:
        """Write versions of units in one go, as `put` does; returns how many of them are new."""
        async with self._one_by_one:
            faults = [fault for _, fault in conflicts(units, self._units.all_versions())]
            if faults:
                raise Refused(faults)
            new = sum(not self._units.has_version(unit) for unit in units)
            for chunk in (units[start : start + CHUNK] for start in range(0, len(units), CHUNK)):
                await self._write(chunk)
        return new

    async def _write(self, units: Sequence[Unit]) -> None:
        ends = await self._writer.write({0: [self._record(unit) for unit in units]}, timeout_s=WITHIN_S)
        try:
            await self._units.wait_for(ends[0], timeout_s=WITHIN_S)
        except TimeoutError as error:
            codes = units[0].code if len(units) == 1 else f"{units[0].code} and {len(units) - 1} others"
            raise Unacknowledged(f"unit {codes}: written and not read back within {WITHIN_S:g} s") from error

    def _record(self, unit: Unit) -> Record:
        value = unit.model_dump_json().encode()
        return Record(unit.key.encode(), value, [("content-type", b"application/json")], self._clock())

    async def __aenter__(self) -> Self:
        await self._writer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._writer.stop()
