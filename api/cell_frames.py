"""What the public sees of cells: tables (`ikm.cell_frame`) that the API's processes take and keep on `cells.v1`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.frame_log import FrameLog
from ikm.cell_frame import NO_TABLE, Open, Table, next_table
from ikm.figure import HIDDEN_BELOW
from ikm.frame import stand_in
from ikm.published_cells import cells_value, parse_cells
from ikm.scorecard import LAYOUTS, Scorecard
from runtime.topics import CELLS

Shown = Mapping[str, tuple[Scorecard, Open]]
"""Of each cell that is not hidden the scorecard, and how much of it is shown."""


@dataclass(frozen=True, slots=True)
class Key:
    """Whose cells, of which kind, and over which span: a window's code, or beginning and end."""

    unit: str
    index: str
    kind: str
    span: str

    @property
    def owner(self) -> tuple[str, str, str]:
        """Two frames of a cell are never seen near each other."""
        return self.unit, self.index, self.kind


class TableForm:
    """How tables are written."""

    def name(self, key: Key) -> str:
        """The record's key."""
        return f"{key.unit}|{key.index}|{key.kind}|{key.span}"

    def write(self, key: Key, frame: Table) -> dict[str, Any]:
        """The fields of a record."""
        place = {"unit": key.unit, "index": key.index, "by": key.kind, "span": key.span}
        return {**place, "cells": cells_value(key.index, frame)}

    def read(self, value: bytes) -> tuple[Mapping[str, Any], Key, Table]:
        """The fields, the key and the table of a record; raises ValueError."""
        said, table = parse_cells(value)
        return said, Key(said["unit"], said["index"], said["by"], said["span"]), table


class CellFrames:
    """The tables that the public sees."""

    def __init__(self, bootstrap: str, *, log_epoch: int) -> None:
        """Wire the tables to their topic.

        Args:
            bootstrap: Kafka's addresses.
            log_epoch: tables of another log are ignored.
        """
        self.log: FrameLog[Key, Table] = FrameLog(bootstrap, CELLS, TableForm(), log_epoch=log_epoch)

    async def start(self) -> None:
        """Begin to read the topic."""
        await self.log.start()

    async def stop(self) -> None:
        """Stop reading."""
        await self.log.stop()

    async def shown(self, key: Key, live: Mapping[str, Scorecard]) -> Shown:
        """What is shown of cells, of which a next table is taken where it may be.

        Args:
            key: which cells.
            live: the scorecard of each cell with a response.
        """
        if not self.log.is_ready or sum(card.n for card in live.values()) < HIDDEN_BELOW:
            return {}
        layout, held = LAYOUTS[key.index], self.log.held(key) or NO_TABLE
        table = next_table(layout, held, live, lambda cell: self._elsewhere(key, cell))
        if table is not held:
            await self.log.take(key, table)
        return {
            cell: (stand_in(layout, frame.known, self._taken(key, cell)) or frame.known, frame.open)
            for cell, frame in (self.log.held(key) or NO_TABLE).items()
            if frame.open
        }

    def _elsewhere(self, key: Key, cell: str) -> Iterator[Scorecard]:
        frames = self.log.of_owner(key.owner).items()
        return (taken.frame[cell].known for other, taken in frames if other != key and _is_open(taken.frame, cell))

    def _taken(self, key: Key, cell: str) -> Iterator[Scorecard]:
        """What is shown of a cell anywhere, in one order for all: of two that were taken at once the first stays."""
        frames = self.log.of_owner(key.owner).values()
        return (taken.frame[cell].known for taken in frames if _is_open(taken.frame, cell))


def _is_open(table: Table, cell: str) -> bool:
    return cell in table and bool(table[cell].open) and table[cell].known.n > 0
