"""The tables of one comparison, which are nobody else's."""

from collections.abc import Sequence
from typing import Any

from runtime import verify_sql as sql
from runtime.clickhouse import Columns, Lane, Store

_NAMES = (
    *("rows", "days", "months", "figures", "position", "shown", "common", "hours", "windows"),
    *("register", "members", "asked", "lineage", "quality", "counted", "rejections", "letters"),
    *("cells", "above", "answers", "recounted"),
)  # fmt: skip


class Tables:
    """Runs statements in which `$rows` and the like stand for tables of one check; `drop` them in any case.

    Args:
        store: ClickHouse.
        prefix: of the tables' names.
    """

    def __init__(self, store: Store, prefix: str) -> None:
        self.store = store
        self._names = {name: f"{prefix}_{name}" for name in _NAMES}

    def name(self, table: str) -> str:
        """What a table is really called."""
        return self._names[table]

    async def rows(self, statement: str, **parameters: Any) -> Sequence[tuple[Any, ...]]:
        """The rows of a query."""
        return await self.store.rows(sql.fill(statement, **self._names), parameters, lane=Lane.CHECK)

    async def run(self, statement: str, **parameters: Any) -> None:
        """A statement without rows."""
        await self.store.command(sql.fill(statement, **self._names), parameters, lane=Lane.CHECK)

    async def insert(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Put rows into a table."""
        if rows:
            await self.store.insert(self._names[table], Columns(columns, list(zip(*rows, strict=True))))

    async def drop(self) -> None:
        """Remove them all."""
        for table in self._names.values():
            await self.store.command(f"DROP TABLE IF EXISTS {table}", lane=Lane.CHECK)
