"""What `/v1/admin/replay` does: ask for a replay, and say how far it is."""

from collections.abc import Mapping

from api.index_store import IndexStore
from runtime import refold
from runtime.clickhouse import Store
from runtime.topics import RESPONSES

_BUILT_AFTER = """SELECT max(next_offset) FROM ikm.progress FINAL
WHERE topic = {topic:String} AND log = {log:UInt64}"""


class Replayer:
    """Workers and sink do the work; both leave the number of the replay that their state was built after.

    Args:
        store: ClickHouse with the sink's tables.
        published: the progress of `index.v1`.
        log_epoch: the log's.
        bootstrap: Kafka's addresses.
    """

    def __init__(self, store: Store, published: IndexStore, log_epoch: int, bootstrap: str) -> None:
        self._store, self._published, self._log, self._bootstrap = store, published, log_epoch, bootstrap

    async def request(self) -> int:
        """Ask every worker and the sink to fold the log again; returns the replay's number."""
        return await refold.request(self._bootstrap)

    async def status(self) -> Mapping[str, int | bool]:
        """`{"requested","workers","store","done"}`: numbers of the last replay asked for and of those carried out."""
        requested = max((await refold.requested(self._bootstrap)).values())
        progress = self._published.progress
        workers = min(progress[p].replay if p in progress else 0 for p in range(RESPONSES.partitions))
        ((store,),) = await self._store.rows(_BUILT_AFTER, {"topic": refold.STORE_TOPIC, "log": self._log})
        return {
            "requested": requested,
            "workers": workers,
            "store": store,
            "done": min(workers, store) >= requested,
        }
