"""Survey answers as HTTP takes them, each new, about units drawn at random."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

import aiohttp

from bench.system import UNITS
from ikm.position import Position
from ikm.questionnaire import QUESTIONNAIRES

_ITEMS = tuple(item.code for item in QUESTIONNAIRES["skm"].items)
_SCORES = (1, 2, 3, 3, 3, 4, 4)


class Answers:
    """An endless supply; the same seed gives the same people."""

    def __init__(self, seed: int, units: Sequence[str] = UNITS) -> None:
        self._units = units
        self._random = random.Random(seed)
        self._names = (f"bench-{seed}-{number}" for number in count())

    def one(self) -> tuple[str, str]:
        """Unit and JSON of an answer that is given now."""
        draw = self._random.choice
        unit = draw(self._units)
        answers = ",".join(f'"{item}":{draw(_SCORES)}' for item in _ITEMS)
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        name = next(self._names)
        return unit, f'{{"id":"{name}","unit":"{unit}","submitted_at":"{now}","answers":{{{answers}}}}}'

    def many(self, number: int) -> str:
        """JSON of a list of answers."""
        return "[" + ",".join(self.one()[1] for _ in range(number)) + "]"


async def post(http: aiohttp.ClientSession, body: str) -> Position:
    """Send answers; returns the position that the acknowledgement names."""
    async with http.post("/v1/responses", data=body, headers={"Content-Type": "application/json"}) as answer:
        found = await answer.json()
        if answer.status != 202 or found["rejected"]:
            raise RuntimeError(f"POST /v1/responses: {answer.status} {str(found)[:500]}")
        return Position.decode(found["position"])
