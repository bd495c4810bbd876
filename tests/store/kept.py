"""A filled store that is made once for the tests of a file: each alters a copy of its own."""

import copy
import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from runtime.clickhouse import Store, connect
from sinks.sink import Sink
from tests.prepared import prepared_store
from tests.store.world import World, opened_world


@dataclass(frozen=True, slots=True)
class Kept:
    """A world, which nobody adds to any more, and the directory of the closed store that holds it."""

    _world: World
    _path: Path

    def world(self) -> World:
        """The world, with published values that one may alter."""
        return replace(self._world, values=copy.deepcopy(self._world.values))

    @asynccontextmanager
    async def store(self, path: Path) -> AsyncIterator[Store]:
        """An open copy of the store at a path that is not there yet."""
        shutil.copytree(self._path, path, symlinks=True)
        opened = await connect(f"chdb://{path}")
        try:
            yield opened
        finally:
            await opened.close()


@asynccontextmanager
async def kept(
    bootstrap: str, home: Path, fill: Callable[[World, Store, Callable[..., Sink]], Awaitable[None]]
) -> AsyncIterator[Kept]:
    """Have a world and an empty store filled by a function that is also given how to make sinks for them."""
    async with opened_world(bootstrap) as world:
        store = await prepared_store(home / "store")
        prefix = f"sink-{uuid.uuid4().hex[:12]}"
        try:
            await fill(world, store, lambda **options: world.sink(store, prefix, **options))
        finally:
            await store.close()
        yield Kept(world, home / "store")
