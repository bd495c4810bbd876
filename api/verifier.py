"""What `POST /v1/admin/verify` does: the truth check on what this process holds and on the log itself."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition

from api.index_store import IndexStore
from api.verify import verify
from api.verify_check import Snapshot
from runtime import kafka
from runtime.clickhouse import Store
from runtime.topics import RESPONSES


class Verifier:
    """Runs one check at a time.

    Args:
        store: ClickHouse with the sink's tables.
        published: the figures of `index.v1`.
        log_epoch: the log's.
        bootstrap: Kafka's addresses, to ask where the log ends.
    """

    def __init__(self, store: Store, published: IndexStore, log_epoch: int, bootstrap: str) -> None:
        self._store, self._published, self._log, self._bootstrap = store, published, log_epoch, bootstrap
        self._running = asyncio.Lock()

    async def run(self) -> Mapping[str, Any]:
        """The report as JSON (`api.verify.Report`)."""
        async with self._running:
            report = await verify(
                self._store,
                log_id=self._log,
                partitions=RESPONSES.partitions,
                published=self._snapshot,
                log_end=self._log_end,
            )
        return report.to_json()

    def _snapshot(self) -> Snapshot:
        progress = {partition: said.next_offset for partition, said in self._published.progress.items()}
        return Snapshot(self._published.values(), progress)

    async def _log_end(self) -> Mapping[int, int]:
        partitions = [TopicPartition(RESPONSES.name, number) for number in range(RESPONSES.partitions)]
        client = kafka.consumer(self._bootstrap, client_id="ikm-verify")
        await client.start()
        try:
            return {tp.partition: end for tp, end in (await client.end_offsets(partitions)).items()}
        finally:
            await client.stop()
