"""A board over a made-up city: real bodies from hand-made scorecards, and a clock that stands."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI, Request

from api.board import Reader, create_router
from api.board.reader import Body, Label, PeriodStep, Rhythm
from api.body import index_body, shown
from api.frozen import live_version
from ikm.index import IKM, Index
from ikm.registry import Unit
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import MS_PER_MINUTE, parse_rfc3339
from ikm.window import WINDOWS
from runtime.web import Problem
from tests.rules.cards import EMPTY, one

NOW_MS = parse_rfc3339("2026-11-23T03:04:05.678Z")
"""10.04.05 in Jakarta."""
GOOD = (3, 3, 3, 4, 3, 3, 4, 3, 4)
POOR = (2, 1, 2, 2, 3, 2, 2, 2, 2)


def unit(code: str, name: str | None = None, **fields: object) -> Unit:
    defaults = {"zone": "Asia/Jakarta", "period": "semester"}
    return Unit.model_validate({"unit": code, "name": name or f"Unit {code}", **defaults, **fields})


def cards(*rows: tuple[int, ...]) -> Scorecard:
    total = EMPTY
    for row in rows:
        total = total.add(one(row))
    return total


@dataclass(frozen=True)
class Browser:
    """Asks an application, without a network."""

    app: FastAPI

    def get(self, address: str, method: str = "GET") -> httpx.Response:
        return asyncio.run(self._ask(method, address))

    def head(self, address: str) -> httpx.Response:
        return self.get(address, "HEAD")

    async def _ask(self, method: str, address: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://board") as client:
            return await client.request(method, address)


@dataclass
class City:
    """What the pages read; a test changes it between requests.

    Attributes:
        figures: (unit, window or period) -> what was counted.
        frames: (unit, window or period) -> what the public sees of it.
        frozen: (unit, period) -> what its body says of the freeze.
        latest: unit -> code of its latest period with answers.
    """

    units: dict[str, Unit] = field(default_factory=dict)
    figures: dict[tuple[str, str], Scorecard] = field(default_factory=dict)
    frames: dict[tuple[str, str], Scorecard] = field(default_factory=dict)
    frozen: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)
    cells: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    steps: dict[str, tuple[PeriodStep, ...]] = field(default_factory=dict)
    rhythms: dict[str, Rhythm] = field(default_factory=dict)
    trends: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    seen_ms: int | None = NOW_MS - 1_000
    now_ms: int = NOW_MS
    member: bool = True
    unavailable: bool = False
    reads: int = 0

    def add(self, added: Unit, card: Scorecard | None = None, label: str = "30d") -> None:
        self.units[added.code] = added
        if card is not None:
            self.figures[added.code, label] = card

    def client(self) -> "Browser":
        app = FastAPI()
        app.include_router(create_router(self.reader()))
        return Browser(app)

    def reader(self) -> Reader:
        async def units() -> list[Unit]:
            if self.unavailable:
                raise Problem(503, "the register is still being read")
            return list(self.units.values())

        async def find(code: str) -> Unit | None:
            return {one.code: one for one in await units()}.get(code)

        async def latest() -> dict[str, str]:
            return self.latest

        def is_member(_: Request) -> bool:
            return self.member

        async def steps(of: Sequence[Unit]) -> dict[str, tuple[PeriodStep, ...]]:
            return {unit.code: self.steps[unit.code] for unit in of if unit.code in self.steps}

        async def rhythms() -> dict[str, Rhythm]:
            return self.rhythms

        async def cells(of: Unit, _: Label, label: str, _public: bool) -> list[dict[str, Any]]:
            return self.cells.get((of.code, label), [])

        async def trend(of: Unit, pooled: bool, public: bool) -> Body | None:
            return None if pooled and public else {"items": self.trends.get(of.code, [])}

        return Reader(
            steps=steps,
            rhythms=rhythms,
            cells=cells,
            trend=trend,
            roll_up=self._roll_up,
            units=units,
            unit=find,
            index=self._index,
            latest_periods=latest,
            worker_seen_ms=lambda _: self.seen_ms,
            is_member=is_member,
            now_ms=lambda: self.now_ms,
        )

    async def _index(self, of: Unit, index: Index, kind: Label, label: str, public: bool) -> Body:
        self.reads += 1
        if kind == "window":
            bounds = WINDOWS[label].bounds(self.now_ms)
        else:
            period = of.period_called(label)
            bounds = period.from_minute, period.to_minute
        card = self.figures.get((of.code, label), EMPTY) if index is IKM else LAYOUTS[index.code].empty
        body = index_body(
            of,
            index,
            shown(index.code, card),
            label=(kind, label),
            from_minute=bounds[0],
            to_minute=bounds[1],
            watermark=self.now_ms // MS_PER_MINUTE - 2 if card.n else None,
            now_ms=self.now_ms,
            public=public,
            frame=shown(IKM.code, frame) if (frame := self.frames.get((of.code, label))) else None,
        )
        return body if kind == "window" else live_version(body) | self.frozen.get((of.code, label), {})

    def _roll_up(self, of: Unit, label: str, _: str, public: bool) -> Body:
        below = [one.code for one in self.units.values() if of.code in {one.code, one.parent}]
        found = [self.figures[code, label] for code in below if (code, label) in self.figures]
        total = EMPTY
        for card in found:
            total = total.add(card)
        bounds = WINDOWS[label].bounds(self.now_ms)
        body = index_body(
            of,
            IKM,
            shown(IKM.code, total),
            label=("window", label),
            from_minute=bounds[0],
            to_minute=bounds[1],
            watermark=None,
            now_ms=self.now_ms,
            public=public,
        )
        return body | {"units": len(found)}
