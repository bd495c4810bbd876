"""The full job on one worker against stock no-op Faust agents and against a bare loop with the same fold.

Each round has its own log, read by one process of each variant after the other, in an order that rotates.
"""

import asyncio
from statistics import median

from bench.engine import fresh_topics, local_kafka, measured
from bench.load import put, records
from bench.table import Asked, Row, spread

EVENTS = 300_000
DAYS = 1
ROUNDS = 5
VARIANTS = ("fold_job", "fold_bare", "fold_noop json", "fold_noop bytes")
ARGUMENTS = {"fold_job": (1,), "fold_bare": (EVENTS,), "fold_noop": (EVENTS,)}


def rows() -> list[Row]:
    rates: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    cpu: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    with local_kafka() as bootstrap:
        for number in range(ROUNDS):
            asyncio.run(_fill(bootstrap))
            for turn in range(len(VARIANTS)):
                variant = VARIANTS[(number + turn) % len(VARIANTS)]
                module, *values = variant.split()
                found = measured(module, bootstrap, *ARGUMENTS[module], *values)
                rates[variant].append(found["records"] / found["seconds"])
                cpu[variant].append(1e6 * found["cpu"] / found["records"])
                print(f"  fold {number + 1}/{ROUNDS} {variant:<15} {rates[variant][-1]:>10,.0f} records/s", flush=True)
    job, bare, noop, noop_bytes = (rates[variant] for variant in VARIANTS)
    to_noop, to_noop_bytes, to_bare = (
        [a / b for a, b in zip(job, peer, strict=True)] for peer in (noop, noop_bytes, bare)
    )
    spent = ", ".join(f"{spread(cpu[variant], '.0f')} {variant[5:]}" for variant in VARIANTS)
    return [
        Row("full job on one worker, records/s", spread(job, ",.0f")),
        Row("bare getmany loop, same fold, records/s", spread(bare, ",.0f")),
        Row("stock no-op Faust agent, records/s", spread(noop, ",.0f")),
        Row("full job / stock no-op (reads JSON, Faust's default)", spread(to_noop), median(to_noop), Asked("≥", 5)),
        Row("full job / stock no-op of raw bytes", spread(to_noop_bytes)),
        Row("full job / bare loop", spread(to_bare), median(to_bare), Asked("≥", 0.6)),
        Row("CPU time of the process, µs per record", spent),
    ]


async def _fill(bootstrap: str) -> None:
    await fresh_topics(bootstrap)
    await put(bootstrap, records(EVENTS, days=DAYS))
