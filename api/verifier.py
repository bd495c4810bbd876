"""What `POST /v1/admin/verify` does: the truth check on what this process holds and on the log itself."""

import asyncio
from collections.abc import Mapping
from typing import Any

from api.app import Reads
from api.verify import verify
from api.verify_log import LogReader
from api.verify_snapshot import Snapshot
from runtime.clickhouse import Store


class Verifier:
    """Runs one check at a time.

    Args:
        store: ClickHouse with the sink's tables.
        reads: what the API shows.
    """

    def __init__(self, store: Store, reads: Reads) -> None:
        self._store, self._reads = store, reads
        self._reader = LogReader(reads.settings.kafka_bootstrap)
        self._running = asyncio.Lock()

    async def run(self) -> Mapping[str, Any]:
        """The report as JSON (`api.verify.Report`)."""
        async with self._running:
            report = await verify(self._store, self._reader, self._shown, log_id=self._reads.log_epoch)
        return report.to_json()

    def _shown(self) -> Snapshot:
        reads = self._reads
        return Snapshot.of(reads.published, reads.units, reads.frames, reads.clock)
