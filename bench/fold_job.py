"""The full job: a worker from the first record it folds until everything it published is delivered.

It fetches no record before it holds its share of the partitions and was told to go by a line on its standard input, so
that several can begin together.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import Any

import uvloop
from aiokafka.structs import TopicPartition
from prometheus_client import REGISTRY

from bench.engine import READY
from bench.stopwatch import Stopwatch
from runtime import kafka
from runtime.topics import RESPONSES
from stream_processors.assignment import Assignment
from stream_processors.batches import Batch
from stream_processors.transport import BatchConsumer
from stream_processors.worker import Worker

_LOOK_EVERY_S = 0.01


async def main(bootstrap: str, workers: int) -> None:
    watch, go = Stopwatch(), asyncio.Event()
    _arm(watch, go)
    worker = Worker(bootstrap)
    await worker.start()
    ends = await _share(bootstrap, worker, RESPONSES.partitions // workers)
    print(READY, flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    go.set()
    while not _all_acknowledged(worker, ends):
        await asyncio.sleep(_LOOK_EVERY_S)
    print(watch.line(sum(ends.values())), flush=True)
    os._exit(0)


def _arm(watch: Stopwatch, go: asyncio.Event) -> None:
    """Let the first fold begin the watch, and no record be fetched before it goes."""
    fold, fetch = Assignment.fold, BatchConsumer._getmany  # noqa: SLF001

    async def timed(self: Assignment, batch: Batch) -> None:
        watch.begin()
        await fold(self, batch)

    async def gated(self: BatchConsumer, active_partitions: set | None, timeout: float) -> Any:  # noqa: ASYNC109
        if not go.is_set():
            active_partitions = {tp for tp in active_partitions or () if tp.topic != RESPONSES.name}
        return await fetch(self, active_partitions, timeout)

    Assignment.fold, BatchConsumer._getmany = timed, gated  # noqa: SLF001


async def _share(bootstrap: str, worker: Worker, partitions: int) -> Mapping[int, int]:
    """Wait until the worker holds so many partitions; returns where each ends."""
    while len(worker.assignment.processors) != partitions:
        await asyncio.sleep(_LOOK_EVERY_S)
    client = kafka.consumer(bootstrap, client_id="bench")
    await client.start()
    ends = await client.end_offsets([TopicPartition(RESPONSES.name, p) for p in worker.assignment.processors])
    await client.stop()
    return {tp.partition: end for tp, end in ends.items()}


def _all_acknowledged(worker: Worker, ends: Mapping[int, int]) -> bool:
    folded = {partition: processor.book.position for partition, processor in worker.assignment.processors.items()}
    return folded == ends and REGISTRY.get_sample_value("ikm_worker_unacknowledged_batches") == 0


uvloop.run(main(sys.argv[1], int(sys.argv[2])))
