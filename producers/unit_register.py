"""Writes versions of units to `units.v1`."""

import asyncio
from types import TracebackType
from typing import Self

from ikm.registry import Unit
from producers.lane import Record
from producers.log_writer import LogWriter, Unacknowledged
from runtime.clock import Clock
from runtime.topics import UNITS
from runtime.units import UnitsStore

WITHIN_S = 5.0


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
            Unacknowledged: it was not acknowledged or read back in time; repeating is safe.
            RecordTooLarge: Kafka takes no record of its size.
        """
        value = unit.model_dump_json().encode()
        record = Record(unit.key.encode(), value, [("content-type", b"application/json")], self._clock())
        async with self._one_by_one:
            is_new = not self._units.has_version(unit)
            ends = await self._writer.write({0: [record]}, timeout_s=WITHIN_S)
            try:
                await self._units.wait_for(ends[0], timeout_s=WITHIN_S)
            except TimeoutError as error:
                raise Unacknowledged(f"unit {unit.code} was written and not read back within {WITHIN_S:g} s") from error
        return is_new

    async def __aenter__(self) -> Self:
        await self._writer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._writer.stop()
