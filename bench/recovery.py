"""A million responses: how fast a worker recovers them, and what each costs in memory and in the changelog.

A first worker folds them from the log and is killed; five more, one after the other, recover what it wrote and are
killed too.
"""

import asyncio
import tempfile
from pathlib import Path
from statistics import median

from aiokafka.structs import TopicPartition

from bench.engine import local_kafka
from bench.load import put, records
from bench.table import Asked, Row, spread
from bench.worker_process import WorkerProcess
from runtime import kafka
from runtime.topics import PAGES, RESPONSES, ensure_topics
from stream_processors.worker import APP_ID

EVENTS = 1_210_000
"""Of these a million are new answers; the rest repeats, corrects or withdraws some of them."""
DAYS = 30
ROUNDS = 5
WORKER_BYTES = 2 * 2**30


def rows() -> list[Row]:
    with local_kafka() as bootstrap, tempfile.TemporaryDirectory(prefix="ikm-bench-") as folder:
        asyncio.run(ensure_topics(bootstrap))
        log = Path(folder) / "worker.log"
        with WorkerProcess(bootstrap, log) as worker:
            worker.logged("publications allowed")
            empty, idle_cpu = worker.rss(), worker.cpu_seconds()
            asyncio.run(_feed(bootstrap))
            folded = worker.rss()
        seconds, cpu, recovered, responses = _recoveries(bootstrap, log)
        written, kept = asyncio.run(_changelog(bootstrap))
    each = (recovered - empty) / responses
    room = (WORKER_BYTES - empty) / max(each, (folded - empty) / responses)
    return [
        Row(f"recovery of {responses:,} responses", spread(seconds) + " s", median(seconds), Asked("≤", 10, "s")),
        Row("  of it CPU time of the worker", f"{median(cpu) - idle_cpu:.2f} s"),
        Row("memory per response, recovered", f"{each:,.0f} bytes"),
        Row("memory per response, folded from the log", f"{(folded - empty) / responses:,.0f} bytes"),
        Row("memory of a worker without responses", f"{empty / 2**20:,.0f} MiB"),
        Row("changelog per response, compacted", f"{kept / responses:,.0f} bytes"),
        Row("changelog per response, as written", f"{written / responses:,.0f} bytes"),
        Row("responses that a worker of 2 GiB holds", f"{room / 1e6:,.1f} million"),
    ]


async def _feed(bootstrap: str) -> None:
    """Put the events on the log and wait until the worker has committed all."""
    await put(bootstrap, records(EVENTS, days=DAYS))
    print(f"  {EVENTS:,} events on the log", flush=True)
    partitions = [TopicPartition(RESPONSES.name, p) for p in range(RESPONSES.partitions)]
    client = kafka.consumer(bootstrap, client_id="bench")
    await client.start()
    ends = await client.end_offsets(partitions)
    await client.stop()
    async with kafka.admin(bootstrap) as admin:
        while True:
            committed = await admin.list_consumer_group_offsets(APP_ID, partitions=partitions)
            if all(committed[tp].offset == ends[tp] for tp in partitions):
                return
            await asyncio.sleep(0.2)


def _recoveries(bootstrap: str, log: Path) -> tuple[list[float], list[float], int, int]:
    """Seconds of each recovery; CPU time of each worker up to its end; memory after the last; responses recovered."""
    seconds: list[float] = []
    cpu: list[float] = []
    for number in range(ROUNDS):
        with WorkerProcess(bootstrap, log) as worker:
            responses = worker.logged("pages recovered")["responses"]
            seconds.append(worker.logged("publications allowed")["seconds"])
            cpu.append(worker.cpu_seconds())
            recovered = worker.rss()
        print(f"  recovery {number + 1}/{ROUNDS} {responses:,} responses {seconds[-1]:.2f} s", flush=True)
    return seconds, cpu, recovered, responses


async def _changelog(bootstrap: str) -> tuple[int, int]:
    """Bytes of keys and values in the changelog: all that was written, and the last value of each key."""
    client = kafka.consumer(bootstrap, client_id="bench")
    await client.start()
    partitions = [TopicPartition(PAGES.name, p) for p in range(PAGES.partitions)]
    client.assign(partitions)
    ends = await client.end_offsets(partitions)
    written, last = 0, dict[bytes, int]()
    while ends:
        for found in (await client.getmany(timeout_ms=200)).values():
            for record in found:
                size = len(record.key) + len(record.value or b"")
                written += size
                last[record.key] = size if record.value else 0
        ends = {tp: end for tp, end in ends.items() if await client.position(tp) < end}
    await client.stop()
    return written, sum(last.values())
