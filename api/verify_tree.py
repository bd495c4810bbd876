"""Who stood below whom and when, for the truth check, by SQL from the register alone."""

from collections.abc import Sequence
from typing import Final

from api.verify_tables import Tables
from ikm.registry import Unit
from runtime import verify_tree_sql as sql

_COLUMNS: Final = ("unit", "valid_from", "valid_to", "merged_into", "parent", "zone", "period")


async def fill_members(tables: Tables, register: Sequence[Unit]) -> None:
    """Make the tables `register` and `members` from all versions of all units, in any order."""
    await tables.run(sql.REGISTER_TABLE)
    await tables.insert("register", _COLUMNS, [_row(unit) for unit in register])
    await tables.run(sql.MEMBERS)


def _row(unit: Unit) -> tuple[str | None, ...]:
    until = None if unit.valid_to is None else str(unit.valid_to)
    return unit.code, str(unit.valid_from), until, unit.merged_into or "", unit.parent or "", unit.zone, unit.period
