"""What a unit's board shows of the time before: its own periods, how they stand to sample and target, its months."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.board import words
from api.board.figure import NO_TONE
from api.board.label import Label, is_running
from api.board.reader import Body, PeriodStep, Reader
from ikm.index import IKM
from ikm.own_period import Target, progress
from ikm.period import period_of
from ikm.registry import Unit
from ikm.times import MS_PER_MINUTE, parse_rfc3339

MOST_AIMED = 4
"""Periods with a target that are shown beside the unit's running and last one."""


@dataclass(frozen=True, slots=True)
class Past:
    """Bodies of `GET …/index?period=`, the running period first; the periods in short; the months."""

    periods: Sequence[Body]
    steps: Sequence[PeriodStep]
    months: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One period as its row shows it; of sample and target the share as text and in percent."""

    name: str
    href: str
    status: str
    later: str
    value: str
    mutu: str | None
    tone: str
    n: str
    sample: tuple[str, float] | None
    aimed_n: tuple[str, float] | None
    aimed_value: str


async def past_of(reader: Reader, unit: Unit, *, public: bool) -> Past:
    """What there is to know of a unit's past."""
    codes = _codes(unit, reader.now_ms() // MS_PER_MINUTE)
    bodies = await asyncio.gather(*(reader.index(unit, IKM, "period", code, public) for code in codes))
    running, *others = bodies
    steps = (await reader.steps([unit])).get(unit.code, ())
    trend = await reader.trend(unit, False, public)
    known = [body for body in others if body["tier"] != "kosong" or body["target"] or body["status"] == "beku"]
    return Past([running, *known], steps, trend["items"] if trend else ())


def _codes(unit: Unit, minute: int) -> list[str]:
    """The unit's running and last period, and those with a target that have begun."""
    running = period_of(unit.period, minute, unit.zone)
    codes = [running.code, period_of(unit.period, running.from_minute - 1, unit.zone).code]
    aimed = [unit.period_called(target.period) for target in unit.targets or () if target.index == IKM.code]
    begun = sorted((one for one in aimed if one.from_minute <= minute), key=lambda one: -one.to_minute)
    return [*dict.fromkeys([*codes, *(one.code for one in begun[:MOST_AIMED])])]


def period_row(unit: Unit, body: Body, now_ms: int) -> PeriodRow:
    """The row of one period."""
    label, sample, target = Label("period", body["period"]), body["sample"], body["target"]
    aim = Target(period=body["period"], index=IKM.code, **target) if target else None
    reached = progress(aim, body["n"] or 0, body["value"]) if aim else None
    return PeriodRow(
        name=label.short,
        href=label.href(unit.code),
        status=status_of(unit, body, now_ms),
        later=_later(body["late"]),
        value=words.decimal(body["value"]),
        mutu=body["mutu"],
        tone=body["mutu"] or NO_TONE,
        n=words.count(body["n"]),
        sample=_share(sample["share"], sample["needed"]) if sample else None,
        aimed_n=_share(reached.share, aim.n) if reached and aim and body["n"] is not None else None,
        aimed_value=_aimed(aim.value, reached.difference) if reached and aim else "",
    )


def status_of(unit: Unit, body: Body, now_ms: int) -> str:
    """Whether a period's figure is frozen, on its way, or waits to be closed."""
    if body["status"] == "beku":
        day = words.day_of(parse_rfc3339(body["frozen_at"]), unit.zone)
        if body["number"]:
            return words.say("beku, koreksi ke-{number}, {day}", number=body["number"], day=day)
        return words.say("beku sejak {day}", day=day)
    running = is_running(Label("period", body["period"]), unit, now_ms)
    return words.say("berjalan") if running else words.say("belum ditutup")


def _later(late: Mapping[str, Any] | None) -> str:
    """What came after the freeze."""
    if late is None or (not late["n"] and not late["value"]):
        return ""
    n, value = words.difference(late["n"], 0), late["value"]
    if value is None:
        return words.say("sesudahnya n {n}", n=n)
    return words.say("sesudahnya n {n}, indeks {value}", n=n, value=words.difference(value))


def _share(share: float | None, needed: int | None) -> tuple[str, float] | None:
    if share is None or needed is None:
        return None
    said = words.say("{share} dari {needed} jawaban", share=words.percent(share), needed=words.count(needed))
    return said, round(100 * share, 2)


def _aimed(aim: float | None, difference: float | None) -> str:
    if aim is None:
        return ""
    if difference is None:
        return words.decimal(aim)
    side = words.say("tercapai") if difference >= 0 else words.say("belum tercapai")
    return f"{words.decimal(aim)} · {side} ({words.difference(difference)})"
