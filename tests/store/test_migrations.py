from dataclasses import replace
from pathlib import Path

import pytest

from runtime.clickhouse import (
    INSERT_SETTINGS,
    TABLE_SETTINGS,
    Columns,
    Lane,
    Store,
    StoreError,
    check_settings,
    connect,
)
from sinks.migrations import load, migrate
from tests.store.waiting import count


async def test_migrations_are_applied_once(store: Store) -> None:
    assert await migrate(store) == []
    listed = "SELECT name FROM system.tables WHERE database = 'ikm' AND engine != 'View' AND name NOT LIKE 'ref_%'"
    names = {name for (name,) in await store.rows(listed, lane=Lane.CHECK)}
    tables = {
        "events",
        "responses",
        "buckets",
        "days",
        "months",
        "live",
        "cells",
        "cell_changes",
        "units",
        "periods",
        "progress",
        "migrations",
    }
    tables |= {"rejections", "quality", "ops", "frames", "standing", "tree", "tree_days"}
    assert names == tables


async def test_a_changed_migration_is_refused(store: Store) -> None:
    first, *rest = load()
    with pytest.raises(StoreError, match=r"0001_events was applied with checksum .* undo the change"):
        await migrate(store, [replace(first, sql=first.sql + "-- changed"), *rest])


async def test_a_store_of_a_newer_program_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match=r"has migration 0004_progress, this program has not: start the newer ikm"):
        await migrate(store, load()[:3])


async def test_two_files_of_one_number_are_refused(tmp_path: Path) -> None:
    for name in ("0001_a.sql", "0001_b.sql"):
        (tmp_path / name).write_text("SELECT 1;")
    with pytest.raises(StoreError, match="number 0001"):
        load(tmp_path)


async def test_every_table_is_durable_and_knows_its_tokens(store: Store) -> None:
    await check_settings(store)
    await store.command("ALTER TABLE ikm.events MODIFY SETTING fsync_after_insert = 0")
    with pytest.raises(StoreError, match=r"ikm\.events must have fsync_after_insert = 1: ALTER TABLE"):
        await check_settings(store)
    assert INSERT_SETTINGS["async_insert"] == "0"
    assert TABLE_SETTINGS.keys() == {
        "non_replicated_deduplication_window",
        "fsync_after_insert",
        "fsync_part_directory",
    }


async def test_an_insert_is_one_part_and_its_token_drops_a_repetition(store: Store) -> None:
    rows = Columns(
        ("topic", "partition", "log", "next_offset", "source_offset", "at"),
        [["t"] * 40_000, [0] * 40_000, [1] * 40_000, list(range(40_000)), [0] * 40_000, [0] * 40_000],
    )
    await store.command("CREATE TABLE ikm.plain AS ikm.progress ENGINE = MergeTree ORDER BY next_offset SETTINGS "
                        "non_replicated_deduplication_window = 100")  # fmt: skip
    await store.command("SYSTEM STOP MERGES ikm.plain")
    for token in ("a", "a", "b"):
        await store.insert("ikm.plain", rows, token)
    parts = "SELECT count() FROM system.parts WHERE active AND database = 'ikm' AND table = 'plain'"
    assert await count(store, parts) == 2
    assert await count(store, "SELECT count() FROM ikm.plain") == 80_000


async def test_a_path_has_one_owner(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        await connect(f"chdb://{tmp_path / 'another'}")


async def test_a_server_that_is_not_there_is_said_in_one_line_without_the_password() -> None:
    with pytest.raises(StoreError, match="check IKM_CLICKHOUSE") as caught:
        await connect("http://ikm:secret@127.0.0.1:9")
    assert "secret" not in str(caught.value)
