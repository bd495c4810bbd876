"""Survey answers sent over HTTP through whatever happens, and what must then be true of them."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ikm.position import Position
from tests.rules.samples import ITEMS
from tests.system.conftest import System

UNITS = [f"unit-{i}" for i in range(24)]


@dataclass
class Load:
    """Batches of answers, each sent until it is acknowledged; repeats are part of it."""

    system: System
    seed: int
    acknowledged: Counter[str] = field(default_factory=Counter)
    position: Position | None = None
    stopping: bool = False
    batches: int = 0

    async def register(self) -> None:
        """The units answers are about."""
        for unit in UNITS:
            body = {"name": unit, "zone": "Asia/Jakarta", "period": "semester"}
            answer = await self.system.retry("PUT", f"/v1/units/{unit}", json=body)
            assert answer.status_code in (200, 201), answer.text

    async def run(self, pause_s: float = 0.01) -> None:
        """Send until told to stop."""
        rng = random.Random(self.seed)
        while not self.stopping:
            await self.send([self._answer(rng, f"{self.seed}-{self.batches}-{i}") for i in range(20)])
            self.batches += 1
            await asyncio.sleep(pause_s)

    async def send(self, answers: list[dict[str, object]]) -> None:
        """One POST, repeated until it is acknowledged."""
        answer = await self.system.retry("POST", "/v1/responses", json=answers)
        assert answer.status_code == 202, answer.text
        assert answer.json()["rejected"] == []
        self.acknowledged.update(str(each["unit"]) for each in answers)
        position = Position.decode(answer.json()["position"])
        self.position = position if self.position is None else self.position.merge(position)

    async def assert_each_counts_once(self) -> None:
        """After the last position, each unit's figure holds every answer acknowledged, and verify agrees."""
        assert self.position is not None
        assert sum(self.acknowledged.values()) > 0
        for unit in UNITS:
            for read in ("window=30d", f"period={datetime.now(UTC).year}"):
                path = f"/v1/units/{unit}/index?{read}&after={self.position.encode()}"
                answer = await self.system.retry("GET", path)
                assert answer.status_code == 200, answer.text
                assert answer.json()["n"] == self.acknowledged[unit], (unit, read)
        verified = await asyncio.to_thread(self.system.command, "verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr

    def _answer(self, rng: random.Random, name: str) -> dict[str, object]:
        return {
            "id": name,
            "unit": rng.choice(UNITS),
            "submitted_at": datetime.now(UTC).isoformat(),
            "answers": {code: rng.choice((None, 1, 2, 3, 4, 4)) for code in ITEMS} | {"waktu": 3},
        }
