"""What one worker holds between two rebalances: books while recovering, then a processor per partition."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from ikm.book import Book
from ikm.position import RULES_VERSION
from runtime import metrics
from runtime.clock import Clock
from runtime.logging import logger
from stream_processors.batches import Batch
from stream_processors.ledger import Ledger
from stream_processors.marker import MARKER_KEY, Marker
from stream_processors.outbox import Outbox
from stream_processors.processor import Processor
from stream_processors.published_frames import Frames

ARRIVE_WITHIN_S = 2.0
"""What is on its way when partitions are revoked gets so long to arrive; a session lasts three times as long."""
READ_AGAIN_S = 0.5

_log = logger(__name__)


class Assignment:
    """The partitions of this worker, dropped and built again at every rebalance.

    Args:
        producer: started.
        ledger: shared with the transport.
        log: the log's epoch.
        generation: asks for the current generation of the consumer group.
        read_frames: reads back the public frames published last, by partition.
        clock: the time.
    """

    def __init__(
        self,
        *,
        producer: AIOKafkaProducer,
        ledger: Ledger,
        log: int,
        generation: Callable[[], int],
        read_frames: Callable[[set[int]], Awaitable[Mapping[int, Frames]]],
        clock: Clock,
    ) -> None:
        self.processors: dict[int, Processor] = {}
        self.refolds: dict[int, int] = {}
        self.recovering_since: float | None = time.monotonic()
        self._producer = producer
        self._ledger = ledger
        self._log_epoch = log
        self._generation = generation
        self._read_frames = read_frames
        self._clock = clock
        self._books: dict[int, Book] = {}
        self._markers: dict[int, Marker] = {}
        self._recovered_generation: int | None = None
        self._begun_generation: int | None = None

    def drop(self, refolds: dict[int, int]) -> None:
        """Forget everything: a new generation begins, its pages will be loaded."""
        self.close()
        self._books, self._markers = {}, {}
        self._recovered_generation = self._begun_generation = None
        self.refolds = refolds
        self.recovering_since = time.monotonic()

    def close(self) -> None:
        """Publish nothing more."""
        for processor in self.processors.values():
            processor.close()
        self.processors = {}

    async def release(self) -> None:
        """Publish nothing more, and let what is on its way arrive before a successor reads back what was published."""
        self.close()
        with contextlib.suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(ARRIVE_WITHIN_S):
                await self._producer.flush()

    def load(self, partition: int, key: bytes, value: bytes | None) -> None:
        """Join one record of the changelog."""
        if key == MARKER_KEY:
            if value is not None:
                self._markers[partition] = Marker.read(value)
            return
        self._book(partition).load(key, value)

    async def derive(self, partitions: set[int]) -> None:
        """Every page of these partitions is loaded: read their public frames, build what is derived from the pages."""
        books = self._books
        frames = await self._published_frames(partitions)
        if self._books is not books:  # dropped meanwhile: the next generation's pages are on their way
            return
        for partition in partitions:
            book = self._book(partition)
            book.frames = dict(frames[partition])
            book.derive(self._clock())
        self._recovered_generation = self._generation()

    def recovered(self) -> bool:
        """Whether every page of this generation is joined, and reading has not begun."""
        current = self._generation()
        return self._recovered_generation == current and self._begun_generation != current

    def begin(self, committed: dict[int, int]) -> dict[int, int]:
        """Start a processor per partition; returns the offset at which each begins to read."""
        starts = {partition: self._begin(partition, offset) for partition, offset in committed.items()}
        self._begun_generation = self._generation()
        responses = sum(len(unit.entries) for p in self.processors.values() for unit in p.book.units.values())
        metrics.RESPONSES.set(responses)
        _log.info("pages recovered", partitions=sorted(starts), responses=responses, seconds=self._seconds())
        self._note_release()
        return starts

    async def fold(self, batch: Batch) -> None:
        """Fold a batch, unless it is another generation's; wait until there is room for one more."""
        processor = self.processors.get(batch.partition)
        if processor is None or batch.generation != self._begun_generation or not self._ledger.reads(batch.partition):
            return
        self._ledger.deliver(batch.partition, batch.first_offset, batch.next_offset)
        processor.fold(batch, self._clock())
        self._note_release()
        await processor.room()

    def flush(self) -> None:
        """Publish what is due on every partition."""
        now_ms = self._clock()
        for processor in self.processors.values():
            processor.flush(now_ms)

    def tidy(self) -> None:
        """Rewrite the pages of one unit per partition, if any is untidy."""
        for partition, processor in self.processors.items():
            if self._ledger.reads(partition):
                processor.tidy(self._ledger.committed(partition))

    async def _published_frames(self, partitions: set[int]) -> Mapping[int, Frames]:
        while True:
            try:
                return await self._read_frames(partitions)
            except KafkaError as error:
                _log.warning("public frames are not readable yet", error=repr(error))
                await asyncio.sleep(READ_AGAIN_S)

    def _note_release(self) -> None:
        """Note when publications are first allowed on every partition."""
        if self.recovering_since is None or any(processor.held for processor in self.processors.values()):
            return
        metrics.RECOVERY_SECONDS.observe(self._seconds())
        _log.info("publications allowed", partitions=sorted(self.processors), seconds=self._seconds())
        self.recovering_since = None

    def _seconds(self) -> float:
        return round(time.monotonic() - (self.recovering_since or 0), 3)

    def _begin(self, partition: int, committed: int) -> int:
        book = self._books.pop(partition)
        needed = Marker(self._log_epoch, book.refold, RULES_VERSION)
        found = self._markers.get(partition)
        refolded = book.refold == 0 or (found is not None and found[:2] == needed[:2])
        start = committed if refolded else 0
        outbox = Outbox(self._producer, partition)
        self.processors[partition] = Processor(
            partition=partition,
            book=book,
            start=start,
            hold_until=max(book.covered, committed),
            marker=None if found == needed else needed,
            outbox=outbox,
            acknowledge=self._ledger.acknowledge,
        )
        outbox.start()
        return start

    def _book(self, partition: int) -> Book:
        book = self._books.get(partition)
        if book is None:
            refold = self.refolds.get(partition, 0)
            book = self._books[partition] = Book(writer=secrets.token_hex(4), log=self._log_epoch, refold=refold)
        return book
