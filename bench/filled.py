"""The whole system with answers of the past in the store."""

import contextlib
from collections.abc import AsyncIterator, Sequence

from bench.answers import Answers, post
from bench.load import put, records
from bench.system import System, running_system
from producers.city import CityUnit


@contextlib.asynccontextmanager
async def filled_system(units: Sequence[CityUnit], events: int, *, days: int) -> AsyncIterator[System]:
    """`ikm up` with these units registered and so many events about them, of so many days up to now, in its tables."""
    async with running_system([place.unit for place in units]) as system:
        await put(system.kafka, records(events, days=days, units=units))
        last = await post(system.http, Answers(5, system.units).many(500))  # about units of every partition
        await system.until_visible(last)
        print(f"  {events:,} events are in the store", flush=True)
        yield system
