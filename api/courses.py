"""How units did in their own periods: by frozen numbers where a period is closed, and live in the running one."""

from collections.abc import Mapping, Sequence

from api.board.reader import PeriodStep
from api.figures import History, Hours
from ikm.attention import Standing
from ikm.figure import headline
from ikm.index import IKM
from ikm.period import Period, period_of
from ikm.registry import Unit
from ikm.scorecard import Scorecard

Counted = tuple[Scorecard, int]
"""A scorecard and its watermark."""

ENDED_PERIODS = 8
"""So many before the running one are looked at: two years of quarters, four of half-years."""


async def period_steps(
    history: History, units: Sequence[Unit], now_minute: int
) -> Mapping[str, tuple[PeriodStep, ...]]:
    """Of each unit its closed periods, its last ended one also when it is open and has answers, and the running one.

    Args:
        history: what is stored.
        units: in force now.
        now_minute: the present, UTC epoch minutes.

    Returns:
        Unit code -> steps, the oldest first and the running period last.
    """
    calendars: dict[tuple[str, str], list[Period]] = {}
    for unit in units:
        if (unit.period, unit.zone) not in calendars:
            calendars[unit.period, unit.zone] = _calendar(unit, now_minute)
    of_unit = {unit.code: calendars[unit.period, unit.zone] for unit in units}
    ended = sorted({period.code for calendar in calendars.values() for period in calendar[:-1]})
    frozen = await history.frozen(IKM.code, [*of_unit], ended)
    unclosed = {code: each[-2] for code, each in of_unit.items() if each[-2].code not in frozen.get(code, {})}
    open_still = await history.read_units(IKM.code, _hours(unclosed))
    running = await history.read_units(IKM.code, _hours({code: each[-1] for code, each in of_unit.items()}))
    return {
        code: _steps(calendar, frozen.get(code, {}), open_still.get(code), running.get(code))
        for code, calendar in of_unit.items()
    }


def _steps(
    calendar: Sequence[Period], frozen: Mapping[str, Standing | None], last: Counted | None, now: Counted | None
) -> tuple[PeriodStep, ...]:
    *ended, running = calendar
    steps = [PeriodStep(period.code, True, frozen[period.code]) for period in ended if period.code in frozen]
    if last is not None:
        steps.append(PeriodStep(ended[-1].code, False, _live(last)))
    return (*steps, PeriodStep(running.code, False, _live(now)))


def _hours(periods: Mapping[str, Period]) -> Mapping[str, Hours]:
    return {code: [(period.from_minute // 60, period.to_minute // 60)] for code, period in periods.items()}


def _calendar(unit: Unit, now_minute: int) -> list[Period]:
    periods = [period_of(unit.period, now_minute, unit.zone)]
    for _ in range(ENDED_PERIODS):
        periods.append(period_of(unit.period, periods[-1].from_minute - 1, unit.zone))
    return periods[::-1]


def _live(counted: Counted | None) -> Standing | None:
    if counted is None:
        return None
    said = headline(IKM, counted[0])
    if said.value is None or said.interval is None:
        return None
    return Standing(said.n, said.value, said.interval, said.mutu)
