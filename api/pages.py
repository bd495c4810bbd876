"""What the pages of the board read, put together from the API's own stores."""

from collections.abc import Mapping, Sequence
from typing import Literal

from api.board.reader import Body, Course, Label, Reader
from api.cell_reads import Asked, CellReads
from api.figures import Figures, History
from api.lag import LagMonitor
from api.query import Reach, Window
from api.roll_up import RollUps
from ikm.attention import Standing
from ikm.cells import KINDS
from ikm.figure import headline
from ikm.index import IKM, Index
from ikm.partition import partition_of
from ikm.period import Period, period_of
from ikm.registry import Unit
from ikm.steps import Steps
from ikm.times import MS_PER_HOUR, MS_PER_MINUTE
from runtime.access import caller_of
from runtime.clock import Clock
from runtime.topics import RESPONSES
from runtime.units import UnitsStore, require_register
from runtime.web import Problem


def board_reader(  # noqa: C901, PLR0917 - one small read after the other
    units: UnitsStore,
    figures: Figures,
    roll_ups: RollUps,
    cell_reads: CellReads,
    history: History,
    lag: LagMonitor,
    clock: Clock,
) -> Reader:
    """The board's reader."""

    async def every_unit() -> Sequence[Unit]:
        require_register(units)
        return units.all()

    async def one_unit(code: str) -> Unit | None:
        require_register(units)
        return units.get(code)

    async def index(unit: Unit, index: Index, label: Label, value: str, public: bool) -> Body:
        if label == "window":
            return figures.window(unit, index, value, public=public).body
        return await figures.period(unit, index, unit.period_called(value), public=public)

    def roll_up(unit: Unit, window: str, scope: Literal["pooled", "mean"], public: bool) -> Body | None:
        try:
            return roll_ups.window(unit, IKM, window, Reach(scope, current=True), public=public)
        except Problem:
            return None

    async def cells(unit: Unit, label: Label, value: str, public: bool) -> Sequence[Body]:
        time = Window(value) if label == "window" else unit.period_called(value)
        try:
            return await cell_reads.read(unit, KINDS, Asked(IKM, time, Reach("self", current=True)), public=public)
        except Problem:
            return ()

    async def trend(unit: Unit, pooled: bool) -> Body:
        steps = Steps("month", unit.zone, unit.period).latest(clock() // MS_PER_MINUTE)
        if pooled:
            return await roll_ups.trend(unit, IKM, "month", steps, Reach("pooled", current=False))
        return await figures.trend(unit, IKM, "month", steps, public=False)

    async def courses(of: Sequence[Unit]) -> Mapping[str, Course]:
        minute = clock() // MS_PER_MINUTE
        running = {unit.code: period_of(unit.period, minute, unit.zone) for unit in of}
        ended = {unit.code: period_of(unit.period, running[unit.code].from_minute - 1, unit.zone) for unit in of}
        now, before = await _standings(history, running), await _standings(history, ended)
        rhythms = await history.rhythms(IKM.code)
        return {unit.code: _course(unit.code, before, now, rhythms) for unit in of}

    async def latest_periods() -> Mapping[str, str]:
        hours = await history.latest_hours(IKM.code)
        known = ((unit, hours[unit.code]) for unit in units.all() if unit.code in hours)
        return {unit.code: period_of(unit.period, hour * 60, unit.zone).code for unit, hour in known}

    return Reader(
        units=every_unit,
        unit=one_unit,
        index=index,
        roll_up=roll_up,
        cells=cells,
        trend=trend,
        courses=courses,
        latest_periods=latest_periods,
        worker_seen_ms=lambda code: lag.seen_ms(partition_of(code, RESPONSES.partitions)),
        is_member=lambda request: caller_of(request).is_member,
        now_ms=clock,
    )


async def _standings(history: History, periods: Mapping[str, Period]) -> Mapping[str, Standing]:
    """Of each unit its figure over a period of its own, for units that have one."""
    hours = {code: [(period.from_minute // 60, period.to_minute // 60)] for code, period in periods.items()}
    found = await history.read_units(IKM.code, hours)
    figures = ((code, headline(IKM, card)) for code, (card, _) in found.items())
    return {
        code: Standing(one.n, one.value, one.interval)
        for code, one in figures
        if one.value is not None and one.interval is not None
    }


def _course(
    code: str,
    before: Mapping[str, Standing],
    now: Mapping[str, Standing],
    rhythms: Mapping[str, tuple[int, float | None]],
) -> Course:
    hour, gap = rhythms.get(code, (None, None))
    return Course(before.get(code), now.get(code), None if hour is None else hour * MS_PER_HOUR, gap)
