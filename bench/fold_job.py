"""The full job: a worker from the first record it folds until everything it published is delivered."""

import asyncio
import json
import os
import sys
import time

from prometheus_client import REGISTRY

from stream_processors.assignment import Assignment
from stream_processors.batches import Batch
from stream_processors.worker import Worker

_LOOK_EVERY_S = 0.01


async def main(bootstrap: str, total: int) -> None:
    started = 0.0
    fold = Assignment.fold

    async def timed(self: Assignment, batch: Batch) -> None:
        nonlocal started
        started = started or time.perf_counter()
        await fold(self, batch)

    Assignment.fold = timed
    worker = Worker(bootstrap)
    await worker.start()
    while not _all_acknowledged(worker, total):
        await asyncio.sleep(_LOOK_EVERY_S)
    print(json.dumps({"records": total, "seconds": time.perf_counter() - started, "cpu": time.process_time()}), flush=True)
    os._exit(0)


def _all_acknowledged(worker: Worker, total: int) -> bool:
    folded = sum(processor.book.position for processor in worker.assignment.processors.values())
    return folded == total and REGISTRY.get_sample_value("ikm_worker_unacknowledged_batches") == 0


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
