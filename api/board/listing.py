"""The list of units: what its template is given, worst first."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.board import freshness
from api.board.figure import NO_TONE, FigureView, figure_view
from api.board.label import DEFAULT, Label
from api.board.reader import Body, Reader
from api.board.scale import Scale
from ikm.index import Index
from ikm.registry import Unit

KEEP_LIST_MS = 1_000
KEEP_PERIOD_MS = 10_000
HOME_ZONE = "Asia/Jakarta"
UNSETTLED = {"kosong", "tertutup", "sementara"}


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of the list; `detail` says how many answered, `when` the last one, or an old figure's period."""

    code: str
    name: str
    detail: str
    when: str
    late: bool
    figure: FigureView


@dataclass(frozen=True, slots=True)
class Tally:
    """How many units have a letter."""

    tone: str
    mutu: str | None
    name: str
    units: int


class Listing:
    """Makes the list at most once a second for all who watch it, and asks for old periods every ten seconds."""

    def __init__(self, reader: Reader, index: Index, scale: Scale) -> None:
        self._reader = reader
        self._index = index
        self._scale = scale
        self._lists: dict[bool, tuple[int, dict[str, Any]]] = {}
        self._older: dict[bool, tuple[int, dict[str, tuple[Label, Body]]]] = {}
        self._making = asyncio.Lock()

    async def values(self, *, member: bool) -> dict[str, Any]:
        """The values of `list.html`, at most a second old."""
        async with self._making:
            made_ms, values = self._lists.get(member, (0, {}))
            now_ms = self._reader.now_ms()
            if not values or now_ms - made_ms > KEEP_LIST_MS:
                values = await self._make(now_ms, member=member)
                self._lists[member] = (now_ms, values)
            return values

    async def _make(self, now_ms: int, *, member: bool) -> dict[str, Any]:
        units = await self._reader.units()
        rows = await self._rows(units, now_ms, public=not member)
        zones = Counter(unit.zone for unit in units)
        zone = zones.most_common(1)[0][0] if zones else HOME_ZONE
        return {
            "rows": sorted(rows, key=_worst_first),
            "tally": self._tally(rows),
            "label": DEFAULT.name,
            "freshness": freshness.of_list(sum(row.late for row in rows), len(rows), now_ms, zone),
            "member": member,
        }

    async def _rows(self, units: Sequence[Unit], now_ms: int, *, public: bool) -> list[Row]:
        bodies = {unit.code: await self._reader.index(unit, DEFAULT.kind, DEFAULT.code, public) for unit in units}
        empty = [unit for unit in units if bodies[unit.code]["tier"] == "kosong"]
        older = await self._older_figures(empty, now_ms, public=public)
        rows = []
        for unit in units:
            label, body = older.get(unit.code, (DEFAULT, bodies[unit.code]))
            figure = figure_view(body, self._index, self._scale, unit.zone, now_ms)
            rows.append(
                Row(
                    code=unit.code,
                    name=unit.name,
                    detail=_detail(figure),
                    when=figure.watermark if label == DEFAULT else label.name,
                    late=freshness.is_late(self._reader.worker_seen_ms(unit.code), now_ms),
                    figure=figure,
                )
            )
        return rows

    async def _older_figures(
        self, units: Sequence[Unit], now_ms: int, *, public: bool
    ) -> Mapping[str, tuple[Label, Body]]:
        """The latest period with answers, for units that have none in the default window."""
        read_ms, figures = self._older.get(public, (0, {}))
        if units and now_ms - read_ms > KEEP_PERIOD_MS:
            latest = await self._reader.latest_periods()
            labelled = [(unit, Label("period", latest[unit.code])) for unit in units if unit.code in latest]
            figures = {
                unit.code: (label, await self._reader.index(unit, label.kind, label.code, public))
                for unit, label in labelled
            }
            self._older[public] = (now_ms, figures)
        codes = {unit.code for unit in units}
        return {code: figure for code, figure in figures.items() if code in codes}

    def _tally(self, rows: Sequence[Row]) -> tuple[Tally, ...]:
        units = Counter(row.figure.tone for row in rows)
        letters = (Tally(s.mutu, s.mutu, s.kinerja, units[s.mutu]) for s in self._scale.segments)
        return (*letters, Tally(NO_TONE, None, "Tanpa angka", units[NO_TONE]))


def _worst_first(row: Row) -> tuple[bool, float, str]:
    raw = row.figure.raw
    return raw is None, raw or 0.0, row.name.casefold()


def _detail(figure: FigureView) -> str:
    parts = [f"n {figure.n}"] if figure.raw is not None else []
    if figure.tier.code in UNSETTLED:
        parts.append(figure.tier.name.lower())
    return " · ".join(parts)
