"""What an API would show of a world, and what the truth check reads of its log."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

from api.index_store import IndexStore
from api.public_frames import PublicFrames
from api.verify_log import LogReader
from api.verify_snapshot import Snapshot
from ikm.book import Book
from runtime.reached import Names
from runtime.topics import INDEX
from runtime.units import UnitsStore
from stream_processors.publication import progress_record
from tests.store.world import NOW_MS, World


def reader(world: World) -> LogReader:
    topics = world.topics
    names = Names(topics.responses, topics.scorecards, topics.periods, topics.partitions)
    return LogReader(world.bootstrap, names, topics.units, topics.rejected)


@asynccontextmanager
async def following(world: World) -> AsyncIterator[UnitsStore]:
    """The register of the world, read to its end."""
    units = UnitsStore(world.bootstrap, clock=lambda: NOW_MS, topic=world.topics.units)
    await units.start()
    try:
        await units.wait_ready()
        yield units
    finally:
        await units.stop()


def shown(world: World, units: UnitsStore, now_ms: int = NOW_MS) -> Snapshot:
    """What was published last, by workers that have all reached the same minute."""
    figures = IndexStore(world.bootstrap, log_epoch=world.log, clock=lambda: now_ms)
    figures._follower._ends = {}
    for value in world.values.values():
        figures.apply(SimpleNamespace(key=b"figure", value=json.dumps(value).encode(), partition=0, offset=0))
    idle = Book(writer="test", log=world.log)
    idle.advance(now_ms)
    for partition in range(INDEX.partitions):
        said = progress_record(
            partition, world.progress.get(partition, 0), world.books.get(partition, idle), now_ms, whole=True
        )
        figures.apply(SimpleNamespace(key=said.key, value=said.value, partition=partition, offset=0))
    return Snapshot.of(figures, units, PublicFrames(world.bootstrap, figures, log_epoch=world.log), lambda: now_ms)
