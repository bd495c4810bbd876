"""One unit in the list of an organisation."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.board import words
from api.board.figure import FigureView, headline_view
from api.board.label import DEFAULT, Label
from api.board.reader import Body, PeriodStep, Rhythm
from api.board.scale import Scale
from api.board.since import letter_since
from ikm.attention import change, is_silent
from ikm.figure import HIDDEN_BELOW
from ikm.index import IKM
from ikm.own_period import progress
from ikm.registry import Unit
from ikm.statistics import sample_progress

UNSETTLED = {"kosong", "tertutup", "sementara"}
POOR = {"C", "D"}
"""Below what the rule calls good."""


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of the list.

    Attributes:
        detail: how many answered.
        when: the last answer, or an old figure's period.
        rank: 1 + how many units lie above with their whole interval; None without a figure.
        since: since when its letter holds; empty where that is not known.
        marks: how far the running period has come towards its sample and its target.
        change: since its last closed period, with a sign, if it moved; `fell` says which way, `base` names the period.
        unclosed: its last ended period, if that has answers and nobody has closed it.
        silent: since when it has had no answer, if that is unusual.
        reasons: how many reasons there are to look at it.
    """

    code: str
    name: str
    detail: str
    when: str
    late: bool
    figure: FigureView
    rank: int | None
    since: str
    marks: str
    change: str | None
    fell: bool
    base: str
    unclosed: str | None
    silent: str | None
    reasons: int


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a unit: the figure that is shown with its label, its periods, its rhythm, its rank."""

    label: Label
    body: Body
    steps: Sequence[PeriodStep]
    rhythm: Rhythm | None
    rank: int | None
    late: bool


def row_of(unit: Unit, known: Known, scale: Scale, now_ms: int) -> Row:
    """The row of a unit; `now_ms` is the present, UTC epoch milliseconds."""
    figure = headline_view(known.body, scale, unit.zone, now_ms)
    closed = next((step for step in reversed(known.steps) if step.is_frozen), None)
    running = known.steps[-1] if known.steps else None
    moved = change(closed.standing if closed else None, running.standing if running else None)
    fell = moved is not None and moved.interval[1] < 0
    silent = _silent_since(unit, known, now_ms)
    return Row(
        code=unit.code,
        name=unit.name,
        detail=_detail(figure),
        when=figure.watermark if known.label == DEFAULT else known.label.name,
        late=known.late,
        figure=figure,
        rank=known.rank,
        since=letter_since(known.steps, figure.mutu) if known.label == DEFAULT else "",
        marks=_marks(unit, running),
        change=words.difference(moved.difference) if moved and moved.moved else None,
        fell=fell,
        base=words.period_name(closed.code) if closed else "",
        unclosed=_unclosed(known.steps),
        silent=None if silent is None else words.day_of(silent, unit.zone),
        reasons=(figure.tone in POOR) + fell + (silent is not None),
    )


def _silent_since(unit: Unit, known: Known, now_ms: int) -> int | None:
    """When the last answer came, if that is unusually long ago; the public does not learn when few answers came."""
    if known.rhythm is None or known.body["watermark"] is None:
        return None
    last_ms = known.rhythm.last_ms
    return last_ms if is_silent(last_ms, known.rhythm.median_gap_hours, now_ms, unit.zone) else None


def _unclosed(steps: Sequence[PeriodStep]) -> str | None:
    return next((words.period_name(step.code) for step in steps[:-1] if not step.is_frozen), None)


def _marks(unit: Unit, running: PeriodStep | None) -> str:
    """Sample and target of the running period; nothing below the answers that are public."""
    if running is None or running.standing is None or running.standing.n < HIDDEN_BELOW:
        return ""
    now, parts = running.standing, []
    if unit.population is not None:
        parts.append(words.say("sampel {share}", share=words.percent(sample_progress(unit.population, now.n).share)))
    target = unit.target(running.code, IKM.code)
    if target is not None:
        reached = progress(target, now.n, now.value)
        if target.value is not None and reached.difference is not None:
            aim, by = words.decimal(target.value), words.difference(reached.difference)
            parts.append(words.say("target {aim} ({by})", aim=aim, by=by))
        if target.n is not None:
            share = words.percent(reached.share)
            parts.append(words.say("target n {aim} ({share})", aim=words.count(target.n), share=share))
    return " · ".join(parts)


def _detail(figure: FigureView) -> str:
    parts = [f"n {figure.n}"] if figure.raw is not None else []
    if figure.tier.code in UNSETTLED:
        parts.append(figure.tier.name.lower())
    return " · ".join(parts)
