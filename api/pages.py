"""What the pages of the board read, put together from the API's own stores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from api.board.reader import Body, Label, PeriodStep, Reader, Rhythm
from api.cell_reads import Asked, CellReads
from api.courses import period_steps
from api.figures import Figures, History
from api.lag import LagMonitor
from api.query import Reach, Window
from api.roll_up import RollUps
from ikm.cells import KINDS
from ikm.index import IKM, Index
from ikm.partition import partition_of
from ikm.period import period_of
from ikm.registry import Unit
from ikm.steps import Steps
from ikm.times import MS_PER_HOUR, MS_PER_MINUTE
from runtime.access import caller_of
from runtime.clock import Clock
from runtime.topics import RESPONSES
from runtime.units import UnitsStore, require_register
from runtime.web import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardReads:
    """The stores that the pages read from."""

    units: UnitsStore
    figures: Figures
    roll_ups: RollUps
    cells: CellReads
    history: History
    lag: LagMonitor
    clock: Clock

    def reader(self) -> Reader:
        """The board's reader."""
        return Reader(
            units=self._every_unit,
            unit=self._one_unit,
            index=self._index,
            roll_up=self._roll_up,
            cells=self._cells,
            trend=self._trend,
            steps=self._steps,
            rhythms=self._rhythms,
            latest_periods=self._latest_periods,
            worker_seen_ms=lambda code: self.lag.seen_ms(partition_of(code, RESPONSES.partitions)),
            is_member=lambda request: caller_of(request).is_member,
            now_ms=self.clock,
        )

    async def _every_unit(self) -> Sequence[Unit]:
        require_register(self.units)
        return self.units.all()

    async def _one_unit(self, code: str) -> Unit | None:
        require_register(self.units)
        return self.units.get(code)

    async def _index(self, unit: Unit, index: Index, label: Label, value: str, public: bool) -> Body:
        if label == "window":
            return self.figures.window(unit, index, value, public=public).body
        return await self.figures.period(unit, index, unit.period_called(value), public=public)

    def _roll_up(self, unit: Unit, window: str, scope: Literal["pooled", "mean"], public: bool) -> Body | None:
        try:
            return self.roll_ups.window(unit, IKM, window, Reach(scope, current=True), public=public)
        except Problem:
            return None

    async def _cells(self, unit: Unit, label: Label, value: str, public: bool) -> Sequence[Body]:
        time = Window(value) if label == "window" else unit.period_called(value)
        try:
            return await self.cells.read(unit, KINDS, Asked(IKM, time, Reach("self", current=True)), public=public)
        except Problem:
            return ()

    async def _trend(self, unit: Unit, pooled: bool, public: bool) -> Body | None:
        steps = Steps("month", unit.zone, unit.period).latest(self._minute)
        if not pooled:
            return await self.figures.trend(unit, IKM, "month", steps, public=public)
        if public:
            return None
        return await self.roll_ups.trend(unit, IKM, "month", steps, Reach("pooled", current=False))

    async def _steps(self, units: Sequence[Unit]) -> Mapping[str, tuple[PeriodStep, ...]]:
        return await period_steps(self.history, units, self._minute)

    async def _rhythms(self) -> Mapping[str, Rhythm]:
        found = await self.history.rhythms(IKM.code)
        return {code: Rhythm(hour * MS_PER_HOUR, gap) for code, (hour, gap) in found.items()}

    async def _latest_periods(self) -> Mapping[str, str]:
        hours = await self.history.latest_hours(IKM.code)
        known = ((unit, hours[unit.code]) for unit in self.units.all() if unit.code in hours)
        return {unit.code: period_of(unit.period, hour * 60, unit.zone).code for unit, hour in known}

    @property
    def _minute(self) -> int:
        return self.clock() // MS_PER_MINUTE
