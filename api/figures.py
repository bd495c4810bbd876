"""Reads figures: rolling windows from what the workers publish, calendar spans from ClickHouse's hours."""

import asyncio
from collections.abc import Awaitable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from api.answers import AnswersTable
from api.body import Shown, index_body, shown, trend_body
from api.frozen import Version, chosen, frozen_version, live_version, stays_near
from api.index_store import IndexStore, Published, require_figures
from api.public_frames import Key, PublicFrames
from ikm.attention import Standing
from ikm.closing import Closing, Scope
from ikm.figure import Headline, headline
from ikm.frame import may_show
from ikm.index import Index
from ikm.partition import partition_of
from ikm.period import Period
from ikm.position import RULES_VERSION, Position, Sequence
from ikm.registry import Unit
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.steps import Step
from ikm.times import MS_PER_MINUTE
from ikm.window import WINDOWS
from runtime.clock import Clock
from runtime.topics import RESPONSES

HISTORY_POLL_S = 0.05


Hours = list[tuple[int, int]]
"""Spans [from, to) of UTC epoch hours."""


def hours_of(steps: list[Step]) -> list[int]:
    """Where steps that follow each other begin, and where the last one ends, UTC epoch hours."""
    return [step.from_minute // 60 for step in steps] + [steps[-1].to_minute // 60]


class History(Protocol):
    """What is read from ClickHouse; hours are UTC epoch hours, spans are [from, to)."""

    def read(self, unit: str, index: str, from_hour: int, to_hour: int) -> Awaitable[tuple[Scorecard, int | None]]:
        """The scorecard of a span and its watermark in UTC epoch minutes."""

    def read_units(self, index: str, units: Mapping[str, Hours]) -> Awaitable[Mapping[str, tuple[Scorecard, int]]]:
        """Scorecard and watermark of each unit with a response in its spans."""

    def read_units_steps(
        self, index: str, units: Mapping[str, Hours], hours: list[int], *, apart: bool
    ) -> Awaitable[Mapping[int, list[Scorecard]]]:
        """First hour -> scorecards of spans as for `read_steps`, of units as for `read_units`, together or apart."""

    def read_steps(self, unit: str, index: str, hours: list[int]) -> Awaitable[Mapping[int, Scorecard]]:
        """First hour -> scorecard of spans that follow each other; `hours` are their beginnings and the last end."""

    def closings(self, unit: str, index: str, period: str, scope: Scope = "self") -> Awaitable[Mapping[int, Closing]]:
        """By number the closings of a unit's period in an index."""

    def frozen(
        self, index: str, units: Collection[str], periods: Collection[str]
    ) -> Awaitable[Mapping[str, Mapping[str, Standing | None]]]:
        """Unit -> period -> its latest frozen figure in short, of those that are closed."""

    @property
    def answers(self) -> AnswersTable:
        """The answers themselves, by what else was said."""

    def progress(self) -> Awaitable[Mapping[int, int]]:
        """Per source partition the offset up to which the hours are complete."""

    def rhythms(self, index: str) -> Awaitable[Mapping[str, tuple[int, float | None]]]:
        """Unit to the last hour in which it has an answer, and the median gap between two such hours, in hours."""

    def latest_hours(self, index: str) -> Awaitable[Mapping[str, int]]:
        """Unit to the last hour in which it has an answer, for units that have one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure with the sequence of the publication that it comes from."""

    sequence: Sequence
    body: dict[str, Any]


class Figures:
    """The reads behind the API, the stream and the pages."""

    def __init__(self, published: IndexStore, history: History, frames: PublicFrames, clock: Clock) -> None:
        """Wire the reads to their sources."""
        self._published = published
        self._history = history
        self._frames = frames
        self._clock = clock

    def window(self, unit: Unit, index: Index, window: str, *, public: bool) -> Reading:
        """The newest published figure of a rolling window; without one, that of no response."""
        require_figures(self._published)
        now_ms = self._clock()
        found = self._published.get(unit.code, index.code, window) or self._nothing(index, window, now_ms)
        body = index_body(
            unit,
            index,
            shown(index.code, found.card),
            label=("window", window),
            from_minute=found.from_minute,
            to_minute=found.to_minute,
            watermark=found.watermark,
            now_ms=now_ms,
            public=public,
            frame=_frame(index, self._frames.of_window(unit.code, index, window) if public else None),
        )
        return Reading(found.sequence, body)

    async def period(
        self, unit: Unit, index: Index, period: Period, version: Version = None, *, public: bool
    ) -> dict[str, Any]:
        """The figure of a calendar period in the unit's zone: as it was frozen, or live.

        Raises:
            Problem: 404, the period has no such version.
        """
        minutes = (period.from_minute, period.to_minute)
        (live, frame, body), closings = await asyncio.gather(
            self._span(unit, index, ("period", period.code), minutes, public=public),
            self._history.closings(unit.code, index.code, period.code),
        )
        closing = chosen(closings, version, unit.code, period.code)
        if closing is None:
            return live_version(body)
        seen = frame if frame is not None and stays_near(closing, {unit.code: frame}) else None
        return frozen_version(
            unit,
            index,
            closing,
            live.figure,
            now_ms=self._clock(),
            public=public,
            frame=_frame(index, seen),
        )

    async def span(self, unit: Unit, index: Index, from_minute: int, to_minute: int) -> dict[str, Any]:
        """The figure of any span of whole hours, for whoever may see everything."""
        return (await self._span(unit, index, None, (from_minute, to_minute), public=False))[2]

    async def trend(self, unit: Unit, index: Index, by: str, steps: list[Step], *, public: bool) -> dict[str, Any]:
        """The figures of steps that follow each other, at least one; those of their frames for the public."""
        partition = partition_of(unit.code, RESPONSES.partitions)
        reached = (await self._history.progress()).get(partition, 0)  # first: what is read after it has at least that
        hours, empty = hours_of(steps), LAYOUTS[index.code].empty
        found = await self._history.read_steps(unit.code, index.code, hours)
        cards = [(step, found.get(hour, empty)) for step, hour in zip(steps, hours, strict=False)]
        return trend_body(
            unit,
            index,
            [
                (step, await self._public(unit, index, step, card) if public else headline(index, card))
                for step, card in cards
            ],
            scope="self",
            by=by,
            now_ms=self._clock(),
            position=Position(self._published.log_epoch, {partition: reached}),
        )

    async def wait_published(self, unit: Unit, after: Position, *, timeout_s: float) -> None:
        """Wait until the unit's windows include everything before a position; raises TimeoutError."""
        partition = partition_of(unit.code, RESPONSES.partitions)
        await self._published.wait_offset(partition, after.offsets.get(partition, 0), timeout_s=timeout_s)

    async def wait_history(self, unit: Unit, after: Position, *, timeout_s: float) -> None:
        """Wait until the unit's hours include everything before a position; raises TimeoutError."""
        partition = partition_of(unit.code, RESPONSES.partitions)
        wanted = after.offsets.get(partition, 0)
        async with asyncio.timeout(timeout_s):
            while (await self._history.progress()).get(partition, 0) < wanted:  # noqa: ASYNC110 - a table can't notify
                await asyncio.sleep(HISTORY_POLL_S)

    async def _span(
        self, unit: Unit, index: Index, label: tuple[str, str] | None, minutes: tuple[int, int], *, public: bool
    ) -> tuple[Shown, Scorecard | None, dict[str, Any]]:
        """The live figure, the public frame, and the body."""
        from_minute, to_minute = minutes
        card, watermark = await self._read(unit, index, minutes)
        frame = await self._frame(unit, index, minutes, card) if public else None
        live = shown(index.code, card)
        body = index_body(
            unit,
            index,
            live,
            label=label,
            from_minute=from_minute,
            to_minute=to_minute,
            watermark=watermark,
            now_ms=self._clock(),
            public=public,
            frame=_frame(index, frame),
        )
        return live, frame, body

    async def _read(self, unit: Unit, index: Index, minutes: tuple[int, int]) -> tuple[Scorecard, int | None]:
        return await self._history.read(unit.code, index.code, minutes[0] // 60, minutes[1] // 60)

    async def _frame(self, unit: Unit, index: Index, minutes: tuple[int, int], card: Scorecard) -> Scorecard | None:
        async def again() -> Scorecard:
            return (await self._read(unit, index, minutes))[0]

        key = Key(unit.code, index.code, *minutes)
        return await self._frames.of_span(key, index, card, progress=self._history.progress, again=again)

    async def _public(self, unit: Unit, index: Index, step: Step, card: Scorecard) -> Headline | None:
        """What the public sees of a step: its frame; None where that is hidden."""
        if card.n == 0:
            return headline(index, card)
        frame = await self._frame(unit, index, (step.from_minute, step.to_minute), card)
        return headline(index, frame) if frame is not None and may_show(frame.n, card.n) else None

    def _nothing(self, index: Index, window: str, now_ms: int) -> Published:
        from_minute, to_minute = WINDOWS[window].bounds(now_ms)
        earliest_end = now_ms // MS_PER_MINUTE + 1
        sequence = Sequence(self._published.log_epoch, RULES_VERSION, 0, earliest_end)
        return Published(sequence, from_minute, to_minute, None, LAYOUTS[index.code].empty)


def _frame(index: Index, card: Scorecard | None) -> Shown | None:
    return None if card is None else shown(index.code, card)
