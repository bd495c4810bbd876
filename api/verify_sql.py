# ruff: noqa: S608 - only names of our own tables are put into these texts; values are parameters
"""The SQL of the truth check: every figure again, from the raw events alone.

Nothing here is shared with the fold: not its parser, its canonical payload, its join, its scorecard or its rounding.
`$rows`, `$figures`, `$position` stand for the Memory tables of one check. Parameters, filled in by the engine: `log`;
`floor`, per source partition the position up to which all that is checked is complete.
"""

from typing import Final

ITEMS: Final = "['persyaratan','prosedur','waktu','biaya','produk','kompetensi','perilaku','sarana','pengaduan']"
"""The nine elements in the order of the form, which is the order of the histogram."""

_IS_WITHDRAWN: Final = "(toString(e.type) = 'id.ikm.response.withdrawn.v1')"

_CANONICAL: Final = """arrayStringConcat([
    toString(toUnixTimestamp64Milli(e.submitted_at)), toString(e.service), toString(e.questionnaire),
    toString(e.channel),
    arrayStringConcat(arrayMap(k -> concat(k, '=', toString(e.answers[k])), arraySort(mapKeys(e.answers))), ','),
    arrayStringConcat(arrayMap(k -> concat(k, '=', toString(e.respondent[k])), arraySort(mapKeys(e.respondent))), ',')
], '|')"""

_COUNTED: Final = f"""
SELECT unit, said.1 AS at, said.2 AS service,
       arrayMap(item -> toUInt64(said.3[item]), {ITEMS}) AS scores,
       intDiv(2520 * arraySum(scores), greatest(arrayCount(score -> score > 0, scores), 1)) AS x,
       arrayFlatten(arrayMap(score -> arrayMap(level -> toUInt64(score = level), [1, 2, 3, 4]), scores)) AS cells
FROM (
    SELECT toString(e.unit) AS unit, e.source, e.id, max({_IS_WITHDRAWN}) AS is_gone,
           argMaxIf((e.submitted_at, toString(e.service), e.answers), (e.revision, SHA256({_CANONICAL})),
                    NOT {_IS_WITHDRAWN}) AS said
    FROM (SELECT * FROM ikm.events FINAL WHERE log = {{log:UInt64}} AND code = '') AS e
    LEFT JOIN $position AS p ON toString(e.unit) = p.unit
    WHERE e.offset < greatest(p.offset, {{floor:Array(UInt64)}}[e.partition + 1])
    GROUP BY unit, e.source, e.id
)
WHERE NOT is_gone"""
"""The responses that count, each unit's at its own position: withdrawn is for ever, otherwise the content with the
greatest (revision, SHA-256 of the canonical payload)."""

_SUMS: Final = """count() AS n, toUInt64(sum(x)) AS sum_x, toUInt64(sum(x * x)) AS sum_xx,
           arrayMap(c -> toUInt64(c), sumForEach(cells)) AS histogram,
           toUnixTimestamp(toStartOfMinute(max(at))) AS watermark"""

SNAPSHOT: Final = """CREATE TABLE $rows ENGINE = Memory SETTINGS compress = 1 AS
SELECT toString(unit) AS unit, toUnixTimestamp(hour) AS hour, toString(service) AS service, n, sum_x, sum_xx, histogram,
       toUnixTimestamp(ifNull(watermark, toDateTime(0, 'UTC'))) AS watermark, offset
FROM ikm.buckets FINAL WHERE `index` = 'ikm' AND epoch = {log:UInt64}"""
"""One reading of all buckets: what a batch changed is in it whole or not at all."""

FIGURES_TABLE: Final = """CREATE TABLE $figures (
    unit String, window String, from_s UInt32, to_s UInt32, offset UInt64, n UInt64, sum_x UInt64, sum_xx UInt64,
    histogram Array(UInt64), watermark UInt32, hundredths Int64, mutu String, missing Array(String)
) ENGINE = Memory"""

POSITION_TABLE: Final = "CREATE TABLE $position (unit String, offset UInt64) ENGINE = Memory"

BUCKET_POSITIONS: Final = "SELECT unit, max(offset) FROM $rows GROUP BY unit"

BUCKET_DIFFERENCES: Final = f"""
SELECT if(e.n > 0, e.unit, f.unit) AS unit, if(e.n > 0, e.hour, f.hour) AS hour,
       if(e.n > 0, e.service, f.service) AS service,
       (e.n, e.sum_x, e.sum_xx, e.histogram, e.watermark) AS expected,
       (f.n, f.sum_x, f.sum_xx, f.histogram, f.watermark) AS found
FROM (
    SELECT unit, toUnixTimestamp(toStartOfHour(at)) AS hour, service, {_SUMS}
    FROM ({_COUNTED}) GROUP BY unit, hour, service
) AS e
FULL OUTER JOIN $rows AS f ON e.unit = f.unit AND e.hour = f.hour AND e.service = f.service
WHERE expected != found
  AND NOT (e.n = 0 AND f.n = 0 AND f.sum_x = 0 AND f.sum_xx = 0 AND f.watermark = 0 AND arraySum(f.histogram) = 0)
ORDER BY unit, hour, service
LIMIT 1000"""

_ELEMENTS: Final = f"""
    SELECT f.unit AS unit, f.window AS window,
           (f.n, f.sum_x, f.sum_xx, f.histogram, f.watermark, f.hundredths, f.mutu, f.missing) AS found,
           e.n AS n, e.sum_x AS sum_x, e.sum_xx AS sum_xx, e.watermark AS watermark,
           if(empty(e.histogram), arrayWithConstant(36, toUInt64(0)), e.histogram) AS histogram,
           arrayMap(i -> arraySum(arraySlice(histogram, 4 * i + 1, 4)), range(9)) AS ns,
           arrayMap(i -> arraySum(arrayMap((c, level) -> c * level, arraySlice(histogram, 4 * i + 1, 4), [1, 2, 3, 4])),
                    range(9)) AS totals,
           arrayFilter((item, c) -> c = 0, {ITEMS}, ns) AS missing
    FROM $figures AS f
    LEFT JOIN (
        SELECT w.unit AS unit, w.window AS window, {_SUMS}
        FROM ({_COUNTED}) AS c INNER JOIN $figures AS w ON c.unit = w.unit
        WHERE toUnixTimestamp64Milli(c.at) >= 1000 * toInt64(w.from_s)
          AND toUnixTimestamp64Milli(c.at) < 1000 * toInt64(w.to_s)
        GROUP BY w.unit, w.window
    ) AS e ON f.unit = e.unit AND f.window = e.window"""

FIGURE_DIFFERENCES: Final = f"""
SELECT unit, window, (n, sum_x, sum_xx, histogram, watermark, hundredths, mutu, missing) AS expected, found FROM (
    SELECT *, toInt256(arrayCount(c -> c > 0, ns)) AS k,
           arrayDistinct(arrayFilter(c -> c > 0, ns)) AS distinct_ns,
           arrayFold((product, c) -> product * toInt256(c), distinct_ns, toInt256(1)) AS p,
           arrayFold((total, s, c) -> total + if(c > 0, toInt256(s) * intDiv(p, toInt256(greatest(c, 1))), toInt256(0)),
                     totals, ns, toInt256(0)) AS a,
           if(k = 0, toInt64(-1), toInt64(intDiv(5000 * a + k * p, greatest(2 * k * p, toInt256(1))))) AS hundredths,
           multiIf(k = 0, '', hundredths >= 8831, 'A', hundredths >= 7661, 'B', hundredths >= 6500, 'C', 'D') AS mutu
    FROM ({_ELEMENTS})
)
WHERE expected != found
ORDER BY unit, window
LIMIT 1000"""
"""The value in hundredths is 2500 times the mean over the answered elements of (sum / n), half up: exact in Int256 as
(2500 a) / (k p), with p the product of the distinct n and a the sum over the elements of sum * p / n."""

UNPUBLISHED: Final = """
SELECT DISTINCT toString(unit) AS u FROM ikm.events FINAL
WHERE log = {log:UInt64} AND code = '' AND offset < {floor:Array(UInt64)}[partition + 1]
  AND u NOT IN (SELECT unit FROM $figures)
ORDER BY u LIMIT 1000"""

ARCHIVED: Final = """
SELECT partition, count(), uniqExact(offset) FROM ikm.events FINAL
WHERE log = {log:UInt64} AND offset < {floor:Array(UInt64)}[partition + 1] GROUP BY partition ORDER BY partition"""

FIRST_MISSING: Final = """
SELECT min(number) FROM numbers({end:UInt64}) WHERE number NOT IN (
    SELECT offset FROM ikm.events WHERE log = {log:UInt64} AND partition = {partition:UInt16})"""

ALTERED: Final = """
SELECT partition, offset, toString(unit) FROM ikm.events FINAL
WHERE log = {log:UInt64} AND fingerprint != sipHash64(
    log, partition, offset, toUnixTimestamp64Milli(received_at), toString(type), toString(unit), toString(source), id,
    revision, toUnixTimestamp64Milli(submitted_at), toString(service), toString(questionnaire), toString(channel),
    toString(answers), toString(respondent), toString(code))
ORDER BY partition, offset LIMIT 1000"""

BEYOND_END: Final = """
SELECT partition, offset, toString(unit) FROM ikm.events FINAL
WHERE log = {log:UInt64} AND offset >= {floor:Array(UInt64)}[partition + 1] ORDER BY partition, offset LIMIT 1000"""


def fill(sql: str, **tables: str) -> str:
    """The statement with its tables' names."""
    for name, table in tables.items():
        sql = sql.replace(f"${name}", table)
    return sql
