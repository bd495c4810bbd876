"""`ref_…`: the rules as tables (`ikm.reference`), written anew at a start whose rules are others than the store has."""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

from ikm.reference import Reference, tables
from runtime.clickhouse import DATABASE, TABLE_SETTINGS, Columns, Lane, Store

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).date()


async def write_reference(store: Store) -> list[str]:
    """Bring every reference table to the present rules; readers see the old rows or the new ones, never a part.

    Returns:
        Names of the tables that were written.
    """
    known: dict[str, str] = dict(
        await store.rows(
            "SELECT name, comment FROM system.tables WHERE database = {d:String} AND name LIKE 'ref_%'",
            {"d": DATABASE},
            lane=Lane.WRITE,
        )
    )
    written = []
    for name, table in tables().items():
        mark = _mark(table)
        if known.get(name) != mark:
            await _replace(store, name, table, mark, is_new=name not in known)
            written.append(name)
    return written


def _mark(table: Reference) -> str:
    text = json.dumps([dict(table.columns), table.order, table.rows], default=str)
    return hashlib.sha256(text.encode()).hexdigest()


async def _replace(store: Store, name: str, table: Reference, mark: str, *, is_new: bool) -> None:
    fresh = f"{DATABASE}.{name}_fresh"
    columns = ", ".join(f"`{column}` {kind}" for column, kind in table.columns.items())
    order = ", ".join(f"`{column}`" for column in table.order)
    settings = ", ".join(f"{key} = {value}" for key, value in TABLE_SETTINGS.items())
    await store.command(f"DROP TABLE IF EXISTS {fresh}")
    await store.command(
        f"CREATE TABLE {fresh} ({columns}) ENGINE = MergeTree ORDER BY ({order}) SETTINGS {settings} COMMENT '{mark}'"
    )
    values = [[_stored(value) for value in column] for column in zip(*table.rows, strict=True)]
    await store.insert(fresh, Columns(tuple(table.columns), values))
    if is_new:
        await store.command(f"RENAME TABLE {fresh} TO {DATABASE}.{name}")
        return
    await store.command(f"EXCHANGE TABLES {fresh} AND {DATABASE}.{name}")
    await store.command(f"DROP TABLE {fresh}")


def _stored(value: Any) -> Any:
    return (value - _EPOCH).days if isinstance(value, date) else value
