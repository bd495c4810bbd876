# ruff: noqa: S608 - only names of our own tables are put into these texts; values are parameters
"""The SQL of the truth check for a unit with those below it: who stood below whom when, from the register alone.

Nothing here is shared with the tree, the periods or the roll-ups of the API. `$register`, `$members`, `$asked`,
`$hours` and the like stand for the Memory tables of one check. Times are UTC epoch seconds; `now` and `code` are
parameters.
"""

from typing import Final

from runtime.verify_sql import POSITION_TABLE, fill

_EVER: Final = 10**12
"""Beyond every date, in either direction."""

REGISTER_TABLE: Final = """CREATE TABLE $register (
    unit String, valid_from String, valid_to Nullable(String), merged_into String, parent String, zone String,
    period String
) ENGINE = Memory"""
"""Versions of units as the log has them; dates as `2026-01-31`."""

_ZONES: Final = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
_CLOCKS: Final = ("UTC", *_ZONES)
_PIECES: Final = {
    "days": [f"toStartOfDay(r.hour, '{zone}')" for zone in _CLOCKS],
    "months": [f"toDateTime(toStartOfMonth(r.hour, '{zone}'), '{zone}')" for zone in _CLOCKS],
}
_COPY: Final = """CREATE TABLE $sums ENGINE = Memory AS
SELECT epoch, unit, `index`, piece AS hour, n, sum_x, sum_xx, histogram, parts, watermark FROM (
    SELECT r.epoch AS epoch, r.unit AS unit, r.`index` AS `index`, toDateTime(greatest($pieces), 'UTC') AS piece,
           sum(r.n) AS n, sum(r.sum_x) AS sum_x, sum(r.sum_xx) AS sum_xx, sumForEach(r.histogram) AS histogram,
           sumForEach(r.parts) AS parts, maxIf(r.watermark, r.n > 0) AS watermark
    FROM $rows AS r GROUP BY epoch, unit, `index`, piece
)"""
COPIES: Final = tuple(fill(_COPY, sums=f"${table}", pieces=", ".join(each)) for table, each in _PIECES.items())
"""Days and months of the moment of `$rows`, as those that are stored must be: these the API reads in their place."""

COMMON_TABLE: Final = POSITION_TABLE.replace("$position", "$common")
"""Where the values of the common minute stand, by index and unit."""

ASKED_TABLE: Final = """CREATE TABLE $asked (owner String, span String, mode String, from_s Int64, to_s Int64)
ENGINE = Memory"""
"""What the API was asked: `mode` is self, at, current or window, as `span` (`2026-S2`, `all`, `1h`) is to be read."""

_CARD: Final = """n UInt64, sum_x UInt64, sum_xx UInt64, histogram Array(UInt64), parts Array(UInt64),
    watermark Int64"""

HOURS_TABLE: Final = f"""CREATE TABLE $hours (code String, unit String, hour Int64, service String, {_CARD})
ENGINE = Memory SETTINGS compress = 1"""
"""What the events below each unit's position come to, hour by hour."""

WINDOWS_TABLE: Final = f"CREATE TABLE $windows (code String, unit String, span String, {_CARD}) ENGINE = Memory"
"""What the events below the common minute's positions come to, window by window."""


def _midnight(date: str) -> str:
    """A local midnight, from the engine's own time zones."""
    instants = [f"zone = '{zone}', toDateTime64OrNull({date}, 0, '{zone}')" for zone in _ZONES]
    return f"toUnixTimestamp64Second(multiIf({', '.join(instants)}, NULL))"


_VERSIONS: Final = f"""
    SELECT *, {_midnight("valid_from")} AS starts, {_midnight("valid_to")} AS ended,
           row_number() OVER versions AS number,
           leadInFrame(toNullable(valid_from)) OVER versions AS next_from,
           leadInFrame(toNullable(starts)) OVER versions AS next_starts
    FROM $register
    WINDOW versions AS (
        PARTITION BY unit ORDER BY valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )"""

MEMBERS: Final = f"""CREATE TABLE $members ENGINE = Memory AS
WITH RECURSIVE
versions AS ({_VERSIONS}),
edges AS (
    SELECT unit, if(number = 1, -{_EVER}, starts) AS since,
           ifNull(if(next_from IS NOT NULL AND (valid_to IS NULL OR valid_to >= next_from), next_starts, ended),
                  {_EVER}) AS until,
           parent AS above
    FROM versions WHERE parent != ''
    UNION ALL
    SELECT unit, ended AS since, ifNull(next_starts, {_EVER}) AS until, merged_into AS above
    FROM versions WHERE valid_to IS NOT NULL AND merged_into != '' AND (next_from IS NULL OR valid_to < next_from)
),
standing AS (
    SELECT unit AS member, above AS owner, assumeNotNull(since) AS since, assumeNotNull(until) AS until,
           [unit, above] AS path
    FROM edges WHERE unit != above
    UNION ALL
    SELECT s.member, e.above, greatest(s.since, assumeNotNull(e.since)), least(s.until, assumeNotNull(e.until)),
           arrayPushBack(s.path, e.above)
    FROM standing AS s INNER JOIN edges AS e ON e.unit = s.owner
    WHERE greatest(s.since, e.since) < least(s.until, e.until) AND NOT has(s.path, e.above)
)
SELECT owner, member, toInt64(since) AS since, toInt64(until) AS until FROM standing
UNION ALL
SELECT DISTINCT unit, unit, toInt64(-{_EVER}), toInt64({_EVER}) FROM $register"""
"""Who stood below whom over [since, until). A version holds over its dates and at most until the next one begins, the
first one before as well; a unit that was merged stands below its heir from its end on."""

_HOLDS: Final = """multiIf(a.mode = 'self', m.member = m.owner,
                        a.mode = 'at', m.since < a.to_s AND a.from_s < m.until,
                        m.since <= {now:Int64} AND {now:Int64} < m.until)"""

COUNTED: Final = f"""
SELECT a.owner, a.span, a.mode, toUInt64(uniqExact(m.member)) FROM $asked AS a INNER JOIN $members AS m
ON a.owner = m.owner WHERE {_HOLDS} GROUP BY a.owner, a.span, a.mode"""
"""How many units count, with or without answers."""

_SUMS: Final = """sum(t.n), sum(t.sum_x), sum(t.sum_xx), sumForEach(t.histogram), sumForEach(t.parts),
       max(t.watermark)"""

CARDS: Final = f"""
SELECT a.owner AS owner, a.span AS span, a.mode AS mode, m.member AS member, {_SUMS}
FROM $hours AS t INNER JOIN $members AS m ON t.unit = m.member INNER JOIN $asked AS a ON a.owner = m.owner
WHERE t.code = {{code:String}} AND a.mode != 'window' AND {_HOLDS} AND t.hour >= a.from_s AND t.hour < a.to_s
  AND (a.mode != 'at' OR (t.hour >= m.since AND t.hour < m.until))
GROUP BY owner, span, mode, member
UNION ALL
SELECT a.owner AS owner, a.span AS span, a.mode AS mode, m.member AS member, {_SUMS}
FROM $windows AS t INNER JOIN $members AS m ON t.unit = m.member
INNER JOIN $asked AS a ON a.owner = m.owner AND a.span = t.span
WHERE t.code = {{code:String}} AND a.mode = 'window' AND {_HOLDS}
GROUP BY owner, span, mode, member"""
"""What each unit that counts brings: hours belong to the ancestors of then (every midnight here is on a whole hour), or
to those of now."""

_MONTHS: Final = "multiIf(period = 'bulanan', 1, period = 'triwulan', 3, period = 'semester', 6, 12)"

PERIODS: Final = f"""
SELECT a.owner, a.span, a.from_s, a.to_s, first_s, last_s
FROM (SELECT DISTINCT owner, span, from_s, to_s FROM $asked WHERE mode = 'self') AS a
INNER JOIN (
    SELECT unit, toUnixTimestamp(toDateTime(first, 'UTC')) - 3600 * hours AS first_s,
           toUnixTimestamp(toDateTime(addMonths(first, months), 'UTC')) - 3600 * hours AS last_s
    FROM (
        SELECT unit, {_MONTHS} AS months, transform(zone, ['Asia/Jakarta', 'Asia/Makassar'], [7, 8], 9) AS hours,
               toDate(toDateTime({{now:Int64}} + 3600 * hours, 'UTC')) AS day,
               makeDate(toYear(day), months * intDiv(toMonth(day) - 1, months) + 1, 1) AS first
        FROM (
            SELECT unit, argMax(period, place) AS period, argMax(zone, place) AS zone
            FROM (SELECT *, if(starts <= {{now:Int64}}, toInt64(starts), -toInt64(starts) - {_EVER}) AS place
                  FROM ({_VERSIONS}))
            GROUP BY unit
        )
    )
) AS p ON a.owner = p.unit
WHERE (toInt64(a.from_s), toInt64(a.to_s)) != (toInt64(first_s), toInt64(last_s)) ORDER BY a.owner LIMIT 1000"""
"""Current periods that are not those of the unit's kind, in the zone of its version in force."""
