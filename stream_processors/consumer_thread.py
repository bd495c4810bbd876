"""The thread that fetches: a batch leaves it as entries and pages, not as records of aiokafka's.

A record as aiokafka makes it is twenty objects. Read at once, they lie in the processor's cache still, and the next
record takes their place. A whole fetch of them, read later by the other thread, comes from memory: a fifth slower.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from stream_processors.batches import Batch, Reader
from stream_processors.end import end_on_error

_FETCH_MAX_WAIT_MS = 100
_FETCH_MAX_BYTES = 4 * 2**20
_READ_AT_ONCE = 128


class BatchConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """Stock, but it reads records where it fetched them, a hundred at a time.

    Args:
        readers: of each topic that is fetched.
    """

    def __init__(self, readers: Mapping[str, Reader], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._readers = readers
        self._failed: Exception | None = None

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: AbstractSet[TP],
        timeout: float | None = None,  # noqa: ASYNC109 - stock's
        max_records: int = _READ_AT_ONCE,
    ) -> dict[TP, Batch]:
        """Batches of up to so many records, whatever is there; waits only for the first of them."""
        failed, self._failed = self._failed, None
        if failed is not None:
            raise failed
        found: dict[TP, Batch] = {}
        taken = 0
        while taken < max_records:
            wait, most = 0 if found else timeout, min(_READ_AT_ONCE, max_records - taken)
            try:
                records = await super()._fetch_records(consumer, active_partitions, timeout=wait, max_records=most)
            except Exception as error:
                if not found:
                    raise
                self._failed = error  # raised when what came before it is handed out
                break
            if not records:
                break
            taken += self._read(records, found)
            if consumer._fetcher._subscriptions.reassignment_in_progress:  # noqa: SLF001
                break
        return found

    def _read(self, records: Mapping[TP, Any], found: dict[TP, Batch]) -> int:
        for tp, some in records.items():
            with end_on_error(f"reading {tp.topic}"):
                batch = Batch.of(some, self._readers[tp.topic])
            if tp in found:
                found[tp].extend(batch)
            else:
                found[tp] = batch
        return sum(map(len, records.values()))

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # A fetch in flight must not hold up a seek for 1.5 s, nor fill 50 MB. Faust passes neither setting on.
        consumer._fetch_max_wait_ms = _FETCH_MAX_WAIT_MS  # noqa: SLF001
        consumer._fetch_max_bytes = _FETCH_MAX_BYTES  # noqa: SLF001
        return consumer
