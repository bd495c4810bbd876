"""Figures of a unit together with the units below it: pooled over respondents, or the simple mean of the units."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from api.body import Shown, index_body, of_units, shown, shown_mean, trend_body
from api.figures import HISTORY_POLL_S, History, Hours, hours_of
from api.frozen import Version, chosen, frozen_version, live_version, stays_near
from api.index_store import IndexStore, published, require_figures
from api.public_frames import Key, PublicFrames
from api.query import Reach
from ikm.figure import Headline, headline, mean_figure
from ikm.frame import may_show, pooled_is_public
from ikm.index import Index
from ikm.members import population_of
from ikm.period import Period
from ikm.position import Position
from ikm.registry import Unit
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.steps import Step
from ikm.times import MS_PER_HOUR, MS_PER_MINUTE
from ikm.window import WINDOWS
from runtime.clock import Clock
from runtime.units import UnitsStore
from runtime.web import unavailable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Counted:
    """What was counted over [from, to) in UTC epoch minutes, and in which units; an empty unit has an empty card."""

    from_minute: int
    to_minute: int
    watermark: int | None
    cards: Mapping[str, Scorecard]


class _Once(Generic[T]):
    """A read that is made when it is first asked for, and then known to all who ask."""

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._made: asyncio.Future[T] | None = None

    async def __call__(self) -> T:
        if self._made is None:
            self._made = asyncio.ensure_future(self._read())
        return await asyncio.shield(self._made)


class RollUps:
    """The reads of `scope=pooled` and `scope=mean`."""

    def __init__(
        self, units: UnitsStore, figures: IndexStore, history: History, frames: PublicFrames, clock: Clock
    ) -> None:
        """Wire the reads to their sources."""
        self._units = units
        self._figures = figures
        self._history = history
        self._frames = frames
        self._clock = clock

    def window(self, unit: Unit, index: Index, window: str, reach: Reach, *, public: bool) -> dict[str, Any]:
        """A rolling window over the current tree, for the newest minute that every partition has reached.

        Raises:
            Problem: 503, there is none yet.
        """
        require_figures(self._figures)
        minute = self._figures.minutes.common
        if minute is None:
            raise unavailable("not every worker has published yet: try again in a second")
        members = {unit.code} | self._units.tree().descendants(unit.code, self._clock())
        held = self._figures.minutes.at(minute, members, index.code)
        found = {code: published(index.code, value, window) for code, value in held.items()}
        start, end = WINDOWS[window].bounds((minute - 1) * MS_PER_MINUTE)
        counted = _Counted(
            start,
            end,
            max((one.watermark for one in found.values() if one.watermark is not None), default=None),
            {code: found[code].card if code in found else LAYOUTS[index.code].empty for code in members},
        )
        frames = {code: self._frames.of_window(code, index, window) for code in found} if public else None
        return self._body(unit, index, counted, reach, label=("window", window), frames=frames)

    async def period(
        self, unit: Unit, index: Index, period: Period, reach: Reach, version: Version = None, *, public: bool
    ) -> dict[str, Any]:
        """A calendar period in the zone of the unit that is asked for: as it was frozen, or live.

        By the tree of today it is always live: a frozen figure has the units that it was frozen with.

        Raises:
            Problem: 404, the period has no such version.
        """
        hours = self._hours(unit, period.from_minute, period.to_minute, current=reach.current)
        counted, closings = await asyncio.gather(
            self._count(index, period.from_minute, period.to_minute, hours),
            self._history.closings(unit.code, index.code, period.code, reach.scope),
        )
        closing = chosen({} if reach.current else closings, version, unit.code, period.code)
        frames = await self._period_frames(index, hours, counted.cards) if public else None
        if closing is None:
            body = self._body(unit, index, counted, reach, label=("period", period.code), frames=frames)
            return live_version(body)
        seen = _seen(frames, counted.cards)
        return frozen_version(
            unit,
            index,
            closing,
            _together(index, list(counted.cards.values()), reach).figure,
            now_ms=self._clock(),
            public=public,
            frame=_together(index, list(seen.values()), reach) if seen and stays_near(closing, seen) else None,
            live_is_public=pooled_is_public([card.n for card in counted.cards.values()]),
        )

    async def span(self, unit: Unit, index: Index, from_minute: int, to_minute: int, reach: Reach) -> dict[str, Any]:
        """Any span of whole hours, for whoever may see everything."""
        hours = self._hours(unit, from_minute, to_minute, current=reach.current)
        return self._body(unit, index, await self._count(index, from_minute, to_minute, hours), reach)

    async def trend(self, unit: Unit, index: Index, by: str, steps: list[Step], reach: Reach) -> dict[str, Any]:
        """The figures of steps that follow each other, at least one, for whoever may see everything."""
        progress = await self._history.progress()  # first: what is read after it has at least that
        units = self._hours(unit, steps[0].from_minute, steps[-1].to_minute, current=reach.current)
        hours, pooled = hours_of(steps), reach.scope == "pooled"
        found = await self._history.read_units_steps(index.code, units, hours, apart=not pooled)
        figures = [_headline(index, found.get(hour, []), pooled=pooled) for hour in hours[:-1]]
        return trend_body(
            unit,
            index,
            list(zip(steps, figures, strict=True)),
            scope=reach.scope,
            by=by,
            now_ms=self._clock(),
            position=Position(self._figures.log_epoch, progress),
        )

    async def wait_published(self, _unit: Unit, after: Position, *, timeout_s: float) -> None:
        """Wait until windows include everything before a position; raises TimeoutError."""
        await self._figures.wait_common(after.offsets, timeout_s=timeout_s)

    async def wait_history(self, _unit: Unit, after: Position, *, timeout_s: float) -> None:
        """Wait until hours include everything before a position; raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not _reached(await self._history.progress(), after):  # noqa: ASYNC110 - a table can't notify
                await asyncio.sleep(HISTORY_POLL_S)

    async def _count(self, index: Index, from_minute: int, to_minute: int, hours: Mapping[str, Hours]) -> _Counted:
        found = await self._history.read_units(index.code, hours)
        empty = LAYOUTS[index.code].empty
        return _Counted(
            from_minute,
            to_minute,
            max((watermark for _, watermark in found.values()), default=None),
            {code: found[code][0] if code in found else empty for code in hours},
        )

    def _hours(self, unit: Unit, from_minute: int, to_minute: int, *, current: bool) -> Mapping[str, Hours]:
        tree = self._units.tree()
        if current:
            members = {unit.code} | tree.descendants(unit.code, self._clock())
            return {code: [(from_minute // 60, to_minute // 60)] for code in members}
        times = tree.members(unit.code, from_minute * MS_PER_MINUTE, to_minute * MS_PER_MINUTE)
        return {
            code: [(start // MS_PER_HOUR, end // MS_PER_HOUR) for start, end in spans] for code, spans in times.items()
        }

    async def _period_frames(
        self, index: Index, hours: Mapping[str, Hours], cards: Mapping[str, Scorecard]
    ) -> Mapping[str, Scorecard | None]:
        """The public frame of each unit that counts in one span; of one that came and went and came there is none."""
        whole = {code: spans for code, spans in hours.items() if len(spans) == 1 and cards[code].n}
        progress = _Once(self._history.progress)
        newer = _Once(lambda: self._history.read_units(index.code, whole))

        async def frame(code: str) -> Scorecard | None:
            async def again() -> Scorecard:
                found = (await newer()).get(code)
                return LAYOUTS[index.code].empty if found is None else found[0]

            ((first, end),) = whole[code]
            key = Key(code, index.code, first * 60, end * 60)
            return await self._frames.of_span(key, index, cards[code], progress=progress, again=again)

        return dict(zip(whole, await asyncio.gather(*map(frame, whole)), strict=True))

    def _body(
        self,
        unit: Unit,
        index: Index,
        counted: _Counted,
        reach: Reach,
        *,
        label: tuple[str, str] | None = None,
        frames: Mapping[str, Scorecard | None] | None = None,
    ) -> dict[str, Any]:
        """The body; for the public if it is given the units' frames.

        Its elements are those of the frames that the public may see of each unit by itself: so they tell nothing that
        those do not.
        """
        cards = list(counted.cards.values())
        seen = list(_seen(frames, counted.cards).values())
        body = index_body(
            unit.model_copy(update={"population": self._population(counted)}),
            index,
            _together(index, cards, reach),
            label=label,
            from_minute=counted.from_minute,
            to_minute=counted.to_minute,
            watermark=counted.watermark,
            now_ms=self._clock(),
            public=frames is not None,
            frame=_together(index, seen, reach) if seen else None,
        )
        return of_units(body, reach.scope, [card.n for card in cards], public=frames is not None)

    def _population(self, counted: _Counted) -> int | None:
        units = ((self._units.get(code), card.n) for code, card in counted.cards.items())
        return population_of((None if unit is None else unit.population, n) for unit, n in units)


def _seen(frames: Mapping[str, Scorecard | None] | None, cards: Mapping[str, Scorecard]) -> Mapping[str, Scorecard]:
    """The frames of units that the public may see."""
    return {
        code: frame for code, frame in (frames or {}).items() if frame is not None and may_show(frame.n, cards[code].n)
    }


def _together(index: Index, cards: Sequence[Scorecard], reach: Reach) -> Shown:
    return shown(index.code, LAYOUTS[index.code].total(cards)) if reach.scope == "pooled" else shown_mean(index, cards)


def _headline(index: Index, cards: Sequence[Scorecard], *, pooled: bool) -> Headline:
    return headline(index, LAYOUTS[index.code].total(cards)) if pooled or not cards else mean_figure(index, cards)


def _reached(progress: Mapping[int, int], after: Position) -> bool:
    return all(progress.get(partition, 0) >= offset for partition, offset in after.offsets.items())
