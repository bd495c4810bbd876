# ruff: noqa: S608 - only names of our own tables are put into these texts; values are parameters
"""The SQL of the truth check: every figure again, from the raw events alone.

Nothing here is shared with the fold: not its parser, its canonical payload, its join, its scorecard or its rounding.
`$rows`, `$figures` and the like stand for the Memory tables of one check. Parameters, filled in by the engine: `log`;
`floor`, per source partition the position up to which all that is checked is complete.
"""

from dataclasses import dataclass
from typing import Final

from ikm.index import Index
from runtime.verify_answer_sql import Scale, joined, parts, scored

SNAPSHOT: Final = """CREATE TABLE $rows ENGINE = Memory SETTINGS compress = 1 AS
SELECT * FROM ikm.buckets FINAL WHERE epoch = {log:UInt64}"""
"""One reading of all buckets: what a batch changed is in it whole or not at all."""

_SAID: Final = """
    code String, unit String, window String, from_s Int64, to_s Int64, n UInt64, sum_x UInt64, sum_xx UInt64,
    histogram Array(UInt64), parts Array(UInt64), watermark Int64, hundredths Int64, mutu String,
    missing Array(String)"""

FIGURES_TABLE: Final = f"CREATE TABLE $figures ({_SAID}, offset UInt64) ENGINE = Memory"

FROZEN_TABLE: Final = f"CREATE TABLE $frozen ({_SAID}, reading UInt32) ENGINE = Memory"
"""Closings: `window` tells those of a unit apart, `reading` says what they were made of."""

READINGS_TABLE: Final = """CREATE TABLE $readings (
    code String, reading UInt32, unit String, starts Array(Int64), ends Array(Int64), positions Array(UInt64)
) ENGINE = Memory"""
"""The units that count in a reading, over which spans [start, end), epoch seconds, below which source positions."""

MEMBERS_TABLE: Final = """CREATE TABLE $members (
    code String, owner String, window String, reading UInt32, unit String, n UInt64, sum_x UInt64, sum_xx UInt64,
    histogram Array(UInt64), parts Array(UInt64)) ENGINE = Memory"""
"""What a closing (`owner`, `window`) says of each unit that counts in it."""

POSITION_TABLE: Final = "CREATE TABLE $position (code String, unit String, offset UInt64) ENGINE = Memory"

BUCKET_POSITIONS: Final = "SELECT toString(unit), max(offset) FROM $rows GROUP BY unit"

_SUMS: Final = """count() AS n, toUInt64(sum(x)) AS sum_x, toUInt64(sum(x * x)) AS sum_xx,
           arrayMap(c -> toUInt64(c), sumForEach(cells)) AS histogram,
           arrayMap(c -> toUInt64(c), sumForEach(own_parts)) AS parts, sumForEach(answered) AS ns,
           sumForEach(points) AS totals, toUnixTimestamp(toStartOfMinute(max(at))) AS watermark"""


@dataclass(frozen=True, slots=True)
class Statements:
    """The comparisons for one index.

    Attributes:
        hours: fills `$hours` with what each unit's events below its position come to.
        windows: fills `$windows` likewise, for the windows in `$asked`.
        buckets: unit, hour, service, expected and found of each bucket that is not as in `$hours`.
        figures: unit, window, expected and found of each published window that differs.
        unpublished: units that have an answer in the index and no figure.
        counted: makes `$sums`, what each unit of each reading of closings counted; the next two need it.
        frozen: unit, window, expected and found of each closing that differs, each at its own position.
        members: unit, window, member, expected and found of each member of a closing that differs.
        elements: codes, in the order of `missing`.
    """

    hours: str
    windows: str
    buckets: str
    figures: str
    unpublished: str
    counted: str
    frozen: str
    members: str
    elements: tuple[str, ...]


def statements(index: Index) -> Statements:
    """The comparisons for an index, written from its definition alone."""
    scale = Scale(index)
    counted = _counted(index, scale, _at_position(index), "unit")
    windows = _sums_of_windows(index, counted)
    return Statements(
        hours=f"""
INSERT INTO $hours SELECT '{index.code}', unit, hour, service, n, sum_x, sum_xx, histogram, parts, watermark FROM (
    SELECT unit, toUnixTimestamp(toStartOfHour(at)) AS hour, service, {_SUMS}
    FROM ({counted}) GROUP BY unit, hour, service
)""",
        windows=f"""
INSERT INTO $windows SELECT '{index.code}', unit, span, n, sum_x, sum_xx, histogram, parts, watermark FROM (
    SELECT unit, span, {_SUMS} FROM ({counted}) AS c
    CROSS JOIN (SELECT DISTINCT span, from_s, to_s FROM $asked WHERE mode = 'window') AS w
    WHERE toUnixTimestamp64Milli(c.at) >= 1000 * w.from_s AND toUnixTimestamp64Milli(c.at) < 1000 * w.to_s
    GROUP BY unit, span
)""",
        buckets=_bucket_differences(index),
        figures=_figure_differences(index, scale, "$figures", windows),
        unpublished=_unpublished(index),
        counted=_sums_of_readings(index, _counted(index, scale, _at_closing(index), "reading, unit")),
        frozen=_figure_differences(index, scale, "$frozen", _SUMS_OF_CLOSINGS),
        members=_member_differences(index),
        elements=tuple(element.code for element in index.elements),
    )


def _counted(index: Index, scale: Scale, events: str, keys: str) -> str:
    """The responses that count, of events that are each to be looked at under these keys."""
    return scored(index, scale, joined(events, keys), keys)


def _at_position(index: Index) -> str:
    """Events of each unit below its own position."""
    return f"""
        SELECT e.* EXCEPT unit, toString(e.unit) AS unit
        FROM (SELECT * FROM ikm.events FINAL WHERE log = {{log:UInt64}} AND code = '') AS e
        LEFT JOIN (SELECT * FROM $position WHERE code IN ('', '{index.code}')) AS p ON toString(e.unit) = p.unit
        WHERE e.offset < greatest(p.offset, {{floor:Array(UInt64)}}[e.partition + 1])"""


def _at_closing(index: Index) -> str:
    """Of each reading the events below its position, of the responses that were ever said to count in it."""
    readings = f"(SELECT * FROM $readings WHERE code = '{index.code}')"
    events = f"""SELECT * EXCEPT unit, toString(unit) AS unit FROM ikm.events FINAL
              WHERE log = {{log:UInt64}} AND code = '' AND unit IN (SELECT unit FROM {readings})"""
    return f"""
        SELECT e.*, p.reading AS reading
        FROM ({events}) AS e
        INNER JOIN (
            SELECT DISTINCT r.reading AS reading, e.unit AS unit, e.source AS source, e.id AS id,
                   r.positions AS positions
            FROM ({events} AND hasAny(mapKeys(answers), {_items(index)})) AS e
            INNER JOIN {readings} AS r ON e.unit = r.unit
            WHERE {_inside("e.submitted_at")}
        ) AS p ON e.unit = p.unit AND e.source = p.source AND e.id = p.id
        WHERE e.offset < p.positions[e.partition + 1]"""


def _inside(time: str) -> str:
    """Whether a unit counted then."""
    ms = f"toUnixTimestamp64Milli({time})"
    return f"arrayExists((f, t) -> 1000 * f <= {ms} AND {ms} < 1000 * t, r.starts, r.ends)"


def _sums_of_readings(index: Index, counted: str) -> str:
    return f"""CREATE TABLE $sums ENGINE = Memory AS
SELECT c.reading AS reading, c.unit AS unit, {_SUMS}
FROM ({counted}) AS c
INNER JOIN (SELECT * FROM $readings WHERE code = '{index.code}') AS r ON c.reading = r.reading AND c.unit = r.unit
WHERE {_inside("c.at")}
GROUP BY c.reading, c.unit"""


_SUMS_OF_CLOSINGS: Final = """
SELECT w.unit AS unit, w.window AS window, s.n AS n, s.sum_x AS sum_x, s.sum_xx AS sum_xx, s.histogram AS histogram,
       s.parts AS parts, s.ns AS ns, s.totals AS totals, s.watermark AS watermark
FROM $frozen AS w
INNER JOIN (
    SELECT reading, sum(n) AS n, sum(sum_x) AS sum_x, sum(sum_xx) AS sum_xx, sumForEach(histogram) AS histogram,
           sumForEach(parts) AS parts, sumForEach(ns) AS ns, sumForEach(totals) AS totals, max(watermark) AS watermark
    FROM $sums GROUP BY reading
) AS s ON w.reading = s.reading"""


def _member_differences(index: Index) -> str:
    cells = sum(len(item.levels) for item in index.items)
    return f"""
SELECT unit, window, member, expected, found
FROM (
    SELECT m.owner AS unit, m.window AS window, m.unit AS member,
           (m.n, m.sum_x, m.sum_xx, m.histogram, m.parts) AS found,
           (e.n, e.sum_x, e.sum_xx,
            if(empty(e.histogram), arrayWithConstant({cells}, toUInt64(0)), e.histogram),
            if(empty(e.histogram), arrayWithConstant(length(m.parts), toUInt64(0)), e.parts)) AS expected
    FROM (SELECT * FROM $members WHERE code = '{index.code}') AS m
    LEFT JOIN $sums AS e ON m.reading = e.reading AND m.unit = e.unit
)
WHERE expected != found
ORDER BY unit, window, member
LIMIT 1000"""


def _items(index: Index) -> str:
    return "[" + ",".join(f"'{item.code}'" for item in index.items) + "]"


def _bucket_differences(index: Index) -> str:
    return f"""
SELECT if(e.n > 0, e.unit, f.unit) AS unit, if(e.n > 0, e.hour, f.hour) AS hour,
       if(e.n > 0, e.service, f.service) AS service,
       (e.n, e.sum_x, e.sum_xx, e.histogram, e.parts, e.watermark) AS expected,
       (f.n, f.sum_x, f.sum_xx, f.histogram, f.parts, f.watermark) AS found
FROM (SELECT * FROM $hours WHERE code = '{index.code}') AS e
FULL OUTER JOIN (
    SELECT toString(unit) AS unit, toInt64(toUnixTimestamp(hour)) AS hour, toString(service) AS service, n, sum_x,
           sum_xx, histogram, parts, toInt64(toUnixTimestamp(ifNull(watermark, toDateTime(0, 'UTC')))) AS watermark
    FROM $rows WHERE `index` = '{index.code}'
) AS f ON e.unit = f.unit AND e.hour = f.hour AND e.service = f.service
WHERE expected != found
  AND NOT (e.n = 0 AND f.n = 0 AND f.sum_x = 0 AND f.sum_xx = 0 AND f.watermark = 0 AND arraySum(f.histogram) = 0
           AND arraySum(f.parts) = 0)
ORDER BY unit, hour, service
LIMIT 1000"""


def _sums_of_windows(index: Index, counted: str) -> str:
    return f"""
SELECT w.unit AS unit, w.window AS window, {_SUMS}
FROM ({counted}) AS c
INNER JOIN (SELECT * FROM $figures WHERE code = '{index.code}') AS w ON c.unit = w.unit
WHERE toUnixTimestamp64Milli(c.at) >= 1000 * toInt64(w.from_s)
  AND toUnixTimestamp64Milli(c.at) < 1000 * toInt64(w.to_s)
GROUP BY w.unit, w.window"""


def _figure_differences(index: Index, scale: Scale, said: str, sums: str) -> str:
    """Figures of the table `said` that differ from the sums of the same unit and window."""
    cells, weights = sum(len(item.levels) for item in index.items), list(index.integer_weights)
    codes = "[" + ",".join(f"'{element.code}'" for element in index.elements) + "]"
    bands = "".join(f"hundredths >= {band.from_hundredths}, '{band.mutu}', " for band in index.bands[:-1])
    letter = f"multiIf(k = 0, '', {bands}'{index.bands[-1].mutu}')" if index.bands else "''"
    unit = scale.part * scale.common
    return f"""
SELECT unit, window, (n, sum_x, sum_xx, histogram, parts, watermark, hundredths, mutu, missing) AS expected, found
FROM (
    SELECT *, toInt256(arraySum(arrayMap((c, w) -> if(c > 0, w, 0), ns, {weights}))) AS k,
           arrayDistinct(arrayFilter(c -> c > 0, ns)) AS distinct_ns,
           arrayFold((product, c) -> product * toInt256(c), distinct_ns, toInt256(1)) AS p,
           arrayFold((total, s, c, w) -> total + if(c > 0, toInt256(w) * toInt256(s)
                     * intDiv(p, toInt256(greatest(c, 1))), toInt256(0)), totals, ns, {weights}, toInt256(0)) AS a,
           if(k = 0, toInt64(-1), toInt64(intDiv({200 * index.factor} * a + {unit} * k * p,
                                                 greatest({2 * unit} * k * p, toInt256(1))))) AS hundredths,
           {letter} AS mutu, arrayFilter((item, c) -> c = 0, {codes}, ns) AS missing
    FROM (
        SELECT f.unit AS unit, f.window AS window,
               (f.n, f.sum_x, f.sum_xx, f.histogram, f.parts, f.watermark, f.hundredths, f.mutu, f.missing) AS found,
               e.n AS n, e.sum_x AS sum_x, e.sum_xx AS sum_xx, e.watermark AS watermark,
               if(empty(e.histogram), arrayWithConstant({cells}, toUInt64(0)), e.histogram) AS histogram,
               if(empty(e.histogram), CAST({[0] * len(parts(index, scale))}, 'Array(UInt64)'), e.parts) AS parts,
               if(empty(e.histogram), arrayWithConstant({len(weights)}, toUInt64(0)), e.ns) AS ns,
               if(empty(e.histogram), arrayWithConstant({len(weights)}, toInt64(0)), e.totals) AS totals
        FROM (SELECT * FROM {said} WHERE code = '{index.code}') AS f
        LEFT JOIN ({sums}
        ) AS e ON f.unit = e.unit AND f.window = e.window
    )
)
WHERE expected != found
ORDER BY unit, window
LIMIT 1000"""


def _unpublished(index: Index) -> str:
    return f"""
SELECT DISTINCT toString(unit) AS u FROM ikm.events FINAL
WHERE log = {{log:UInt64}} AND code = '' AND offset < {{floor:Array(UInt64)}}[partition + 1]
  AND hasAny(mapKeys(answers), {_items(index)}) AND u NOT IN (SELECT unit FROM $figures WHERE code = '{index.code}')
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
