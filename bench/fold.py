"""The full job on one worker against a stock no-op Faust agent and against a bare loop with the same fold.

Each round has its own log, read by one process of each variant after the other, in an order that rotates.
"""

import asyncio
from statistics import median

from bench.engine import fresh_topics, local_kafka, measured
from bench.load import put, records
from bench.table import Asked, Row, spread

EVENTS = 400_000
DAYS = 1
ROUNDS = 3
VARIANTS = ("fold_job", "fold_bare", "fold_noop")


def rows() -> list[Row]:
    rates: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    cpu: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    with local_kafka() as bootstrap:
        for number in range(ROUNDS):
            asyncio.run(_fill(bootstrap))
            for turn in range(len(VARIANTS)):
                variant = VARIANTS[(number + turn) % len(VARIANTS)]
                found = measured(variant, bootstrap, EVENTS)
                rates[variant].append(found["records"] / found["seconds"])
                cpu[variant].append(1e6 * found["cpu"] / found["records"])
                print(f"  fold {number + 1}/{ROUNDS} {variant:<10} {rates[variant][-1]:>10,.0f} records/s", flush=True)
    job, bare, noop = (rates[variant] for variant in VARIANTS)
    to_noop = [ours / theirs for ours, theirs in zip(job, noop, strict=True)]
    to_bare = [ours / theirs for ours, theirs in zip(job, bare, strict=True)]
    spent = ", ".join(f"{spread(cpu[variant], '.0f')} {variant[5:]}" for variant in VARIANTS)
    return [
        Row("full job on one worker, records/s", spread(job, ",.0f")),
        Row("bare getmany loop, same fold, records/s", spread(bare, ",.0f")),
        Row("stock no-op Faust agent, records/s", spread(noop, ",.0f")),
        Row("full job / stock no-op", spread(to_noop), median(to_noop), Asked("≥", 5)),
        Row("full job / bare loop", spread(to_bare), median(to_bare), Asked("≥", 0.6)),
        Row("CPU time of the process, µs per record", spent),
    ]


async def _fill(bootstrap: str) -> None:
    await fresh_topics(bootstrap)
    await put(bootstrap, records(EVENTS, days=DAYS))
