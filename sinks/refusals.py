"""Rows that the store cannot take: found by halving, sent to the dead letters, limited in number."""

import time
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer

from ikm.errors import Code
from ikm.rejection import Reason
from runtime.clickhouse import Columns, Store, is_row_error
from runtime.logging import logger
from sinks.table import Rows, Unfit

log = logger(__name__)

ALLOWED = 100
ALLOWED_SHARE = 0.01


class TooManyRefused(Exception):  # noqa: N818 - it is an order to stop
    """So many rows were refused that the program, not the data, must be wrong."""


async def insert_fit(store: Store, table: str, rows: Rows, token: str) -> list[Unfit]:
    """Insert a range as one block, without the rows that the store refuses because of a value in them.

    Returns:
        The refused ones with the store's words.

    Raises:
        Exception: the store is away, or refuses the whole though each row is good.
    """
    try:
        await store.insert(table, rows.columns, token)
    except Exception as error:
        if not is_row_error(error):
            raise
        return await _insert_good(store, table, rows, token, error)
    return []


async def _insert_good(store: Store, table: str, rows: Rows, token: str, error: Exception) -> list[Unfit]:
    probe = f"{table}_probe_{time.time_ns()}"
    await store.command(f"CREATE TABLE {probe} AS {table} ENGINE = Null")
    try:
        bad = await _find_bad(store, probe, rows.columns, list(range(len(rows.columns))))
    finally:
        await store.command(f"DROP TABLE IF EXISTS {probe}")
    if not bad:
        raise error
    good = [row for row in range(len(rows.columns)) if row not in bad]
    if good:
        await store.insert(table, rows.columns.pick(good), token)
    return [Unfit(rows.sources[row], f"{table} cannot take it: {message}") for row, message in sorted(bad.items())]


async def _find_bad(store: Store, probe: str, columns: Columns, candidates: Sequence[int]) -> dict[int, str]:
    try:
        await store.insert(probe, columns.pick(candidates))
    except Exception as error:
        if not is_row_error(error):
            raise
        if len(candidates) == 1:
            return {candidates[0]: f"{type(error).__name__}: {str(error)[:300]}"}
    else:
        return {}
    half = len(candidates) // 2
    first = await _find_bad(store, probe, columns, candidates[:half])
    return first | await _find_bad(store, probe, columns, candidates[half:])


class DeadLetters:
    """Sends refused records to `rejected.v1` with their reason, and stops when there are too many.

    Args:
        producer: started; its delivery means that the record is safe.
        topic: the dead letters' topic.
    """

    def __init__(self, producer: AIOKafkaProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic
        self._taken = 0
        self._refused = 0

    def count(self, records: int) -> None:
        """Say how many records were taken, for the share of refused ones."""
        self._taken += records

    async def send(self, unfit: Sequence[Unfit]) -> None:
        """Deliver the refused records, with their own key, value and headers after ours.

        Raises:
            TooManyRefused: more than 100, and more than 1 %, of all records since the start were refused.
        """
        for letter in unfit:
            record = letter.record
            origin = f"{record.topic}/{record.partition}/{record.offset}"
            log.error("record_refused_by_store", origin=origin, message=letter.message)
            ours = Reason(Code.STORE_REFUSED, "record", letter.message, origin).headers()
            await self._producer.send_and_wait(
                self._topic, key=record.key, value=record.value, headers=[*ours, *record.headers]
            )
        self._refused += len(unfit)
        if self._refused > ALLOWED and self._refused > ALLOWED_SHARE * self._taken:
            raise TooManyRefused(
                f"the store refused {self._refused} of {self._taken} records, more than {ALLOWED} and "
                f"{ALLOWED_SHARE:.0%}: look at the last ones in {self._topic}; the sink stops rather than drop the rest"
            )
