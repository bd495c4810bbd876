"""The page of an organisation: how it stands as a whole, and its units, whoever asks for attention first."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.board import freshness, words
from api.board.figure import NO_TONE
from api.board.label import DEFAULT, Label
from api.board.reader import Body, PeriodStep, Reader, Rhythm
from api.board.row import Known, Row, row_of
from api.board.scale import Scale
from api.board.whole import Whole, heads_of, wholes
from ikm.attention import Standing, ranks
from ikm.index import Index
from ikm.registry import Unit
from runtime.logging import logger

log = logger(__name__)

KEEP_LIST_MS = 1_000
KEEP_PERIOD_MS = 10_000
WAIT_PERIOD_MS = 30_000
"""Where the past is older than it is kept, a page is made with it while it is read again; not where it is as old."""
HOME_ZONE = "Asia/Jakarta"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many units have a letter."""

    tone: str
    mutu: str | None
    name: str
    units: int


@dataclass(frozen=True, slots=True)
class _Past:
    """What is read every ten seconds: periods and rhythms, and the latest period of those without a current figure."""

    read_ms: int
    steps: Mapping[str, Sequence[PeriodStep]]
    rhythms: Mapping[str, Rhythm]
    older: Mapping[str, tuple[Label, Body]]
    wholes: tuple[Whole, ...]


class Listing:
    """Makes a list at most once a second for all who watch it, and asks for the past every ten seconds."""

    def __init__(self, reader: Reader, index: Index, scale: Scale) -> None:
        self._reader = reader
        self._index = index
        self._scale = scale
        self._lists: dict[tuple[object, ...], tuple[int, dict[str, Any]]] = {}
        self._past: dict[tuple[object, ...], _Past] = {}
        self._reading: dict[tuple[object, ...], asyncio.Task[_Past]] = {}
        self._making: dict[tuple[object, ...], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def values(self, below: str | None, *, member: bool) -> dict[str, Any] | None:
        """The values of `list.html`, at most a second old; None if `below` is given and is no unit.

        Args:
            below: only this unit and those below it.
            member: for whoever may see everything.
        """
        units = await self._reader.units()
        if below is not None:
            units = _subtree(units, below)
            if not units:
                return None
        key = (below, member, words.spoken())
        async with self._making[key]:
            made_ms, values = self._lists.get(key, (0, {}))
            now_ms = self._reader.now_ms()
            if not values or now_ms - made_ms > KEEP_LIST_MS:
                values = await self._make(units, key, now_ms, public=not member)
                self._lists[key] = (now_ms, values)
            return values

    async def _make(
        self, units: Sequence[Unit], key: tuple[object, ...], now_ms: int, *, public: bool
    ) -> dict[str, Any]:
        bodies = {
            unit.code: await self._reader.index(unit, self._index, DEFAULT.kind, DEFAULT.code, public) for unit in units
        }
        past = await self._read_past(units, bodies, key, now_ms, public=public)
        rows = self._rows(units, bodies, past, now_ms)
        zones = Counter(unit.zone for unit in units)
        zone = zones.most_common(1)[0][0] if zones else HOME_ZONE
        below = key[0]
        return {
            "rows": sorted(rows, key=_by_need),
            "tally": self._tally(rows),
            "silent": sum(row.silent is not None for row in rows),
            "fell": sum(row.fell for row in rows),
            "rose": sum(row.change is not None and not row.fell for row in rows),
            "unclosed": sorted(Counter(row.unclosed for row in rows if row.unclosed is not None).items()),
            "wholes": past.wholes,
            "below": None if below is None else next(unit for unit in units if unit.code == below),
            "label": DEFAULT.name,
            "freshness": freshness.of_list(sum(row.late for row in rows), len(rows), now_ms, zone),
            "member": not public,
        }

    async def _read_past(
        self,
        units: Sequence[Unit],
        bodies: Mapping[str, Body],
        key: tuple[object, ...],
        now_ms: int,
        *,
        public: bool,
    ) -> _Past:
        kept = self._past.get(key)
        if kept is None or now_ms - kept.read_ms > WAIT_PERIOD_MS:
            return await self._past_now(units, bodies, key, now_ms, public=public)
        if now_ms - kept.read_ms > KEEP_PERIOD_MS and key not in self._reading:
            reading = asyncio.create_task(self._past_now(units, bodies, key, now_ms, public=public))
            self._reading[key] = reading
            reading.add_done_callback(lambda done: self._read(key, done))
        return kept

    def _read(self, key: tuple[object, ...], done: asyncio.Task[_Past]) -> None:
        """A reading that failed is repeated by the next page, and told to whoever must wait for it."""
        del self._reading[key]
        if not done.cancelled() and (error := done.exception()) is not None:
            log.warning("past_not_read", error=repr(error))

    async def _past_now(
        self,
        units: Sequence[Unit],
        bodies: Mapping[str, Body],
        key: tuple[object, ...],
        now_ms: int,
        *,
        public: bool,
    ) -> _Past:
        older = await self._older_figures([u for u in units if bodies[u.code]["tier"] == "kosong"], public=public)
        heads = heads_of(units, str(key[0]) if key[0] else None)
        past = _Past(
            now_ms,
            await self._reader.steps(units),
            await self._reader.rhythms(),
            older,
            await wholes(self._reader, heads, self._scale, now_ms, public=public),
        )
        self._past[key] = past
        return past

    def _rows(self, units: Sequence[Unit], bodies: Mapping[str, Body], past: _Past, now_ms: int) -> list[Row]:
        standing = {code: one for code, body in bodies.items() if (one := _standing(body)) is not None}
        rank = dict(zip(standing, ranks(list(standing.values())), strict=True))
        rows = []
        for unit in units:
            label, body = DEFAULT, bodies[unit.code]
            if body["tier"] == "kosong":
                label, body = past.older.get(unit.code, (label, body))
            known = Known(
                label,
                body,
                past.steps.get(unit.code, ()),
                past.rhythms.get(unit.code),
                rank.get(unit.code),
                freshness.is_late(self._reader.worker_seen_ms(unit.code), now_ms),
            )
            rows.append(row_of(unit, known, self._scale, now_ms))
        return rows

    async def _older_figures(self, units: Sequence[Unit], *, public: bool) -> Mapping[str, tuple[Label, Body]]:
        """The latest period with answers, for units that have none in the default window."""
        if not units:
            return {}
        latest = await self._reader.latest_periods()
        labelled = [(unit, Label("period", latest[unit.code])) for unit in units if unit.code in latest]
        return {
            unit.code: (label, await self._reader.index(unit, self._index, label.kind, label.code, public))
            for unit, label in labelled
        }

    def _tally(self, rows: Sequence[Row]) -> tuple[Tally, ...]:
        units = Counter(row.figure.tone for row in rows)
        letters = (Tally(s.mutu, s.mutu, words.say(s.kinerja), units[s.mutu]) for s in self._scale.segments)
        return (*letters, Tally(NO_TONE, None, words.say("Tanpa angka"), units[NO_TONE]))


def _subtree(units: Sequence[Unit], code: str) -> list[Unit]:
    """A unit and those below it, by their parents of now; empty when there is no such unit."""
    children = defaultdict(list)
    for unit in units:
        children[unit.parent].append(unit)
    found = {unit.code: unit for unit in units if unit.code == code}
    waiting = list(found)
    while waiting:
        for child in children[waiting.pop()]:
            if child.code not in found:
                found[child.code] = child
                waiting.append(child.code)
    return list(found.values())


def _standing(body: Body) -> Standing | None:
    if body["value"] is None or body["interval"] is None:
        return None
    return Standing(body["n"], body["value"], tuple(body["interval"]))


def _by_need(row: Row) -> tuple[int, bool, float, str]:
    raw = row.figure.raw
    return -row.reasons, raw is None, raw or 0.0, row.name.casefold()
