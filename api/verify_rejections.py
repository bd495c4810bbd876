"""The truth check of `rejections`: which records were refused and why, against the letters on `rejected.v1`.

That topic forgets: a row that is older than what it still has is not compared, and without a letter none is missed.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Final

from api.difference import Difference, NotReached
from api.verify_log import LogReader
from api.verify_tables import Tables
from ikm import names
from ikm.rejection import Reason
from ikm.times import rfc3339_ms
from runtime.letters import forgotten_ms

PATIENCE_S: Final = 30.0
PAUSE_S: Final = 0.25
Span = tuple[int, int]
"""[first, end) of a partition of the letters' topic."""

_COPY: Final = """CREATE TABLE $rejections ENGINE = Memory SETTINGS compress = 1 AS
SELECT toString(topic) AS topic, partition, offset, toString(code) AS code, toUnixTimestamp64Milli(at) AS at,
       toString(unit) AS unit, toString(field) AS field
FROM ikm.rejections FINAL WHERE log = {log:UInt64}"""

_COLUMNS: Final = ("topic", "partition", "offset", "code", "at", "unit", "field", "is_needed")
_TABLE: Final = """CREATE TABLE $letters (
    topic LowCardinality(String), partition UInt16, offset UInt64, code LowCardinality(String), at Int64,
    unit LowCardinality(String), field LowCardinality(String), is_needed UInt8
) ENGINE = Memory SETTINGS compress = 1"""

_DIFFERENT: Final = """
SELECT topic, partition, offset, code, anyIf((unit, field, at), is_letter) AS expected,
       anyIf((unit, field, at), NOT is_letter) AS found, countIf(is_letter) AS letters, countIf(NOT is_letter) AS kept
FROM (
    SELECT topic, partition, offset, code, argMin(l.unit, l.at) AS unit, argMin(l.field, l.at) AS field,
           min(l.at) AS at, true AS is_letter, max(l.is_needed) AS needed
    FROM $letters AS l GROUP BY topic, partition, offset, code
    UNION ALL
    SELECT topic, partition, offset, code, unit, field, at, false, 0 FROM $rejections
)
GROUP BY topic, partition, offset, code
HAVING multiIf(kept = 0, max(needed) = 1,
               letters > 0 AND ((found.1, found.2) != (expected.1, expected.2) OR found.3 > expected.3), true,
               (letters = 0 OR found.3 < expected.3) AND found.3 >= {forgotten:Int64})
ORDER BY topic, partition, offset, code LIMIT 1000"""
"""Of several letters about one record the first counts, which may be one that is forgotten."""


async def rejection_differences(
    tables: Tables, reader: LogReader, log: int, stored: Callable[[], Awaitable[Sequence[int]]]
) -> tuple[list[Difference], int]:
    """Compare every row of one log that the topic remembers, and every letter.

    Args:
        tables: this check's own.
        reader: of the log.
        log: the log's epoch.
        stored: says, by partition of the letters' topic, up to where the store has it.

    Returns:
        The differences, at most 1,000, and how many rows there are.

    Raises:
        NotReached: the store does not get the letters that were there at the beginning.
    """
    needed = await reader.letters_spans()
    await _wait_stored(needed, stored)
    await tables.run(_COPY, log=log)
    await tables.run(_TABLE)
    forgotten = await _read(tables, reader, needed, await reader.letters_spans())
    rows = await tables.rows(_DIFFERENT, forgotten=forgotten)
    ((count,),) = await tables.rows("SELECT count() FROM $rejections")
    return [_difference(row) for row in rows], count


async def _wait_stored(needed: Sequence[Span], stored: Callable[[], Awaitable[Sequence[int]]]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        reached = await stored()
        behind = [number for number, (first, end) in enumerate(needed) if first < end and reached[number] < end]
        if not behind:
            return
        if time.monotonic() > deadline:
            raise NotReached(
                f"the store has partition {behind[0]} of the refused records up to {reached[behind[0]]}, the log up to "
                f"{needed[behind[0]][1]}: is the sink up?"
            )
        await asyncio.sleep(PAUSE_S)


async def _read(tables: Tables, reader: LogReader, needed: Sequence[Span], spans: Sequence[Span]) -> int:
    """Fill `$letters`; returns before when rows may be without a letter, UTC epoch milliseconds."""
    oldest: dict[int, int] = {}
    async for records in reader.letters(spans):
        for record in records:
            oldest.setdefault(record.partition, record.timestamp)
        await tables.insert("letters", _COLUMNS, [row for record in records for row in _rows(record, needed)])
    return forgotten_ms({number: first for number, (first, _) in enumerate(spans)}, oldest)


def _rows(record: Any, needed: Sequence[Span]) -> Iterator[tuple[Any, ...]]:
    """What a letter says; of what is none nothing."""
    try:
        reason = Reason.read(record.headers)
        place = reason.place
    except ValueError:
        return
    unit = (record.key or b"").decode("utf-8", "replace").replace("@", "|").partition("|")[0]
    is_needed = record.offset < needed[record.partition][1]
    yield (
        *place, reason.code.value, record.timestamp, unit if names.is_unit(unit) else "", reason.known_field, is_needed
    )  # fmt: skip


def _difference(row: Sequence[Any]) -> Difference:
    topic, partition, offset, code, expected, found, letters, kept = row
    unit = expected[0] if letters else found[0]
    said = [_said(*each) if count else "no such row" for each, count in ((expected, letters), (found, kept))]
    return Difference(unit, f"rejection {topic}/{partition}/{offset} {code}", *said)


def _said(unit: str, field: str, at: int) -> str:
    return f"unit={unit or '-'} field={field or '-'} at={rfc3339_ms(at)}"
