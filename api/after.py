"""Waits, for a client, until figures include the position that it named."""

from collections.abc import Awaitable
from typing import Protocol

from ikm.position import Position
from ikm.registry import Unit
from runtime.web import Problem

WAIT_S = 5.0


class Reaching(Protocol):
    """`Figures.wait_published` or `Figures.wait_history`."""

    def __call__(self, unit: Unit, after: Position, /, *, timeout_s: float) -> Awaitable[None]:
        """Wait; raises TimeoutError."""


async def wait_for(reaching: Reaching, unit: Unit, after: Position | None) -> None:
    """Wait at most 5 s until the unit's figures include a position, if one is named.

    Raises:
        Problem: 504, they do not yet.
    """
    if after is None:
        return
    try:
        await reaching(unit, after, timeout_s=WAIT_S)
    except TimeoutError as error:
        detail = (
            f"the figures of unit {unit.code} have not reached the position in `after` within {WAIT_S:g} s: try again"
        )
        raise Problem(504, detail) from error
