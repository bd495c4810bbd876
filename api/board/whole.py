"""An organisation as a whole: pooled over all respondents, as the mean of its units, and since when it stands so."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from api.board import words
from api.board.course import CourseView, course_view
from api.board.figure import FigureView, headline_view
from api.board.label import DEFAULT
from api.board.reader import Reader
from api.board.scale import Scale
from api.board.since import since
from ikm.registry import Unit

MOST_HEADS = 6


@dataclass(frozen=True, slots=True)
class Whole:
    """A unit with all below it; `since` says from which month on it has its letter, `course` has the months."""

    code: str
    name: str
    figure: FigureView
    mean: FigureView | None
    units: str
    since: str
    course: CourseView | None


def heads_of(units: Sequence[Unit], asked: str | None) -> list[Unit]:
    """The unit that was asked for, or those that stand at the top with others below; at most six, the largest first."""
    if asked is not None:
        return [unit for unit in units if unit.code == asked]
    codes = {unit.code for unit in units}
    children = Counter(unit.parent for unit in units if unit.parent is not None)
    tops = [unit for unit in units if unit.parent not in codes and children[unit.code]]
    return sorted(tops, key=lambda unit: -children[unit.code])[:MOST_HEADS]


async def wholes(
    reader: Reader, heads: Sequence[Unit], scale: Scale, now_ms: int, *, public: bool
) -> tuple[Whole, ...]:
    """Each head as a whole, those left out that can't be read yet."""
    found = [await _whole(reader, head, scale, now_ms, public=public) for head in heads]
    return tuple(whole for whole in found if whole is not None)


async def _whole(reader: Reader, head: Unit, scale: Scale, now_ms: int, *, public: bool) -> Whole | None:
    pooled = reader.roll_up(head, DEFAULT.code, "pooled", public)
    if pooled is None:
        return None
    mean = reader.roll_up(head, DEFAULT.code, "mean", public)
    trend = await reader.trend(head, True, public)
    months = trend["items"] if trend else []
    return Whole(
        code=head.code,
        name=head.name,
        figure=headline_view(pooled, scale, head.zone, now_ms),
        mean=None if mean is None else headline_view(mean, scale, head.zone, now_ms),
        units=words.count(pooled["units"]),
        since=since([month["mutu"] for month in months], [month["period"] for month in months]),
        course=course_view(months, scale),
    )
