"""Who stood below whom and when, for the truth check, by SQL from the register alone."""

from collections.abc import Sequence

from api.verify_tables import Tables
from ikm.registry import Unit
from runtime import verify_tree_sql as sql
from runtime.tree_check import REGISTER_COLUMNS, register_row


async def fill_members(tables: Tables, register: Sequence[Unit]) -> None:
    """Make the tables `register` and `members` from all versions of all units, in any order, in place of others."""
    for table in ("register", "members"):
        await tables.run(f"DROP TABLE IF EXISTS ${table}")
    await tables.run(sql.REGISTER_TABLE)
    await tables.insert("register", REGISTER_COLUMNS, [register_row(unit) for unit in register])
    await tables.run(sql.MEMBERS)
