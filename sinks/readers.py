"""Makes the users who may read the views and nothing else: `ikm_grafana` all, `ikm_public` those for the public.

A reader needs no right on what a view reads: the views run with the rights of the user who made them
(`sinks/views/`).
"""

import hashlib
import secrets
from collections.abc import Mapping

from runtime.clickhouse import DATABASE, Store
from runtime.readers import READERS, Reader


def statements(passwords: Mapping[str, str]) -> list[str]:
    """The SQL that makes the readers, whatever they were before.

    Args:
        passwords: reader's name -> password; only salted hashes of them stand in the SQL.
    """
    return [sql for reader in READERS for sql in (_user(reader, passwords[reader.name]), *grants(reader))]


def grants(reader: Reader) -> list[str]:
    """The SQL that gives a reader all its rights; the names need not exist yet."""
    return [f"GRANT SELECT ON {DATABASE}.{beginning}* TO {reader.name}" for beginning in reader.reads]


async def make_readers(store: Store, passwords: Mapping[str, str]) -> None:
    """Make the readers on a server; for a moment a reader who was there before may read nothing.

    Raises:
        Exception: whatever the client raises; repeating is safe.
    """
    for sql in statements(passwords):
        await store.command(sql)


def _user(reader: Reader, password: str) -> str:
    salt = secrets.token_hex(32)
    hashed = hashlib.sha256((password + salt).encode()).hexdigest()
    limits = {
        "readonly": "1",
        "max_execution_time": f"{reader.waits_seconds} MIN 1 MAX {reader.most_seconds} CHANGEABLE_IN_READONLY",
        "max_result_rows": str(reader.most_rows),
        "result_overflow_mode": "'throw'",
        "max_memory_usage": str(reader.most_bytes),
    }
    if reader.repeats_seconds:
        limits |= {
            "use_query_cache": "1",
            "query_cache_ttl": str(reader.repeats_seconds),
            "query_cache_nondeterministic_function_handling": "'save'",
        }
    said = ", ".join(f"{name} = {value}" for name, value in limits.items())
    return (
        f"CREATE USER OR REPLACE {reader.name} IDENTIFIED WITH sha256_hash BY '{hashed}' SALT '{salt}' SETTINGS {said}"
    )
