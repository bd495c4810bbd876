"""What `quality` holds, and what it must hold."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from ikm import wire
from ikm.entry import state_of
from ikm.events import Event, Response
from ikm.partition import partition_of
from ikm.quality import LATE_MS
from runtime.clickhouse import Lane, Store
from tests.store.world import NOW_MS, World

HOUR_MS = 3_600_000

Received = tuple[Event | None, int]
"""An event with the time of its receipt; None: what was refused, about nobody."""
Counts = dict[tuple[str, int], tuple[int, int, int, int]]


def recomputed(received: Sequence[Received]) -> Counts:
    """Accepted, duplicate, late and rejected by unit and hour, as plainly as the rule says it."""
    tops: dict[tuple[str, str, str], int] = {}
    found: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for event, at in received:
        hour = at // HOUR_MS
        if event is None:
            found["", hour]["rejected"] += 1
            continue
        row, identity, state = found[event.unit, hour], (event.unit, event.source, event.id), state_of(event)
        row["accepted"] += 1
        row["duplicate"] += state <= tops.get(identity, -1)
        row["late"] += isinstance(event, Response) and at - event.submitted_at > LATE_MS
        tops[identity] = max(state, tops.get(identity, -1))
    names = ("accepted", "duplicate", "late", "rejected")
    return {place: tuple(row[name] for name in names) for place, row in found.items()}  # type: ignore[misc]


async def found(store: Store, log: int) -> Counts:
    rows = await store.rows(
        "SELECT toString(unit), intDiv(toUnixTimestamp(hour), 3600), sum(accepted), sum(duplicate), sum(late), "
        "sum(rejected) FROM ikm.quality FINAL WHERE log = {log:UInt64} GROUP BY ALL",
        {"log": log},
        lane=Lane.CHECK,
    )
    return {(unit, hour): tuple(counts) for unit, hour, *counts in rows}  # type: ignore[misc]


def wanted(world: World) -> Counts:
    """Of all events of a world, which were received at its one moment."""
    parts = [recomputed([(event, NOW_MS) for event in events]) for events in world.events.values()]
    return {place: row for part in parts for place, row in part.items()}


def record(event: Event | None, offset: int, received_ms: int) -> Any:
    key, value, headers = (b"", b"{", []) if event is None else wire.encode(event, received_ms=received_ms)
    partition = 0 if event is None else partition_of(event.unit, 1)
    return SimpleNamespace(
        key=key, value=value, headers=tuple(headers), partition=partition, offset=offset, timestamp=received_ms
    )
