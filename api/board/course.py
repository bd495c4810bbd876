"""A trend as a small drawing: where each step's figure and interval lie, in percent of the drawing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from api.board import words
from api.board.figure import NO_TONE
from api.board.scale import Scale

_MARGIN = 3.0


@dataclass(frozen=True, slots=True)
class Point:
    """One step; places are percent from the left and from the top, None where there is no figure."""

    name: str
    short: str
    n: str
    value: str
    interval: str
    mutu: str | None
    tone: str
    x: float
    y: float | None
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class CourseView:
    """The points, and the bands that lie behind them: (tone, letter, top, height)."""

    points: tuple[Point, ...]
    bands: tuple[tuple[str, str, float, float], ...]
    lines: tuple[tuple[float, float, float, float], ...]


def course_view(items: Sequence[Mapping[str, Any]], scale: Scale) -> CourseView | None:
    """The drawing of a trend's items; None when none of them has a figure.

    Its height goes from a little below the lowest bound to a little above the highest one.
    """
    ends = [end for item in items if item["value"] is not None for end in item["interval"] or [item["value"]]]
    if not ends:
        return None
    low: float = max(scale.lowest, min(ends) - _MARGIN)
    high: float = min(scale.highest, max(ends) + _MARGIN)

    def down(value: float) -> float:
        inside: float = min(max(value, low), high)
        return round(100 * (high - inside) / (high - low), 2)

    points = tuple(_point(item, 100 * (at + 0.5) / len(items), down) for at, item in enumerate(items))
    tops = [*(segment.lowest for segment in scale.segments[1:]), scale.highest]
    bands = tuple(
        (segment.mutu, segment.mutu, down(top), round(down(segment.lowest) - down(top), 2))
        for segment, top in zip(scale.segments, tops, strict=True)
        if down(segment.lowest) > down(top)
    )
    known = [(point.x, point.y) for point in points if point.y is not None]
    lines = tuple((*one, *other) for one, other in pairwise(known))
    return CourseView(points, bands, lines)


def _point(item: Mapping[str, Any], x: float, down: Callable[[float], float]) -> Point:
    value, bounds = item["value"], item["interval"]
    top, bottom = (0.0, 0.0) if bounds is None else (down(bounds[1]), down(bounds[0]))
    name = words.period_name(item["period"])
    return Point(
        name=name,
        short=name[:3],
        n=words.count(item["n"]),
        value=words.decimal(value),
        interval=words.interval(bounds),
        mutu=item["mutu"],
        tone=item["mutu"] or NO_TONE,
        x=round(x, 2),
        y=None if value is None else down(value),
        top=top,
        height=round(bottom - top, 2),
    )
