"""Closes periods: reads what was counted, checks it against the events, publishes it, and waits until it can be read.

Closings are decided by the log: two that close at once both publish number 0, and everybody, they too, takes the first.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ikm.closing import Act, Closing, Counted, closing_of
from ikm.index import INDICES
from ikm.partition import partition_of
from ikm.period import Period
from ikm.position import Position
from ikm.registry import Unit
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import rfc3339_ms
from runtime import kafka, metrics
from runtime.clickhouse import Store
from runtime.clock import Clock
from runtime.closings import ClosingsTable
from runtime.crash import crash_point
from runtime.logging import logger
from runtime.reached import PATIENCE_S, Names, Reached
from runtime.recompute import recompute

log = logger(__name__)

_BATCH: Final = 100

_COUNTED: Final = """
SELECT toString(`index`) AS code, toUInt64(sumIf(n, inside)), toUInt64(sumIf(sum_x, inside)),
       toUInt64(sumIf(sum_xx, inside)), sumForEachIf(histogram, inside), sumForEachIf(parts, inside),
       maxIf(toUnixTimestamp(assumeNotNull(watermark)), inside AND n > 0), max(offset)
FROM (
    SELECT *, toUnixTimestamp(hour) >= {from:Int64} AND toUnixTimestamp(hour) < {to:Int64} AS inside
    FROM ikm.buckets FINAL WHERE unit = {unit:String} AND epoch = {log:UInt64}
)
GROUP BY code"""
"""One reading of all of a unit's buckets: the greatest offset among them is a position that they are exact at."""


class Differs(Exception):  # noqa: N818 - an outcome
    """The figures to be frozen are not what the events give; nothing of that unit was published."""


class NotClosed(Exception):  # noqa: N818 - an outcome
    """There is nothing yet that could be corrected."""


class Overtaken(Exception):  # noqa: N818 - an outcome
    """Another correction got the number."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A period of a unit, and the indices that are to be frozen."""

    unit: Unit
    period: Period
    indices: tuple[str, ...] = tuple(INDICES)


@dataclass(frozen=True, slots=True)
class Left:
    """What could not be closed: the store is behind the log, or the figures differ from the events."""

    behind: Sequence[Wanted] = ()
    differing: Sequence[Wanted] = ()


class Closer:
    """Whoever closes has one.

    Args:
        bootstrap: Kafka's addresses.
        store: ClickHouse with the sink's tables.
        log_id: the log's epoch.
        clock: says when it was closed.
        names: the topics; a test has its own.
    """

    def __init__(self, bootstrap: str, store: Store, log_id: int, *, clock: Clock, names: Names | None = None) -> None:
        self.table = ClosingsTable(store, log_id)
        self._bootstrap, self._store, self._log, self._clock = bootstrap, store, log_id, clock
        self._names = names or Names()
        self._reached = Reached(bootstrap, store, log_id, self._names)
        self._one_by_one = asyncio.Lock()

    async def close(self, unit: Unit, period: Period, by: str, *, patience_s: float = PATIENCE_S) -> None:
        """Freeze every index of a unit's period that is not frozen yet; when it returns it can be read.

        Raises:
            NotReady: repeat it.
            Differs: cure it first.
        """
        async with self._one_by_one:
            await self._reached.wait_ready(unit.code, patience_s)
            frozen = await self.table.of_period(unit.code, period.code)
            missing = tuple(index for index in INDICES if (index, 0) not in frozen)
            if missing and await self._freeze([Wanted(unit, period, missing)], Act(by, self._clock())):
                raise Differs(f"the figures of unit {unit.code} in {period.code} differ from what the events give")

    async def correct(
        self, unit: Unit, period: Period, by: str, reason: str, *, patience_s: float = PATIENCE_S
    ) -> None:
        """Publish the live figures of a closed period under the next number.

        Raises:
            NotClosed: close it first.
            Overtaken: read what the other one says first.
            NotReady: repeat it; it may have been published, then there will be one number more.
            Differs: cure it first.
        """
        async with self._one_by_one:
            await self._reached.wait_ready(unit.code, patience_s)
            frozen = await self.table.of_period(unit.code, period.code)
            indices = tuple(index for index in INDICES if (index, 0) in frozen)
            if not indices:
                raise NotClosed(f"period {period.code} of unit {unit.code} is not closed")
            number = 1 + max(number for _, number in frozen)
            act = Act(by, self._clock(), number, reason)
            if await self._freeze([Wanted(unit, period, indices)], act):
                raise Differs(f"the figures of unit {unit.code} in {period.code} differ from what the events give")
            first = (await self.table.of_period(unit.code, period.code))[indices[0], number]
            if (first.closed_at, first.closed_by, first.reason) != (rfc3339_ms(act.at_ms), by, reason):
                raise Overtaken(f"number {number} of unit {unit.code} in {period.code} is another's: {first.reason}")

    async def close_due(self, wanted: Sequence[Wanted], by: str) -> Left:
        """Freeze many periods, as far as the store has read the log.

        Raises:
            NotReady: the closings or the archive did not come in time.
        """
        if not wanted:
            return Left()
        async with self._one_by_one:
            places = {one.unit.code: partition_of(one.unit.code, self._names.partitions) for one in wanted}
            ready = await self._reached.ready(set(places.values()), PATIENCE_S)
            now = [one for one in wanted if places[one.unit.code] in ready]
            differing: list[Wanted] = []
            for at in range(0, len(now), _BATCH):
                batch = now[at : at + _BATCH]
                units = await self._freeze(batch, Act(by, self._clock()))
                differing += [one for one in batch if one.unit.code in units]
        return Left([one for one in wanted if one not in now], differing)

    async def _freeze(self, wanted: Sequence[Wanted], act: Act) -> set[str]:
        """Publish what is equal to a recomputation; returns the units that are not, of which nothing is published."""
        closings = [closing for one in wanted for closing in await self._closings(one, act)]
        await self._reached.wait_archived(closing.where for closing in closings)
        differing = await recompute(self._store, closings, log=self._log, partitions=self._names.partitions)
        units = {found.closing.unit for found in differing}
        for found in differing:
            log.critical(
                "closing_differs",
                unit=found.closing.unit,
                closing=found.closing.label,
                expected=found.expected,
                found=found.found,
                cure="ikm verify, then ikm replay",
            )
        metrics.CLOSINGS.labels("refused").inc(len(differing))
        good = [closing for closing in closings if closing.unit not in units]
        if good:
            await self._publish(good)
        return units

    async def _closings(self, wanted: Wanted, act: Act) -> list[Closing]:
        unit, period = wanted.unit, wanted.period
        cards, position = await self._counted(unit.code, period)
        return [
            closing_of(unit, index, period, Counted(*cards[index], position), act, tree=(unit.code,))
            for index in wanted.indices
        ]

    async def _counted(self, unit: str, period: Period) -> tuple[Mapping[str, tuple[Scorecard, int | None]], Position]:
        """By index scorecard and watermark (minute) of a unit alone in [from, to), and the position they are true at.

        The progress is read first: what it speaks of is in the rows that are read next, and a row beyond it comes with
        everything before it.
        """
        partition = partition_of(unit, self._names.partitions)
        reached = (await self._reached.progress())[self._names.scorecards].get(partition, 0)
        span = {"from": 60 * period.from_minute, "to": 60 * period.to_minute}
        rows = await self._store.rows(_COUNTED, {"unit": unit, "log": self._log, **span})
        cards: dict[str, tuple[Scorecard, int | None]] = {
            index: (layout.empty, None) for index, layout in LAYOUTS.items()
        }
        for code, n, sum_x, sum_xx, histogram, parts, watermark, offset in rows:
            reached = max(reached, offset)
            if n:
                cards[code] = Scorecard(n, sum_x, sum_xx, tuple(histogram), tuple(parts)), watermark // 60
        return cards, Position(self._log, {partition: reached})

    async def _publish(self, closings: Sequence[Closing]) -> None:
        producer = kafka.producer(self._bootstrap, client_id="ikm-closer")
        crash_point("close.before_publish")
        await producer.start()
        try:
            sent = [
                await producer.send(
                    self._names.periods,
                    closing.model_dump_json().encode(),
                    key=closing.unit.encode(),
                    partition=0,
                    headers=[("content-type", b"application/json")],
                    timestamp_ms=self._clock(),
                )
                for closing in closings
            ]
            end = 1 + max([(await receipt).offset for receipt in sent])
        finally:
            await producer.stop()
        crash_point("close.after_publish")
        metrics.CLOSINGS.labels("published").inc(len(closings))
        log.info("periods_closed", closings=len(closings), units=len({closing.unit for closing in closings}))
        await self._reached.wait(self._names.periods, {0: end}, PATIENCE_S)
