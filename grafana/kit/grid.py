"""Where panels stand: rows of a grid that is 24 wide, from the top down."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
    """

    height: int
    panels: tuple[tuple[int, Builder[Panel]], ...]
    title: str = ""


def placed(rows: Iterable[Row]) -> list[Panel | RowPanel]:
    """The panels with their places; their ids are their order.

    Raises:
        ValueError: A row's widths do not make 24.
    """
    top, found = 0, list[Panel | RowPanel]()
    for row in rows:
        if sum(width for width, _ in row.panels) != WIDTH:
            widths = " + ".join(str(width) for width, _ in row.panels)
            raise ValueError(f"a row is {widths} wide: make it {WIDTH}")
        if row.title:
            found.append(RowBuilder(row.title).grid_pos(GridPos(h=1, w=WIDTH, x=0, y=top)).build())
            top += 1
        found += _side_by_side(row, top)
        top += row.height
    for number, panel in enumerate(found, 1):
        panel.id_val = number
    return found


def _side_by_side(row: Row, top: int) -> Iterator[Panel]:
    left = 0
    for width, builder in row.panels:
        panel = builder.build()
        panel.grid_pos = GridPos(h=row.height, w=width, x=left, y=top)
        left += width
        yield panel
