# ruff: noqa: S608 - only names of our own tables, items and questions are put into these texts; values are parameters
"""The SQL of the truth check of `cells`: the sums of every cell again, from the raw events and the register.

Nothing here is shared with those who write them, and days are the engine's own. `$cells` and the like stand for the
Memory tables of one check, which looks at the partitions of the log with a number that is `slice` modulo `slices`.
Parameters beside these: `log`; `floor`, per partition the position below which all events are counted.
"""

from typing import Final

from ikm.index import Index
from ikm.profile import PROFILE
from runtime.verify_answer_sql import Scale, joined, scored

_OURS: Final = "partition % {slices:UInt32} = {slice:UInt32}"
_CARD: Final = "n, sum_x, sum_xx, histogram, parts"
_PLACE: Final = "unit, scope, code, day, dimension, cell, partition"

SNAPSHOT: Final = f"""CREATE TABLE $cells ENGINE = Memory SETTINGS compress = 1 AS
SELECT unit, scope, `index` AS code, toInt64(toUnixTimestamp(day)) AS day, dimension, cell, partition, n, sum_x, sum_xx,
       arrayMap(count -> toUInt64(count), histogram) AS histogram, parts, reached,
       unit = '' AND scope = '' AND code = '' AND day = 0 AND dimension = '' AND cell = '' AS is_mark
FROM ikm.cells FINAL
WHERE epoch = {{log:UInt64}} AND {_OURS}
  AND (unit = '' OR NOT (n = 0 AND sum_x = 0 AND sum_xx = 0 AND arraySum(histogram) = 0 AND arraySum(parts) = 0))"""
"""One reading of rows and marks, which are stored together; a cell that was emptied is none."""

MARKS: Final = "SELECT partition, reached FROM $cells WHERE is_mark ORDER BY partition"

COUNT: Final = "SELECT count() FROM $cells WHERE NOT is_mark"

ABOVE: Final = """CREATE TABLE $above ENGINE = Memory AS
WITH standing AS (
    SELECT owner, member, greatest(since, 0) AS since, least(until, 4294967296) AS until
    FROM $members WHERE owner IN (SELECT unit FROM $register)
)
SELECT owner, member, since, until FROM standing
WHERE since < until AND owner IN (SELECT owner FROM standing WHERE owner != member AND since < until)"""
"""Trees of more than one unit, as far as the store's seconds reach."""

_DAY: Final = "greatest({})".format(
    ", ".join(
        f"toUnixTimestamp(toStartOfDay(said.1, '{zone}'))"
        for zone in ("UTC", "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
    )
)


def _profile() -> str:
    """(question, cell) of each question of the profile; what is no answer to it was not said."""
    pairs = []
    for question, spellings in PROFILE.items():
        codes = ", ".join(f"'{code}'" for code in spellings.values())
        known = ", ".join(f"'{spelling}'" for spelling in spellings)
        pairs.append(f"('{question}', transform(toString(said.5['{question}']), [{known}], [{codes}], ''))")
    return ", ".join(pairs)


_SAID: Final = "(e.submitted_at, toString(e.service), e.answers, toString(e.channel), e.respondent)"
_EVENTS: Final = f"""
        SELECT * EXCEPT unit, toString(unit) AS unit FROM ikm.events FINAL
        WHERE log = {{log:UInt64}} AND code = '' AND {_OURS} AND offset < {{floor:Array(UInt64)}}[partition + 1]"""

ANSWERS: Final = f"""CREATE TABLE $answers ENGINE = Memory SETTINGS compress = 1 AS
SELECT unit, partition, said, toInt64({_DAY}) AS day,
       [('service', said.2), ('channel', said.4), {_profile()},
        ('hour', leftPad(toString(toHour(said.1, 'UTC')), 2, '0'))] AS places
FROM ({joined(_EVENTS, "unit, partition", _SAID)}
)"""
"""The responses that count, each with the cells that it is in."""

RECOUNTED: Final = """CREATE TABLE $recounted (
    unit LowCardinality(String), scope LowCardinality(String), code LowCardinality(String), day Int64,
    dimension LowCardinality(String), cell LowCardinality(String), partition UInt16, n UInt64, sum_x UInt64,
    sum_xx UInt64, histogram Array(UInt64), parts Array(UInt64)
) ENGINE = Memory SETTINGS compress = 1"""


def own(index: Index) -> str:
    """Fills `$recounted` with what each unit's own answers come to in an index."""
    histogram = sum(len(item.levels) for item in index.items)
    answers = scored(index, Scale(index), "SELECT * FROM $answers", "unit, partition, day, places")
    return f"""
INSERT INTO $recounted
SELECT unit, 'self', '{index.code}', day, place.1 AS dimension, place.2 AS cell, partition, sums[1], sums[2], sums[3],
       arraySlice(sums, 4, {histogram}), arraySlice(sums, {4 + histogram})
FROM (
    SELECT unit, day, place, partition, sumForEach(arrayConcat([1, x, x * x], cells, own_parts)) AS sums
    FROM ({answers}
    )
    ARRAY JOIN places AS place
    GROUP BY unit, day, place, partition
)"""


TREES: Final = """
INSERT INTO $recounted
SELECT m.owner AS owner, 'pooled', r.code AS code, r.day AS day, r.dimension AS dimension, r.cell AS cell,
       r.partition AS partition, sum(r.n), sum(r.sum_x), sum(r.sum_xx), sumForEach(r.histogram), sumForEach(r.parts)
FROM (SELECT * FROM $recounted WHERE scope = 'self') AS r
INNER JOIN $above AS m ON toString(r.unit) = m.member
WHERE r.day >= m.since AND r.day < m.until
GROUP BY owner, code, day, dimension, cell, partition"""
"""Fills it with what trees come to: an answer counts with those above its unit when it was given."""

_BOTH: Final = f"""
    SELECT {_PLACE}, {_CARD}, true AS is_expected FROM $recounted
    UNION ALL
    SELECT {_PLACE}, {_CARD}, false FROM $cells WHERE NOT is_mark"""

ODD: Final = f"""
SELECT count() FROM (
    SELECT cityHash64({_PLACE}, {_CARD}) AS row FROM ({_BOTH}
    )
    GROUP BY row HAVING countIf(is_expected) != countIf(NOT is_expected)
)"""
"""How many rows have no like on the other side: cheaper than to ask for them, and mostly there are none."""

DIFFERENT: Final = f"""
SELECT toString(unit), toString(scope), toString(code), day, toString(dimension), toString(cell), partition,
       groupArrayIf(1)(({_CARD}), is_expected) AS expected, groupArrayIf(1)(({_CARD}), NOT is_expected) AS found
FROM ({_BOTH}
)
WHERE ({_PLACE}) IN (
    SELECT {_PLACE} FROM (
        SELECT {_PLACE}, cityHash64({_CARD}) AS card, is_expected FROM ({_BOTH}
        )
    )
    GROUP BY {_PLACE} HAVING anyIf(card, is_expected) != anyIf(card, NOT is_expected)
    ORDER BY {_PLACE} LIMIT 1000
)
GROUP BY {_PLACE} ORDER BY {_PLACE}"""
"""Place, expected and found of each cell that differs, each a card in a list or none."""
