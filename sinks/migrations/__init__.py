"""Numbered migrations: `NNNN_name.sql`, applied in order at start, each once, recorded with its checksum.

A crash between a statement and its record repeats the file, so statements say IF NOT EXISTS.
"""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from runtime.clickhouse import DATABASE, Columns, Lane, Store, StoreError, check_settings

_FILE = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+)\.sql")
_RECORD = f"{DATABASE}.migrations"
_CREATE_RECORD = f"""CREATE TABLE IF NOT EXISTS {_RECORD} (
    number UInt16, name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree ORDER BY number
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, its name and its statements."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file, in hex."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def statements(self) -> list[str]:
        """The file's statements; each ends with a semicolon at the end of a line."""
        return [part for part in re.split(r";\s*(?:\n|\Z)", self.sql) if part.strip()]


def load(folder: Traversable | None = None) -> list[Migration]:
    """The migrations of a folder (this package's own by default) in the order of their numbers.

    Raises:
        StoreError: two files have one number.
    """
    found: dict[int, Migration] = {}
    for file in (folder or files(__name__)).iterdir():
        matched = _FILE.fullmatch(file.name)
        if matched is None:
            continue
        number = int(matched["number"])
        if number in found:
            raise StoreError(f"two migrations have the number {number:04d}: give {file.name} the next free one")
        found[number] = Migration(number, matched["name"], file.read_text("utf-8"))
    return [found[number] for number in sorted(found)]


async def migrate(store: Store, migrations: list[Migration] | None = None) -> list[Migration]:
    """Bring the store's tables to the present version and assert their settings.

    Returns:
        What was applied now.

    Raises:
        StoreError: a recorded migration has another checksum or no file (the store was made by a newer program),
            or a setting is not as it must be.
    """
    migrations = load() if migrations is None else migrations
    await store.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
    await store.command(_CREATE_RECORD)
    recorded = {
        number: (name, checksum)
        for number, name, checksum in await store.rows(
            f"SELECT number, name, checksum FROM {_RECORD} FINAL ORDER BY number",  # noqa: S608
            lane=Lane.WRITE,
        )
    }
    _refuse_changed(migrations, recorded)
    missing = [migration for migration in migrations if migration.number not in recorded]
    for migration in missing:
        for statement in migration.statements:
            await store.command(statement)
        row = Columns(("number", "name", "checksum"), ([migration.number], [migration.name], [migration.checksum]))
        await store.insert(_RECORD, row)
    await check_settings(store)
    return missing


def _refuse_changed(migrations: list[Migration], recorded: dict[int, tuple[str, str]]) -> None:
    known = {migration.number: migration for migration in migrations}
    for number, (name, checksum) in recorded.items():
        if number not in known:
            raise StoreError(f"the store has migration {number:04d}_{name}, this program has not: start the newer ikm")
        if known[number].checksum != checksum:
            raise StoreError(
                f"migration {number:04d}_{name} was applied with checksum {checksum[:12]}, the file now has "
                f"{known[number].checksum[:12]}: undo the change and put it into a new migration"
            )
