"""When a period closes, and which periods of a unit should be closed by now."""

from collections.abc import Iterable
from typing import Final

from ikm.period import Period, period_of
from ikm.registry import Unit
from ikm.times import MS_PER_MINUTE, midnight_ms

_MINUTES_PER_DAY: Final = 24 * 60


def closes_at_ms(unit: Unit, period: Period) -> int:
    """When a period closes by itself, UTC epoch ms: whole days after its local end (no zone here has summer time)."""
    return (period.to_minute + _MINUTES_PER_DAY * unit.grace_days(period.code)) * MS_PER_MINUTE


def has_ended(period: Period, now_ms: int) -> bool:
    """Whether it is over in the zone that it was read in."""
    return now_ms >= period.to_minute * MS_PER_MINUTE


def due_periods(unit: Unit, now_ms: int, known_ms: int, answered: Iterable[int]) -> list[Period]:
    """The periods of a unit that close by themselves at a time, whether or not they are closed already.

    Its last one whose days of grace are over, unless the unit itself was gone before it began, every earlier one in
    which it or a unit below it has a response, and those of its own. A unit that was first known after a period's end
    is not closed for it: what is imported of old years is nobody's official figure here.

    Args:
        unit: in the version that is in force: its kind of period and its zone decide.
        now_ms: UTC epoch ms.
        known_ms: since when the unit is known, UTC epoch ms.
        answered: UTC epoch minutes; one in each month that has such a response will do.

    Returns:
        The oldest first.
    """
    found = {period_of(unit.period, minute, unit.zone) for minute in answered}
    found |= {own.in_zone(unit.zone) for own in unit.periods or ()}
    last = _last_closable(unit, now_ms)
    if unit.valid_to is None or midnight_ms(unit.valid_to, unit.zone) > last.from_minute * MS_PER_MINUTE:
        found.add(last)
    due = (p for p in found if closes_at_ms(unit, p) <= now_ms and known_ms < p.to_minute * MS_PER_MINUTE)
    return sorted(due, key=lambda period: period.from_minute)


def _last_closable(unit: Unit, now_ms: int) -> Period:
    period = period_of(unit.period, now_ms // MS_PER_MINUTE, unit.zone)
    while closes_at_ms(unit, period) > now_ms:
        period = period_of(unit.period, period.from_minute - 1, unit.zone)
    return period
