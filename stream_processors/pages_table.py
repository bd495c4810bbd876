"""The Faust table `responses`: its changelog holds the pages; its data are the books, not a store of Faust's."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import faust
from faust.stores.memory import Store
from faust.types import TP

from stream_processors.batches import Batch, KafkaRecord, RecordBatches
from stream_processors.end import end_on_error


def read_pages(records: Sequence[KafkaRecord]) -> list[Any]:
    """Key and value of each record."""
    return [(record.key, record.value) for record in records]


class PagesStore(Store):  # type: ignore[misc]
    """Hands recovered pages to `load` without keeping a copy."""

    load: Callable[[int, bytes, bytes | None], None]

    def apply_changelog_batch(self, batch: Iterable[Any], *_: Any, **__: Any) -> None:
        """Join every page record of the fetched batches. Faust would log an error and go on: we end the process."""
        with end_on_error("recovering pages"):
            for event in batch:
                found: Batch = event.message.value
                for key, value in found.items:
                    self.load(found.partition, key, value)


class PagesTable(faust.Table):  # type: ignore[misc]
    """Recovery only: what a batch adds is written by the processor itself, with its deliveries awaited."""

    def __init__(
        self,
        app: Any,
        *,
        name: str,
        topic: str,
        partitions: int,
        load: Callable[[int, bytes, bytes | None], None],
        drop: Callable[[], Awaitable[None]],
        recovered: Callable[[set[int]], Awaitable[None]],
    ) -> None:
        changelog = app.topic(topic, partitions=partitions, schema=RecordBatches(), acks=False)
        super().__init__(app, name=name, partitions=partitions, changelog_topic=changelog, recovery_buffer_size=2)
        self._load, self._drop, self._recovered = load, drop, recovered

    def _new_store(self) -> PagesStore:
        store = PagesStore("memory://", self.app, self, table_name=self.name, loop=self.loop)
        store.load = self._load
        return store

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Drop all state and read every page of what is assigned again: a partition kept may be half written."""
        with end_on_error("preparing for a new assignment"):
            await self._drop()
        self.app.tables.recovery.active_offsets.clear()
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Every page is joined."""
        with end_on_error("deriving scorecards from pages"):
            await self._recovered({tp.partition for tp in active_tps})
        await super().on_recovery_completed(active_tps, standby_tps)
