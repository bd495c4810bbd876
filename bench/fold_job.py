"""The full job: a worker from the first record it folds until everything it published is delivered."""

import asyncio
import os
import sys

import uvloop
from prometheus_client import REGISTRY

from bench.stopwatch import Stopwatch
from stream_processors.assignment import Assignment
from stream_processors.batches import Batch
from stream_processors.worker import Worker

_LOOK_EVERY_S = 0.01


async def main(bootstrap: str, total: int) -> None:
    watch, fold = Stopwatch(), Assignment.fold

    async def timed(self: Assignment, batch: Batch) -> None:
        watch.begin()
        await fold(self, batch)

    Assignment.fold = timed
    worker = Worker(bootstrap)
    await worker.start()
    while not _all_acknowledged(worker, total):
        await asyncio.sleep(_LOOK_EVERY_S)
    print(watch.line(total), flush=True)
    os._exit(0)


def _all_acknowledged(worker: Worker, total: int) -> bool:
    folded = sum(processor.book.position for processor in worker.assignment.processors.values())
    return folded == total and REGISTRY.get_sample_value("ikm_worker_unacknowledged_batches") == 0


uvloop.run(main(sys.argv[1], int(sys.argv[2])))
