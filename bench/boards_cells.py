"""`ikm.cells` of the answers of `bench.boards_answers`, added up inside the store and held against the buckets."""

from collections.abc import Callable
from typing import Final

from bench.boards_answers import DAY, HISTOGRAM, PARTITION, QUIETLY, do, of_index, spans
from ikm.cells import CHANNEL, HOUR, KINDS, SERVICE
from ikm.index import INDICES
from ikm.profile import PROFILE
from runtime.clickhouse import Lane, Store
from runtime.topics import RESPONSES

_COLUMNS: Final = (
    "epoch, unit, scope, `index`, day, dimension, cell, partition, n, sum_x, sum_xx, histogram, parts, step"
)
_PROFILE: Final = ", ".join(
    f"('{question}', transform(toString(respondent['{question}']), {[*known]}, {[*known.values()]}, ''))"
    for question, known in PROFILE.items()
)
_OWN: Final = f"""
INSERT INTO ikm.cells ({_COLUMNS})
SELECT $log, unit, 'self', '$index', day, kind.1, kind.2, {PARTITION}, count(), sum(x), sum(x * x),
       sumForEach(histogram), [], 1
FROM (
    WITH toStartOfHour(submitted_at, 'UTC') AS hour, $digits AS digits
    SELECT unit, {DAY} AS day, arraySum(digits) * $worth AS x, {HISTOGRAM} AS histogram,
           [('{SERVICE}', toString(service)), ('{CHANNEL}', toString(channel)), {_PROFILE},
            ('{HOUR}', leftPad(toString(toHour(hour)), 2, '0'))] AS kinds
    FROM ikm.responses WHERE unit >= '$from' AND unit < '$to' AND ($is_in)
) ARRAY JOIN kinds AS kind
GROUP BY unit, day, kind {QUIETLY}"""

_POOLED: Final = f"""
INSERT INTO ikm.cells ({_COLUMNS})
SELECT c.epoch, m.unit, 'pooled', c.`index`, c.day, c.dimension, c.cell, c.partition, sum(c.n), sum(c.sum_x),
       sum(c.sum_xx), sumForEach(c.histogram), [], 1
FROM ikm.cells AS c
INNER JOIN (SELECT unit, member FROM ikm.tree WHERE scope = 'pooled') AS m ON m.member = c.unit
WHERE c.scope = 'self' AND c.`index` = '$index' AND c.partition = $partition
  AND m.unit IN (SELECT unit FROM ikm.tree WHERE scope = 'pooled' AND member != unit)
GROUP BY c.epoch, m.unit, c.`index`, c.day, c.dimension, c.cell, c.partition {QUIETLY}"""

_AGAIN: Final = f"""
INSERT INTO ikm.cells ({_COLUMNS})
SELECT {_COLUMNS.replace("step", "2")} FROM ikm.cells WHERE step = 1 AND day >= toDateTime($since) {QUIETLY}"""

_CARD: Final = "(sum(n), sum(sum_x), sum(sum_xx), sumForEach(histogram))"
_UNLIKE: Final = f"""
SELECT toString(b.`index`), b.dimension
FROM (
    SELECT `index`, arrayJoin({[*KINDS, HOUR]}) AS dimension, card
    FROM (SELECT `index`, {_CARD} AS card FROM ikm.buckets FINAL GROUP BY `index`)
) AS b
LEFT JOIN (
    SELECT `index`, dimension, {_CARD} AS card FROM ikm.cells FINAL
    WHERE unit = 'bench-0000' AND scope = 'pooled' GROUP BY `index`, dimension
) AS c ON c.`index` = b.`index` AND c.dimension = b.dimension
WHERE b.card != c.card"""


async def fill(store: Store, *, log: int, units: int, now_s: int, say: Callable[[str], None]) -> None:
    """Add up the cells of every unit and of every tree of the register.

    Args:
        store: has the answers and the register.
        log: the log's epoch.
        units: how many there are.
        now_s: up to when there are answers, UTC epoch seconds.
        say: told what is done.
    """
    for first, many in spans(units):
        ends = {"from": f"bench-{first:04}", "to": f"bench-{first + many:04}"}
        for index in INDICES:
            await do(store, _OWN, log=log, **ends, **of_index(index))
        say(f"cells of {first + many} units")
    for index in INDICES:
        for partition in range(RESPONSES.partitions):
            await do(store, _POOLED, index=index, partition=partition)
    await store.command("OPTIMIZE TABLE ikm.cells FINAL")
    for day in (2, 1):
        await do(store, _AGAIN, since=now_s - day * 86_400)
    say("cells of trees")


async def check(store: Store) -> None:
    """Hold the cells of the first unit, below which all stand, against all buckets.

    Raises:
        RuntimeError: they differ: what is measured would not be about what the boards read.
    """
    found = await store.rows(_UNLIKE, lane=Lane.CHECK)
    if found:
        places = ", ".join(f"{index} by {dimension}" for index, dimension in found)
        raise RuntimeError(
            f"{store.dsn}: ikm.cells of bench-0000 are not what ikm.buckets come to: {places}. A store that was filled "
            "before there were cells has none: remove its folder, and it is filled anew"
        )
