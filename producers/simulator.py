"""Runs the simulated city against a log: its past once, then answer after answer, or many at once."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from ikm.events import Event
from producers.city import city, register
from producers.log_writer import Unacknowledged
from producers.publisher import ResponsePublisher
from producers.simulate import MONTH_MS, Emission, Simulation, events, rush_clock
from producers.timeline import Live, Past
from producers.unit_register import UnitRegister
from runtime.clock import Clock
from runtime.logging import logger
from runtime.units import UnitsStore

log = logger(__name__)

PAST_PER_WEEK = 2_800
"""Answers of the time before the first run: enough that most units have a figure, few enough to be there at once."""
CHUNK = 1_000
ACKNOWLEDGED_WITHIN_S = 30.0
CATCH_UP_MS = 10_000
"""After a pause of this process so much is made up for, and no more: it has no past to mend."""
TICK_S = 0.02
RETRY_PAUSE_S = 1.0

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Simulator:
    """The city with its seed, and the doors to the log and the register."""

    seed: int
    publisher: ResponsePublisher
    register: UnitRegister
    units: UnitsStore
    clock: Clock

    async def settle(self, *, history_ms: int = MONTH_MS) -> int:
        """Make the city known: on the first run its past, then its units; later only the units that have changed.

        The units come last, so that a run that died half-way begins again; the past is the same each time.

        Args:
            history_ms: how much past a first run gets.

        Returns:
            How many answers of the past were written.

        Raises:
            Unacknowledged: Kafka did not take it in time; repeating is safe.
        """
        units = register()
        is_first = all(self.units.get(unit.code) is None for unit in units)
        told = 0
        if is_first:
            now = self.clock()
            past = Past(rush_clock(city()), PAST_PER_WEEK)
            simulation = Simulation(self.seed, past, city())
            told = await self._publish(simulation.emissions(past.numbers(now - history_ms, now)))
        await self.register.put_all([unit for unit in units if self.units.get(unit.code) != unit])
        return told

    async def rush(self, count: int, start_ms: int, span_ms: int, on_progress: Progress) -> int:
        """Write `count` events over a span as fast as Kafka takes them; the same arguments give the same ones."""
        return await self._publish(events(self.seed, start_ms, count, span_ms=span_ms), on_progress)

    async def live(self, rate: float, *, limit: int | None = None) -> int:
        """Write `rate` events a second from now on, for ever or up to a limit; returns how many.

        While Kafka does not take them the same ones are tried again.
        """
        timeline = Live(rate)
        simulation = Simulation(self.seed, timeline, city())
        number, told = timeline.first(self.clock()), 0
        while limit is None or told < limit:
            now = self.clock()
            number, due = max(number, timeline.first(now - CATCH_UP_MS)), timeline.first(now)
            end = due if limit is None else min(due, number + limit - told)
            chunk = range(number, min(end, number + CHUNK))
            if not chunk:
                await asyncio.sleep(max(TICK_S, (timeline.moment(number).ms - self.clock()) / 1000))
            elif await self._try(simulation.emissions(chunk)):
                number, told = chunk.stop, told + len(chunk)
        return told

    async def _try(self, emissions: Iterable[Emission]) -> bool:
        try:
            await self._publish(emissions)
        except Unacknowledged as error:
            log.warning("simulation_waits", error=str(error))
            await asyncio.sleep(RETRY_PAUSE_S)
            return False
        return True

    async def _publish(self, emissions: Iterable[Emission], on_progress: Progress = lambda _: None) -> int:
        told = 0
        for chunk in _chunks(emissions):
            await self.publisher.publish(chunk, received_ms=self.clock(), timeout_s=ACKNOWLEDGED_WITHIN_S)
            on_progress(len(chunk))
            told += len(chunk)
        return told


def _chunks(emissions: Iterable[Emission]) -> Iterator[list[Event]]:
    stream = iter(emissions)
    while chunk := [emission.event for emission in islice(stream, CHUNK)]:
        yield chunk
