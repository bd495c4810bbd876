"""Watches for `ikm replay` and rebuilds the store once for each, and a store that an earlier version filled at once."""

import asyncio
from collections.abc import Awaitable, Callable

from runtime import refold
from runtime.clickhouse import Store
from runtime.clock import Clock
from runtime.logging import logger
from sinks import progress
from sinks.quality import lacks_states

log = logger(__name__)

POLL_S = 3.0


async def watch(
    bootstrap: str,
    store: Store,
    log_id: int,
    *,
    is_ours: Callable[[], bool],
    rebuild: Callable[[], Awaitable[None]],
    clock: Clock,
) -> None:
    """Rebuild whenever a greater replay number is asked for than the store was built for; never returns.

    A store whose events lack what a rebuild gives them is rebuilt without being asked.

    Args:
        bootstrap: Kafka's addresses.
        store: migrated.
        log_id: the log's epoch.
        is_ours: whether this process is the one of its group that rebuilds.
        rebuild: does it.
        clock: for the row's time.
    """
    is_complete = False
    while True:
        try:
            if is_ours():
                if not is_complete and await lacks_states(store, log_id):
                    log.info("store_rebuild_starts", reason="its events have no place in the order of the join yet")
                    await rebuild()
                is_complete = True
                wanted = max((await refold.requested(bootstrap)).values())
                done = (await progress.read(store, refold.STORE_TOPIC, log_id)).get(0)
                if wanted > (done.next_offset if done else 0):
                    log.info("store_rebuild_starts", replay=wanted)
                    await rebuild()
                    await progress.write(
                        store, log_id, [progress.Reached(refold.STORE_TOPIC, 0, wanted, wanted)], clock()
                    )
        except Exception as error:  # noqa: BLE001 - the live tables are whole; it is tried again, and said
            log.warning("store_rebuild_waits", error=repr(error))
        await asyncio.sleep(POLL_S)
