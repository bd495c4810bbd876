"""What the pages of the board read, put together from the API's own stores."""

from collections.abc import Mapping, Sequence

from api.board.reader import Body, Label, Reader
from api.figures import Figures, History
from api.lag import LagMonitor
from ikm.index import IKM
from ikm.partition import partition_of
from ikm.period import period_of
from ikm.registry import Unit
from runtime.access import caller_of
from runtime.clock import Clock
from runtime.topics import RESPONSES
from runtime.units import UnitsStore, require_register


def board_reader(units: UnitsStore, figures: Figures, history: History, lag: LagMonitor, clock: Clock) -> Reader:
    """The board's reader."""

    async def every_unit() -> Sequence[Unit]:
        require_register(units)
        return units.all()

    async def one_unit(code: str) -> Unit | None:
        require_register(units)
        return units.get(code)

    async def index(unit: Unit, label: Label, value: str, public: bool) -> Body:
        if label == "window":
            return figures.window(unit, IKM, value, public=public).body
        return await figures.period(unit, IKM, unit.period_called(value), public=public)

    async def latest_periods() -> Mapping[str, str]:
        hours = await history.latest_hours(IKM.code)
        known = ((unit, hours[unit.code]) for unit in units.all() if unit.code in hours)
        return {unit.code: period_of(unit.period, hour * 60, unit.zone).code for unit, hour in known}

    return Reader(
        units=every_unit,
        unit=one_unit,
        index=index,
        latest_periods=latest_periods,
        worker_seen_ms=lambda code: lag.seen_ms(partition_of(code, RESPONSES.partitions)),
        is_member=lambda request: caller_of(request).is_member,
        now_ms=clock,
    )
