"""The truth check: what is stored and published, against a recomputation in SQL from the raw events.

Positions. A worker publishes whole batches, so a unit's buckets are exact at the greatest position among its rows, or
at its partition's progress on `scorecards.v1`, whichever is later (nothing of the unit was in between). The same holds
for its published figure and the progress on `index.v1`. Progress is read first, then the rows, then the log's end: a
position beyond that end is a difference. The recomputation waits until the archive has reached the positions. A frozen
figure is compared at its own position, however much came later. The register is read where the API's own ends. What
only boards read comes last (the register's rows, what became of events, who was refused, cells by day), each at its own
position.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from api.difference import Difference, NotReached
from api.verify_check import Check
from api.verify_log import LogReader
from api.verify_snapshot import Snapshot
from api.verify_tables import Tables
from runtime import metrics
from runtime.clickhouse import Store
from runtime.clock import Clock, system_clock
from runtime.logging import logger

log = logger(__name__)

PATIENCE_S = 30.0
PAUSE_S = 0.5
CURE = "ikm replay"
MOST_NAMED = 20

_numbers = itertools.count(1)


class Outcome(StrEnum):
    """How a check ended; `ikm verify` exits with 0, 1, 2 in this order."""

    EQUAL = "equal"
    DIFFERS = "differs"
    INCOMPARABLE = "incomparable"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found.

    Attributes:
        outcome: equal, differs or incomparable.
        differences: one per unit and place, at most 1,000 of a kind.
        compared: counts of what was compared, and the position of each partition.
        reason: why it could not be compared, else "".
        cure: what to do about differences, else "".
    """

    outcome: Outcome
    differences: Sequence[Difference] = ()
    compared: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    cure: str = ""

    def to_json(self) -> dict[str, Any]:
        """`{"outcome","differences":[{"unit","bucket","expected","found"}],"compared","reason","cure"}`."""
        return {
            "outcome": self.outcome.value,
            "differences": [difference.to_json() for difference in self.differences],
            "compared": dict(self.compared),
            "reason": self.reason,
            "cure": self.cure,
        }


async def verify(
    store: Store,
    reader: LogReader,
    shown: Callable[[], Snapshot],
    *,
    log_id: int,
    patience_s: float = PATIENCE_S,
    clock: Clock = system_clock,
) -> Report:
    """Compare all that is stored, published, frozen and answered with a recomputation from `events` and the register.

    A unit that differs is looked at again, for up to `patience_s`, as long as it moves: then a later position may
    agree. One that stands still and differs is reported.

    Args:
        store: ClickHouse with the sink's tables.
        reader: of the log.
        shown: what the API shows at the moment of the call.
        log_id: the log's epoch; rows of another log do not count.
        patience_s: for how long to wait for the store and for units that move.
        clock: for the metric.

    Returns:
        The report; an unreachable position is reported as incomparable and not raised.
    """
    deadline = time.monotonic() + patience_s
    before: Mapping[str, Any] = {}
    while True:
        tables = Tables(store, f"ikm.verify_{next(_numbers)}_{time.monotonic_ns()}")
        check = Check(tables, log_id, reader, shown)
        try:
            differences = await _once(check, deadline)
        except NotReached as error:
            metrics.VERIFIED.labels(Outcome.INCOMPARABLE.value).inc()
            return Report(Outcome.INCOMPARABLE, compared=check.compared, reason=str(error))
        finally:
            await tables.drop()
        traces = {difference.unit: check.trace(difference.unit) for difference in differences}
        is_moving = any(unit not in before or before[unit] != trace for unit, trace in traces.items())
        if not differences or not is_moving or time.monotonic() > deadline:
            break
        before = traces
        await asyncio.sleep(PAUSE_S)
    tell(differences, clock)
    if differences:
        log.error("verify_differs", units=sorted(traces)[:MOST_NAMED], differences=len(differences), cure=CURE)
        return Report(Outcome.DIFFERS, differences, check.compared, cure=CURE)
    return Report(Outcome.EQUAL, compared=check.compared)


def tell(differences: Sequence[Difference], clock: Clock) -> None:
    """What the metrics say of a comparison, until the next one."""
    units = sorted({difference.unit for difference in differences})
    metrics.VERIFIED.labels((Outcome.DIFFERS if units else Outcome.EQUAL).value).inc()
    metrics.DIVERGENT.set(len(units))
    metrics.DIVERGENT_UNIT.clear()
    for unit in units[:MOST_NAMED]:
        metrics.DIVERGENT_UNIT.labels(unit).set(1)
    metrics.VERIFIED_AT.set(clock() / 1000)


async def _once(check: Check, deadline: float) -> list[Difference]:
    """One comparison; what is made of others is looked at only where those are right, or it would be named for them."""
    await check.take()
    differences = await check.place()
    while (missing := await check.not_stored()) is not None:
        if time.monotonic() > deadline:
            raise NotReached(missing)
        await asyncio.sleep(PAUSE_S / 5)
    differences += await check.archive() + await check.buckets() + await check.figures()
    differences += await check.sums() + await check.states() + await check.closings()
    differences += await check.register() + await check.lineage()
    differences = differences or await check.quality() + await check.rejections() + await check.cells()
    return differences or await check.roll_ups()
