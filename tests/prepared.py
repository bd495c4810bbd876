"""Stores with the whole schema, as copies of one that was made once: making it takes longer than most tests."""

import atexit
import shutil
import tempfile
from pathlib import Path

from runtime.clickhouse import Store, connect
from sinks.schema import prepare

_made: list[Path] = []


async def prepared_store(path: Path) -> Store:
    """An open, empty store at a path that is not there yet; a process has one embedded store at a time."""
    if not _made:
        home = Path(tempfile.mkdtemp(prefix="ikm-prepared-"))
        atexit.register(shutil.rmtree, home, ignore_errors=True)
        first = await connect(f"chdb://{home / 'store'}")
        try:
            await prepare(first)
        finally:
            await first.close()
        _made.append(home / "store")
    shutil.copytree(_made[0], path, symlinks=True)
    return await connect(f"chdb://{path}")
