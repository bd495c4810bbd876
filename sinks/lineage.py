"""`standing`, `tree`, `tree_days`: the register as SQL joins it, written whole whenever it, or the hour, is another."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from ikm.lineage import lineage
from ikm.times import MS_PER_HOUR
from ikm.versions import Versions
from runtime.clickhouse import DATABASE, Columns, Store
from runtime.clock import Clock
from runtime.lineage_rows import lineage_rows
from runtime.logging import logger
from runtime.units import UnitsStore

log = logger(__name__)

POLL_S: Final = 0.5


class Lineages:
    """Keeps the three tables at the register.

    Args:
        store: migrated.
        units: the register, running.
        is_ours: whether this process is the one of its group that writes; another that does so too does no harm.
        clock: says which versions are in force.
    """

    def __init__(self, store: Store, units: UnitsStore, *, is_ours: Callable[[], bool], clock: Clock) -> None:
        self._store, self._units, self._is_ours, self._clock = store, units, is_ours, clock
        self._written: tuple[int, int] | None = None
        self._free = asyncio.Lock()

    async def run(self) -> None:
        """Look again and again; never returns."""
        while True:
            try:
                if self._is_ours() and self._units.is_ready:
                    await self.bring_up()
            except Exception as error:  # noqa: BLE001 - the tables are whole, as they were; it is tried again
                log.warning("lineage_waits", error=repr(error))
            await asyncio.sleep(POLL_S)

    async def bring_up(self) -> None:
        """Write the tables if the register, or the hour (versions begin at midnights), is another than they have."""
        async with self._free:
            now_ms = self._clock()
            if (self._units.position, now_ms // MS_PER_HOUR) != self._written:
                await self._write(now_ms)

    async def write(self) -> None:
        """Write the tables once the register is read, whatever they hold."""
        await self._units.wait_ready()
        async with self._free:
            await self._write(self._clock())

    async def _write(self, now_ms: int) -> None:
        written = self._units.position, now_ms // MS_PER_HOUR
        versions = {code: found for code in self._units.codes() if (found := self._units.versions(code)) is not None}
        await write_lineage(self._store, versions, now_ms)
        self._written = written


async def write_lineage(store: Store, versions: Mapping[str, Versions], now_ms: int) -> None:
    """Replace what the tables hold; each changes as one moment.

    Args:
        store: migrated.
        versions: of every unit, by code.
        now_ms: decides what is in force, UTC epoch milliseconds.
    """
    found = await asyncio.to_thread(lineage, versions, now_ms)
    for one in lineage_rows(found):
        table, fresh = f"{DATABASE}.{one.table}", f"{DATABASE}.{one.table}_fresh"
        await store.command(f"DROP TABLE IF EXISTS {fresh}")
        await store.command(f"CREATE TABLE {fresh} AS {table}")
        if one.rows:
            await store.insert(fresh, Columns(one.columns, list(zip(*one.rows, strict=True))))
        await store.command(f"EXCHANGE TABLES {fresh} AND {table}")
        await store.command(f"DROP TABLE {fresh}")
