"""Faust's aiokafka transport, changed where stock Faust loses, reorders or commits too early.

Written against faust-streaming 0.15.3; `tests/stream/test_faust_guard.py` fails when a stock function that this
relies on has changed. Three changes: whole batches travel as one message; source partitions are withheld until the
flow resumes after recovery's seek (stock fetches before it and loses or reorders); commits come from our ledger.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import uvloop
from faust.transport.consumer import ensure_TPset
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from runtime.crash import crash_point
from stream_processors.batches import Batch, Reader
from stream_processors.consumer_thread import BatchConsumerThread
from stream_processors.ledger import Ledger

_BUFFERED_TIMEOUT_S = 0.02
_TIMEOUT_S = 0.25


class BatchConsumer(driver.Consumer):  # type: ignore[misc]
    """Delivers batches, holds source partitions back during recovery, commits what the ledger says."""

    def __init__(self, transport: Any, *args: Any, **kwargs: Any) -> None:
        self._withheld: set[TP] = set()
        self._source: str = transport.source_topic
        self._ledger: Ledger = transport.ledger
        super().__init__(transport, *args, **kwargs)

    def _new_consumer_thread(self) -> BatchConsumerThread:
        readers = self.transport.readers
        return BatchConsumerThread(
            readers, self, loop=self.loop, thread_loop=uvloop.new_event_loop(), beacon=self.beacon
        )

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> dict[TP, list[Batch]]:  # noqa: ASYNC109 - stock's
        # aiokafka takes an emptied set for "all partitions", and ours changes under it: hand over a frozen copy.
        wanted = frozenset(active_partitions or ())
        if not wanted:
            await self.sleep(_BUFFERED_TIMEOUT_S)
            return {}
        timeout = _BUFFERED_TIMEOUT_S if self._buffered_partitions else min(timeout, _TIMEOUT_S)
        batches = await self._thread.getmany(wanted, timeout)
        generation = self.app.consumer_generation_id
        for batch in batches.values():
            batch.generation = generation
        return {tp: [batch] for tp, batch in batches.items()}

    def _to_message(self, tp: TP, batch: Batch) -> Any:
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            batch.next_offset - 1,
            batch.timestamp_ms / 1000.0,
            None,
            (),
            None,
            batch,
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Resume fetching; source partitions wait for `resume_flow`, which comes after recovery's seek."""
        wanted = ensure_TPset(tps)
        source = {tp for tp in wanted if tp.topic == self._source}
        self._withheld |= source
        self._get_active_partitions().difference_update(source)
        super().resume_partitions(wanted - source)

    def resume_flow(self) -> None:
        """Let everything flow that was asked for."""
        withheld, self._withheld = self._withheld, set()
        super().resume_partitions(withheld & self.assignment())
        super().resume_flow()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Forget what was read of all partitions, and publish no more: the eager protocol revokes every one."""
        self._withheld.clear()
        self._ledger.forget()
        await self.transport.release()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Pause the source partitions until recovery resumes them."""
        self._paused_partitions |= {tp for tp in ensure_TPset(assigned) if tp.topic == self._source}
        await super().on_partitions_assigned(assigned, generation_id)

    async def perform_seek(self) -> None:
        """Seek to the committed offsets, or to where a replay makes a partition begin, once per recovery.

        Stock also calls this when records come while the flow is stopped. That is the start of a rebalance, whose
        recovery ends here again, and seeking under batches that are queued would make a hole.
        """
        if not self.transport.recovered():
            return
        await super().perform_seek()
        committed = {tp.partition: self._committed_offset[tp] or 0 for tp in self._source_partitions()}
        for partition, offset in self.transport.begin(committed).items():
            tp = TP(self._source, partition)
            if offset != committed[partition]:
                self._committed_offset[tp] = None
                await self.seek(tp, offset)
            self._ledger.start(partition, offset)

    def _source_partitions(self) -> list[TP]:
        return [tp for tp in self.assignment() if tp.topic == self._source]

    def _filter_tps_with_pending_acks(self, _topics: Any = None) -> list[TP]:
        return [TP(self._source, partition) for partition in self._ledger.committable()]

    def _filter_committable_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        committable = self._ledger.committable()
        return {tp: committable[tp.partition] for tp in tps if tp.partition in committable}

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        crash_point("worker.before_commit")
        committed: bool = await super()._commit(offsets)
        if committed:
            for tp, offset in offsets.items():
                self._ledger.commit(tp.partition, offset)
            crash_point("worker.after_commit")
        return committed

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """A batch's first and last offset lie apart: no gap. Real holes are the ledger's."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Stock guesses at stalls from its own acks, which are not used; the worker's watchdog does it."""


class BatchTransport(driver.Transport):  # type: ignore[misc]
    """Selected by `app.transport = BatchTransport(...)` before the first agent is declared.

    Args:
        source_topic: the topic that the agent reads.
        readers: of each topic that is read.
        ledger: shared with the processor, which acknowledges.
        recovered: whether every page of this generation's partitions is joined and reading has not begun.
        begin: given partition → committed offset, returns partition → offset to start at.
        release: ends what is published of the partitions so far.
    """

    Consumer = BatchConsumer

    def __init__(
        self,
        url: Any,
        app: Any,
        *,
        source_topic: str,
        readers: Mapping[str, Reader],
        ledger: Ledger,
        recovered: Callable[[], bool],
        begin: Callable[[dict[int, int]], dict[int, int]],
        release: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(url, app)
        self.source_topic = source_topic
        self.readers = readers
        self.ledger = ledger
        self.recovered = recovered
        self.begin = begin
        self.release = release
