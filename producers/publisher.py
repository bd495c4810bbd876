"""Puts events on `responses.v1`: one record each, in its unit's partition, acknowledged by every in-sync replica."""

from collections import defaultdict
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from ikm.events import Event
from ikm.partition import partition_of
from ikm.position import Position
from ikm.wire import encode
from producers.lane import Record
from producers.log_writer import LogWriter
from runtime.topics import RESPONSES

ACKNOWLEDGE_WITHIN_S = 5.0


class ResponsePublisher:
    """Every producer's door to the log; an asynchronous context manager.

    async with ResponsePublisher(bootstrap, log=await ensure_topics(bootstrap), client_id="import") as publisher:
        position = await publisher.publish(events, received_ms=now)
    """

    def __init__(self, bootstrap: str, *, log: int, client_id: str) -> None:
        """Wire a publisher.

        Args:
            bootstrap: Kafka's addresses.
            log: the log epoch that `ensure_topics` returned; positions carry it.
            client_id: how Kafka's own logs call this producer.
        """
        self._log = log
        self._partitions = RESPONSES.partitions
        self._writer = LogWriter(bootstrap, RESPONSES.name, self._partitions, client_id=client_id)

    async def publish(
        self, events: Iterable[Event], *, received_ms: int, timeout_s: float = ACKNOWLEDGE_WITHIN_S
    ) -> Position:
        """Write events and wait until Kafka has them all.

        Args:
            events: responses, revisions and withdrawals that were validated; their order is kept within a unit.
            received_ms: when they were received, UTC epoch milliseconds: `ce_time` and the record's timestamp.
            timeout_s: how long to wait.

        Returns:
            The position after them, naming the partitions that they touched.

        Raises:
            Unacknowledged: wholly or in part not acknowledged in time; repeating all of them is safe.
        """
        groups: dict[int, list[Record]] = defaultdict(list)
        for event in events:
            key, value, headers = encode(event, received_ms=received_ms)
            groups[partition_of(event.unit, self._partitions)].append(Record(key, value, headers, received_ms))
        return Position(self._log, await self._writer.write(groups, timeout_s=timeout_s))

    async def __aenter__(self) -> Self:
        await self._writer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._writer.stop()
