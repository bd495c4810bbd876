"""What units counted in a period, all indices at once, and the log position that it is true at."""

from collections.abc import Mapping
from typing import Any, Final

from ikm.freeze import Counted, Share
from ikm.index import INDICES
from ikm.members import Members
from ikm.partition import partition_of
from ikm.period import Period
from ikm.position import Position
from ikm.scorecard import Scorecard
from runtime.clickhouse import Store

_COUNTED: Final = """
SELECT toString(unit) AS code, toString(`index`), toUInt64(sumIf(n, inside)), toUInt64(sumIf(sum_x, inside)),
       toUInt64(sumIf(sum_xx, inside)), sumForEachIf(histogram, inside), sumForEachIf(parts, inside),
       maxIf(toUnixTimestamp(assumeNotNull(watermark)), inside AND n > 0), max(offset)
FROM (
    SELECT *, toUnixTimestamp(hour) >= {from:Int64} AND toUnixTimestamp(hour) < {to:Int64} AND (
        unit IN {whole:Array(String)}
        OR arrayExists((u, f, t) -> u = toString(unit) AND f <= toUnixTimestamp(hour) AND toUnixTimestamp(hour) < t,
                       {codes:Array(String)}, {froms:Array(Int64)}, {tos:Array(Int64)})) AS inside
    FROM ikm.buckets FINAL WHERE unit IN {units:Array(String)} AND epoch = {log:UInt64}
)
GROUP BY code, `index`"""
"""One reading of all buckets of the units, of whole batches of each partition: the greatest offset among the rows of a
partition is a position that all of them are exact at."""


async def read_counted(
    store: Store, members: Members, period: Period, *, log: int, reached: Mapping[int, int], partitions: int
) -> Mapping[str, Counted]:
    """By index what the members counted.

    Args:
        store: ClickHouse with the sink's tables.
        members: each in its own spans.
        period: that all spans lie in.
        log: the log's epoch.
        reached: by partition how far the buckets were stored before this call: what that speaks of is in the rows, and
            a row beyond it comes with everything before it.
        partitions: of `responses.v1`.
    """
    places = {code: partition_of(code, partitions) for code in members}
    offsets = {place: reached.get(place, 0) for place in places.values()}
    shares: dict[str, dict[str, Share]] = {index: {} for index in INDICES}
    parameters = {"log": log, "units": list(members), **_spans(members, period)}
    for unit, index, n, sum_x, sum_xx, histogram, parts, watermark, offset in await store.rows(_COUNTED, parameters):
        offsets[places[unit]] = max(offsets[places[unit]], offset)
        if n:
            card = Scorecard(n, sum_x, sum_xx, tuple(histogram), tuple(parts))
            shares[index][unit] = Share(card, watermark // 60)
    position = Position(log, offsets)
    return {index: Counted(found, position) for index, found in shares.items()}


def _spans(members: Members, period: Period) -> dict[str, Any]:
    """Most units count over the whole period, the others are told apart; in epoch seconds."""
    first, end = period.from_minute, period.to_minute
    partly = [
        (code, 60 * start, 60 * stop)
        for code, member in members.items()
        for start, stop in member.spans
        if (start, stop) != (first, end)
    ]
    codes, froms, tos = map(list, zip(*partly, strict=True)) if partly else ([], [], [])
    whole = [code for code, member in members.items() if member.spans == ((first, end),)]
    return {"from": 60 * first, "to": 60 * end, "whole": whole, "codes": codes, "froms": froms, "tos": tos}
