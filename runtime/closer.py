"""Closes periods: reads what was counted, checks it against the events, publishes it, and waits until it can be read.

Closings are decided by the log: two that close at once both publish number 0, and everybody, they too, takes the first.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ikm.closing import SCOPES, Closing, Scope
from ikm.freeze import Act, closing_of
from ikm.index import INDICES
from ikm.members import Members, alone
from ikm.partition import partition_of
from ikm.period import Period
from ikm.registry import Unit
from ikm.times import rfc3339_ms
from runtime import kafka, metrics
from runtime.clickhouse import Store
from runtime.clock import Clock
from runtime.closings import ClosingsTable
from runtime.counted import read_counted
from runtime.crash import crash_point
from runtime.logging import logger
from runtime.reached import PATIENCE_S, Names, Reached
from runtime.recompute import recompute
from runtime.tree_check import wrong_trees

log = logger(__name__)

_BATCH: Final = 100


class Differs(Exception):  # noqa: N818 - an outcome
    """Figures that were to be frozen are not what the events give; of their scope nothing was published."""


class NotClosed(Exception):  # noqa: N818 - an outcome
    """There is nothing yet that could be corrected."""


class Overtaken(Exception):  # noqa: N818 - an outcome
    """Another correction got the number."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A period of a unit, the units that count in its tree, and what is to be frozen of it."""

    unit: Unit
    period: Period
    members: Members
    figures: tuple[tuple[Scope, str], ...]
    """Scopes with their indices."""


@dataclass(frozen=True, slots=True)
class Left:
    """What could not be closed: the store is behind the log, or the figures differ from the events."""

    behind: Sequence[Wanted] = ()
    differing: Sequence[Wanted] = ()


def scopes_of(members: Members) -> tuple[Scope, ...]:
    """What there is to close: of a unit that nobody stands below, itself alone."""
    return SCOPES if len(members) > 1 else ("self",)


class Closer:
    """Whoever closes has one.

    Args:
        bootstrap: Kafka's addresses.
        store: ClickHouse with the sink's tables.
        log_id: the log's epoch.
        clock: says when it was closed.
        register: all versions of all units as they are known now; trees are checked against it.
        names: the topics; a test has its own.
    """

    def __init__(
        self,
        bootstrap: str,
        store: Store,
        log_id: int,
        *,
        clock: Clock,
        register: Callable[[], Iterable[Unit]],
        names: Names | None = None,
    ) -> None:
        self.table = ClosingsTable(store, log_id)
        self._bootstrap, self._store, self._log, self._clock = bootstrap, store, log_id, clock
        self._register, self._names = register, names or Names()
        self._reached = Reached(bootstrap, store, log_id, self._names)
        self._one_by_one = asyncio.Lock()

    async def close(
        self,
        unit: Unit,
        period: Period,
        by: str,
        *,
        members: Members | None = None,
        scopes: Sequence[Scope] | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Freeze every index of a unit's period that is not frozen yet; when it returns it can be read.

        Args:
            unit: in the version that is in force.
            period: of its calendar.
            by: who closes.
            members: the units that count in its tree; by default it stands alone.
            scopes: which ones, by default all that there are.
            patience_s: how long to wait for the store.

        Raises:
            NotReady: repeat it.
            Differs: cure it first.
        """
        members = members or alone(unit, period)
        wanted = [(scope, index) for scope in scopes or scopes_of(members) for index in INDICES]
        async with self._one_by_one:
            await self._reached.wait_ready(members, patience_s)
            frozen = await self.table.of_period(unit.code, period.code)
            missing = tuple(figure for figure in wanted if (*figure, 0) not in frozen)
            if missing:
                await self._freeze_one(Wanted(unit, period, members, missing), Act(by, self._clock()))

    async def correct(
        self,
        unit: Unit,
        period: Period,
        by: str,
        reason: str,
        *,
        members: Members | None = None,
        scopes: Sequence[Scope] = SCOPES,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Publish the live figures of a closed period under the next number of each scope that is closed.

        Raises:
            NotClosed: close it first.
            Overtaken: read what the other one says first.
            NotReady: repeat it; it may have been published, then there will be one number more.
            Differs: cure it first.
        """
        members = members or alone(unit, period)
        async with self._one_by_one:
            await self._reached.wait_ready(members, patience_s)
            frozen = await self.table.of_period(unit.code, period.code, scopes=scopes)
            closed = [scope for scope in scopes if any((scope, index, 0) in frozen for index in INDICES)]
            if not closed:
                raise NotClosed(f"period {period.code} of unit {unit.code} is not closed")
            for scope in closed:
                figures = tuple((scope, index) for index in INDICES if (scope, index, 0) in frozen)
                number = 1 + max(number for of, _, number in frozen if of == scope)
                act = Act(by, self._clock(), number, reason)
                await self._freeze_one(Wanted(unit, period, members, figures), act)
                await self._require_ours(unit, period, figures[0], act)

    async def close_due(self, wanted: Sequence[Wanted], by: str) -> Left:
        """Freeze many periods, as far as the store has read the log.

        Raises:
            NotReady: the closings or the archive did not come in time.
        """
        if not wanted:
            return Left()
        count = self._names.partitions
        async with self._one_by_one:
            places = [{partition_of(code, count) for code in one.members} for one in wanted]
            ready = await self._reached.ready(set[int]().union(*places), PATIENCE_S)
            now = [one for one, needed in zip(wanted, places, strict=True) if needed <= ready]
            behind = [one for one, needed in zip(wanted, places, strict=True) if not needed <= ready]
            differing: list[Wanted] = []
            for at in range(0, len(now), _BATCH):
                differing += await self._freeze(now[at : at + _BATCH], Act(by, self._clock()))
        return Left(behind, differing)

    async def _freeze_one(self, wanted: Wanted, act: Act) -> None:
        if await self._freeze([wanted], act):
            whose = f"unit {wanted.unit.code} in {wanted.period.code}"
            raise Differs(f"figures of {whose} differ from what the events give")

    async def _freeze(self, wanted: Sequence[Wanted], act: Act) -> list[Wanted]:
        """Publish what is equal to a recomputation; returns whatever has a scope that is not, which is left out."""
        closings = [closing for one in wanted for closing in await self._closings(one, act)]
        await self._reached.wait_archived(closing.where for closing in closings)
        differing = await recompute(self._store, closings, log=self._log, partitions=self._names.partitions)
        for found in differing:
            log.critical(
                "closing_differs",
                unit=found.closing.unit,
                closing=found.closing.label,
                member=found.member,
                expected=found.expected,
                found=found.found,
                cure="ikm verify, then ikm replay",
            )
        metrics.CLOSINGS.labels("refused").inc(len(differing))
        wrong = await wrong_trees(self._store, closings, self._register())
        for closing in wrong:
            log.critical("closing_tree_differs", unit=closing.unit, closing=closing.label, spans=closing.spans)
        metrics.CLOSINGS.labels("refused").inc(len(wrong))
        refused = {_what(closing) for closing in (*wrong, *(found.closing for found in differing))}
        good = [closing for closing in closings if _what(closing) not in refused]
        if good:
            await self._publish(good)
        return [
            one for one in wanted if any((one.unit.code, one.period.code, scope) in refused for scope, _ in one.figures)
        ]

    async def _closings(self, wanted: Wanted, act: Act) -> list[Closing]:
        """All scopes of one reading."""
        unit, period, itself = wanted.unit, wanted.period, alone(wanted.unit, wanted.period)
        tree = wanted.members if any(scope != "self" for scope, _ in wanted.figures) else itself
        reached = (await self._reached.progress())[self._names.scorecards]
        counted = await read_counted(
            self._store, tree, period, log=self._log, reached=reached, partitions=self._names.partitions
        )
        own = partition_of(unit.code, self._names.partitions)
        return [
            closing_of(unit, index, period, counted[index].of(unit.code, own), act, members=itself)
            if scope == "self"
            else closing_of(unit, index, period, counted[index], act, members=tree, scope=scope)
            for scope, index in wanted.figures
        ]

    async def _require_ours(self, unit: Unit, period: Period, figure: tuple[Scope, str], act: Act) -> None:
        first = (await self.table.of_period(unit.code, period.code, scopes=figure[:1]))[*figure, act.number]
        if (first.closed_at, first.closed_by, first.reason) != (rfc3339_ms(act.at_ms), act.by, act.reason):
            raise Overtaken(f"number {act.number} of unit {unit.code} in {period.code} is another's: {first.reason}")

    async def _publish(self, closings: Sequence[Closing]) -> None:
        # A tree's closing has a scorecard of each unit: some 300 bytes that compress to a tenth.
        producer = kafka.producer(self._bootstrap, client_id="ikm-closer", compression_type="gzip")
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


def _what(closing: Closing) -> tuple[str, str, str]:
    """What is frozen together or not at all: of a unit's period one scope, all its indices."""
    return closing.unit, closing.period, closing.scope
