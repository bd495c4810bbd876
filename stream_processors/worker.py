"""The worker: a Faust application with one agent, one table and a timer.

The agent folds record batches; the table recovers pages; the timer publishes what was joined and what aged out.
"""

import asyncio
import contextlib
import gc
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import faust
import structlog
from aiokafka.errors import KafkaError

from runtime import kafka, refold
from runtime.clock import Clock, system_clock
from runtime.ops import reporting
from runtime.settings import Settings
from runtime.topics import PAGES, RESPONSES, ensure_topics
from stream_processors.assignment import Assignment
from stream_processors.batches import RecordBatches
from stream_processors.end import end, end_on_error
from stream_processors.ledger import Ledger
from stream_processors.pages_table import PagesTable, read_pages
from stream_processors.published_frames import read_frames
from stream_processors.reading import read_events
from stream_processors.transport import BatchTransport
from stream_processors.watchdog import Watchdog

APP_ID = "ikm-worker"
TABLE = "responses"
FLUSH_EVERY_S = 0.05
TIDY_EVERY_S = 60
REFOLD_POLL_S = 3
SESSION_S = 6
STOP_WITHIN_S = 2.5
GC_THRESHOLDS = (500_000, 20, 100)
"""A batch of 5,000 records is 40,000 objects, none of them in a cycle, and several batches are under way: looking for
cycles every 700, as Python does, costs a tenth of the CPU, every 50,000 still a twentieth."""

_log = structlog.get_logger()


def create_app(bootstrap: str) -> faust.App:
    """The Faust application, with no agent yet."""
    return faust.App(
        APP_ID,
        broker=";".join(f"kafka://{address}" for address in bootstrap.split(",")),
        store="memory://",
        # Faust makes this directory at start, by default in the working directory; nothing is kept in it.
        datadir=Path(tempfile.gettempdir()) / f"{APP_ID}-faust",
        autodiscover=False,
        web_enabled=False,
        topic_partitions=RESPONSES.partitions,
        topic_allow_declare=False,
        topic_disable_leader=True,
        processing_guarantee="at_least_once",
        stream_buffer_maxsize=16,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
        table_standby_replicas=0,
        consumer_auto_offset_reset="earliest",
        broker_max_poll_records=5000,
        broker_commit_interval=1.0,
        broker_commit_every=1_000_000_000,
        broker_session_timeout=SESSION_S,
        broker_heartbeat_interval=1.5,
        broker_request_timeout=30.0,
        consumer_max_fetch_size=4 * 2**20,
    )


class Worker:
    """One member of the consumer group: composed by `start`, ended by `stop` or by its own watchdog."""

    def __init__(self, bootstrap: str, *, clock: Clock = system_clock, tidy_every_s: float = TIDY_EVERY_S) -> None:
        self._bootstrap = bootstrap
        self._clock = clock
        self._tidy_every_s = tidy_every_s
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Assert the topics, join the group, begin to fold.

        Raises:
            TopicError: a topic is not what it must be.
            KafkaError: Kafka can't be reached.
        """
        gc.set_threshold(*GC_THRESHOLDS)
        log = await ensure_topics(self._bootstrap)
        self._producer = kafka.producer(self._bootstrap, client_id=APP_ID, max_batch_size=2**20)
        await self._producer.start()
        self._ledger = Ledger()
        self._app = create_app(self._bootstrap)
        self.assignment = Assignment(
            producer=self._producer,
            ledger=self._ledger,
            log=log,
            generation=lambda: self._app.consumer_generation_id,
            read_frames=lambda partitions: read_frames(self._bootstrap, partitions, log),
            clock=self._clock,
        )
        self._declare()
        self._app.finalize()
        await self._app.start()
        watchdog = Watchdog(self._bootstrap, self._ledger, self.assignment)
        self._tasks = [
            asyncio.create_task(self._repeat(FLUSH_EVERY_S, self.assignment.flush)),
            asyncio.create_task(self._repeat(self._tidy_every_s, self.assignment.tidy)),
            asyncio.create_task(self._watch_for_replay()),
            asyncio.create_task(watchdog.run()),
        ]

    async def stop(self) -> None:
        """Leave the group. What is folded and not delivered will be folded again."""
        for task in self._tasks:
            task.cancel()
        await self.assignment.release()
        await self._app.stop()
        await self._producer.stop()

    def _declare(self) -> None:
        app = self._app
        app.transport = BatchTransport(
            app.conf.broker_consumer,
            app,
            source_topic=RESPONSES.name,
            readers={RESPONSES.name: read_events, PAGES.name: read_pages},
            ledger=self._ledger,
            recovered=self.assignment.recovered,
            begin=self.assignment.begin,
            release=self.assignment.release,
        )
        table = PagesTable(
            app,
            name=TABLE,
            topic=PAGES.name,
            partitions=PAGES.partitions,
            load=self.assignment.load,
            drop=self._drop,
            recovered=self.assignment.derive,
        )
        app.tables.add(table)
        source = app.topic(RESPONSES.name, partitions=RESPONSES.partitions, schema=RecordBatches())
        app.agent(source, name="fold")(self._fold)

    async def _fold(self, stream: Any) -> None:
        with end_on_error("folding"):
            async for event in stream.noack().events():
                await self.assignment.fold(event.value)

    async def _drop(self) -> None:
        self.assignment.drop(await refold.requested(self._bootstrap))

    async def _repeat(self, every_s: float, do: Any) -> None:
        with end_on_error(f"repeating {do.__name__}"):
            while True:
                await asyncio.sleep(every_s)
                do()

    async def _watch_for_replay(self) -> None:
        with end_on_error("watching for a replay"):
            while True:
                await asyncio.sleep(REFOLD_POLL_S)
                with contextlib.suppress(KafkaError):  # a broker that is away is asked again
                    wanted = await refold.requested(self._bootstrap)
                    if any(wanted[p] > self.assignment.refolds.get(p, 0) for p in self.assignment.processors):
                        end("a replay was asked for: starting again to refold the log", replay=max(wanted.values()))


async def run(settings: Settings) -> int:
    """Run a worker until SIGTERM or SIGINT; returns the exit status."""
    worker = Worker(settings.kafka_bootstrap)
    stopped = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stopped.set)
    started = time.monotonic()
    await worker.start()
    _log.info("worker started", seconds=round(time.monotonic() - started, 3))
    async with reporting(settings.kafka_bootstrap, "worker"):
        await stopped.wait()
    try:
        await asyncio.wait_for(worker.stop(), STOP_WITHIN_S)
    except TimeoutError:
        end("an orderly stop took too long; what was not delivered will be folded again")
    return 0
