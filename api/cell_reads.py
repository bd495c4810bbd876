"""Reads cells: an index by service, by channel and by each question of the profile, of one unit or of a tree."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.answers import Intervals
from api.body import HIDDEN
from api.cell_frames import CellFrames, Key, Shown
from api.figures import HISTORY_POLL_S, History
from api.query import Reach, Time, Window
from ikm.cell_frame import Open
from ikm.cells import named, scorecards
from ikm.figure import headline, tier
from ikm.index import Index
from ikm.partition import partition_of
from ikm.period import Period
from ikm.position import Position
from ikm.registry import Unit
from ikm.scorecard import Scorecard
from ikm.times import MS_PER_MINUTE, rfc3339_minute, rfc3339_ms
from ikm.window import WINDOWS
from runtime.clock import Clock
from runtime.topics import RESPONSES
from runtime.units import UnitsStore
from runtime.web import unavailable

_NOTHING: Final = {"value": None, "mutu": None, "tier": HIDDEN, "interval": None}
_MOST_KEPT: Final = 512

Reached = Mapping[int, int]
"""Partition -> position."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a unit's cells, of whichever kind."""

    index: Index
    time: Time
    reach: Reach

    def bounds(self, now_ms: int) -> tuple[int, int]:
        """[from, to) in UTC epoch minutes."""
        if isinstance(self.time, Window):
            return WINDOWS[self.time.code].bounds(now_ms)
        return self.time.from_minute, self.time.to_minute

    @property
    def label(self) -> dict[str, str]:
        """Its name in a body, if it has one."""
        if isinstance(self.time, Window):
            return {"window": self.time.code}
        return {"period": self.time.code} if isinstance(self.time, Period) else {}

    @property
    def span(self) -> str:
        """What tables of the public are kept under."""
        if isinstance(self.time, Window):
            return self.time.code
        return f"{rfc3339_minute(self.time.from_minute)}/{rfc3339_minute(self.time.to_minute)}"


class CellReads:
    """The reads behind `GET /v1/units/{unit}/cells` and the board."""

    def __init__(
        self, units: UnitsStore, history: History, frames: CellFrames, *, log_epoch: int, lag_limit: int, clock: Clock
    ) -> None:
        """Wire the reads to their sources.

        Args:
            units: the register.
            history: ClickHouse.
            frames: what the public sees.
            log_epoch: the log that positions belong to.
            lag_limit: records by which the answers may lie behind the hours before nothing is read.
            clock: the one clock.
        """
        self._units, self._history, self._frames = units, history, frames
        self._log, self._lag_limit, self._clock = log_epoch, lag_limit, clock
        self._kept: dict[tuple[Any, ...], tuple[Reached, asyncio.Task[dict[str, Scorecard]]]] = {}

    async def read(self, unit: Unit, kinds: Iterable[str], asked: Asked, *, public: bool) -> list[dict[str, Any]]:
        """The bodies of `GET /v1/units/{unit}/cells`, one for each kind.

        Raises:
            Problem: 503, the store has not read the answers yet.
        """
        now_ms = self._clock()
        begin, end = asked.bounds(now_ms)
        spans = self._spans(unit, asked.reach, begin * MS_PER_MINUTE, end * MS_PER_MINUTE, now_ms)
        reached = await self._reached(spans)
        services = self._services(unit, spans)
        about = {
            "scope": asked.reach.scope,
            **asked.label,
            "from": rfc3339_minute(begin),
            "to": rfc3339_minute(end),
            "as_of": rfc3339_ms(now_ms),
            "position": Position(self._log, reached).encode(),
        }
        bodies = []
        for kind in kinds:
            cards = await self._cards(asked.index, kind, spans, reached)
            if public:
                shown = await self._frames.shown(Key(unit.code, asked.index.code, kind, asked.span), cards)
                items = _public(asked.index, named(kind, shown, services), shown)
            else:
                items = [_item(asked.index, *cell, cards.get(cell[0])) for cell in named(kind, cards, services).items()]
            bodies.append({"unit": unit.code, "index": asked.index.code, "by": kind, **about, "items": items})
        return bodies

    async def wait(self, reach: Reach, unit: Unit, after: Position, *, timeout_s: float) -> None:
        """Wait until the answers include everything before a position; raises TimeoutError."""
        own = partition_of(unit.code, RESPONSES.partitions)
        needed = {p: offset for p, offset in after.offsets.items() if reach.scope != "self" or p == own}
        async with asyncio.timeout(timeout_s):
            while True:
                reached = await self._history.answers.progress()
                if all(reached.get(partition, 0) >= offset for partition, offset in needed.items()):
                    return
                await asyncio.sleep(HISTORY_POLL_S)

    async def _reached(self, spans: Mapping[str, Intervals]) -> Reached:
        """How far the answers of the units' partitions are, before anything of them is read."""
        partitions = sorted({partition_of(code, RESPONSES.partitions) for code in spans})
        found, hours = await asyncio.gather(self._history.answers.progress(), self._history.progress())
        reached = {partition: found.get(partition, 0) for partition in partitions}
        if any(hours.get(partition, 0) - offset > self._lag_limit for partition, offset in reached.items()):
            raise unavailable("the store is still reading the answers so far: try again in some seconds")
        return reached

    async def _cards(
        self, index: Index, kind: str, spans: Mapping[str, Intervals], reached: Reached
    ) -> Mapping[str, Scorecard]:
        """What the answers come to: read anew only when they have moved, and once for all who ask meanwhile."""
        key = index.code, kind, tuple((code, *each) for code, each in spans.items())
        kept = self._kept.get(key)
        if kept is None or kept[0] != reached or (kept[1].done() and kept[1].exception()):
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            kept = self._kept[key] = reached, asyncio.create_task(self._counted(index, kind, spans))
        return await asyncio.shield(kept[1])

    async def _counted(self, index: Index, kind: str, spans: Mapping[str, Intervals]) -> dict[str, Scorecard]:
        counted = await self._history.answers.counted(kind, spans)
        return await asyncio.to_thread(scorecards, index.code, kind, counted)

    def _spans(self, unit: Unit, reach: Reach, from_ms: int, to_ms: int, now_ms: int) -> Mapping[str, Intervals]:
        if reach.scope == "self":
            return {unit.code: [(from_ms, to_ms)]}
        tree = self._units.tree()
        if reach.current:
            return {code: [(from_ms, to_ms)] for code in {unit.code} | tree.descendants(unit.code, now_ms)}
        return tree.members(unit.code, from_ms, to_ms)

    def _services(self, unit: Unit, spans: Mapping[str, Intervals]) -> dict[str, str]:
        """Names by code: the unit's own first; of several units' services of one code the first one's name."""
        names: dict[str, str] = {}
        for code in (unit.code, *sorted(spans)):
            member = self._units.get(code)
            for service in (member.services or ()) if member else ():
                names.setdefault(service.code, service.name)
        return names


def _item(index: Index, cell: str, name: str, card: Scorecard | None) -> dict[str, Any]:
    place = {"cell": cell or None, "name": name}
    if card is None or card.n == 0:
        return {**place, "n": 0, **_NOTHING, "tier": tier(0, None)}
    short = headline(index, card)
    interval = None if short.interval is None else list(short.interval)
    said = {"value": short.value, "mutu": short.mutu, "tier": tier(card.n, None), "interval": interval}
    return {**place, "n": card.n, **said}


def _public(index: Index, names: Mapping[str, str], shown: Shown) -> list[dict[str, Any]]:
    items = []
    for cell, name in names.items():
        card, opened = shown.get(cell, (None, Open.NOTHING))
        if card is not None and opened is Open.FIGURE:
            items.append(_item(index, cell, name, card))
        else:
            items.append({"cell": cell or None, "name": name, "n": None if card is None else card.n, **_NOTHING})
    return items
