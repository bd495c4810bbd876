"""`make bench`: run the measurements, print one table. `make bench ONLY=fold` runs one of them."""

import importlib
import os
import sys
import time

from bench.table import Row, show

MEASUREMENTS = {
    "fold": "the full job against a stock no-op and a bare loop",
    "workers": "two workers against one",
    "recovery": "a million responses: recovery, memory, changelog",
    "flow": "through `ikm up`: 3,000 responses/s, then latencies at 200/s",
    "periods": "a year of periods, read by HTTP from a year of a city's answers",
    "pooled": "the index of 156 units together, at rest and waiting for an answer",
    "page": "the organisation's page with 1,000 units",
    "memory": "of the process tree at 50,000 and at 300,000 responses",
}


def main() -> None:
    only = [name for name in os.environ.get("ONLY", "").replace(",", " ").split() if name]
    unknown = [name for name in only if name not in MEASUREMENTS]
    if unknown:
        sys.exit(f"ONLY={unknown[0]} is no measurement: choose from {', '.join(MEASUREMENTS)}")
    found: list[Row] = []
    for name in only or MEASUREMENTS:
        print(f"{name}: {MEASUREMENTS[name]}", flush=True)
        started = time.perf_counter()
        found += importlib.import_module(f"bench.{name}").rows()
        print(f"  {time.perf_counter() - started:.0f} s", flush=True)
    print()
    show(found)
    missed = sum(row.verdict == "MISSED" for row in found)
    print(f"\n{missed or 'no'} bound{'' if missed == 1 else 's'} missed")
    print("other load on the machine moves figures more than ratios")


main()
