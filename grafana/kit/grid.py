"""Where panels stand: rows of a grid that is 24 wide, from the top down."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from grafana_foundation_sdk.builders.dashboard import Row as RowBuilder
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import GridPos, Panel, RowPanel

WIDTH: Final = 24


@dataclass(frozen=True, slots=True)
class Row:
    """Panels side by side.

    Attributes:
        height: In units of the grid (38 pixels each).
        panels: Each with its width; together 24, so that nothing is left over.
        title: A heading over them, or none.
        folded: Whether they are shown, and their queries run, only when somebody opens the heading; without a title it
            is that of the row above.
    """

    height: int
    panels: tuple[tuple[int, Builder[Panel]], ...]
    title: str = ""
    folded: bool = False


def placed(rows: Iterable[Row]) -> list[Panel | RowPanel]:
    """The panels with their places; their ids are their order.

    Raises:
        ValueError: A row's widths do not make 24.
    """
    top, found, numbers = 0, list[Panel | RowPanel](), count(1)
    for row in rows:
        if sum(width for width, _ in row.panels) != WIDTH:
            widths = " + ".join(str(width) for width, _ in row.panels)
            raise ValueError(f"a row is {widths} wide: make it {WIDTH}")
        heading = [_heading(row, top)] if row.title else []
        inside = list(_side_by_side(row, top + len(heading)))
        both: list[Panel | RowPanel] = [*heading, *inside]
        for panel in both:
            panel.id_val = next(numbers)
        found += heading if row.folded else both
        if row.folded:
            above = found[-1]
            assert isinstance(above, RowPanel), "a folded row needs a heading, its own or that of the row above"
            above.panels = [*above.panels, *inside]
        top += row.height + len(heading)
    return found


def _heading(row: Row, top: int) -> RowPanel:
    place = GridPos(h=1, w=WIDTH, x=0, y=top)
    return RowBuilder(row.title).collapsed(row.folded).grid_pos(place).build()


def _side_by_side(row: Row, top: int) -> Iterator[Panel]:
    left = 0
    for width, builder in row.panels:
        panel = builder.build()
        panel.grid_pos = GridPos(h=row.height, w=width, x=left, y=top)
        left += width
        yield panel
