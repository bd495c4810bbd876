-- The register as the program reads it (`ikm/lineage.py`), written as a whole by the sink whenever that changes: what
-- every unit is now, with the period that runs.
CREATE TABLE IF NOT EXISTS ikm.standing (
    unit       LowCardinality(String),
    name       String,
    type       LowCardinality(String),
    parent     LowCardinality(String),
    zone       LowCardinality(String),
    zone_hours Int8,
    kind       LowCardinality(String),
    population Nullable(UInt64),
    lat        Nullable(Float64),
    lon        Nullable(Float64),
    is_open    Bool,
    depth      UInt16,
    period     LowCardinality(String),
    `from`     DateTime64(3, 'UTC'),
    `to`       DateTime64(3, 'UTC'),
    always     UInt64,
    others     Array(Tuple(member String, first DateTime('UTC'), end DateTime('UTC'), population UInt64)),
    services   Map(String, String),
    targets    Array(Tuple(period String, `index` String, n Nullable(UInt64), value Nullable(Decimal(5, 2))))
)
ENGINE = MergeTree ORDER BY unit
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
-- Whose answers count in whose figures over [since, until): a unit's own (scope self), and of its tree (pooled).
-- Whole months lie in [since_month, until_month). zone_hours and kind are the unit's, population is the member's.
CREATE TABLE IF NOT EXISTS ikm.tree (
    unit        LowCardinality(String),
    scope       LowCardinality(String),
    member      LowCardinality(String),
    zone_hours  Int8,
    kind        LowCardinality(String),
    population  Nullable(UInt64),
    since       DateTime('UTC'),
    until       DateTime('UTC'),
    since_month DateTime('UTC'),
    until_month DateTime('UTC')
)
ENGINE = MergeTree ORDER BY (unit, scope, member, since)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
-- Hours [since, until) of members that belong to a month or a period [from, to) beside whole months.
CREATE TABLE IF NOT EXISTS ikm.tree_days (
    unit        LowCardinality(String),
    scope       LowCardinality(String),
    member      LowCardinality(String),
    population  Nullable(UInt64),
    grain       LowCardinality(String),
    period      LowCardinality(String),
    is_calendar Bool,
    `from`      DateTime64(3, 'UTC'),
    `to`        DateTime64(3, 'UTC'),
    since       DateTime('UTC'),
    until       DateTime('UTC')
)
ENGINE = MergeTree ORDER BY (unit, scope, grain, member, since)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
-- Hours east of UTC: no zone of Indonesia has summer time.
ALTER TABLE ikm.units ADD COLUMN IF NOT EXISTS zone_hours Int8
    DEFAULT transform(zone, ['Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura'], [7, 8, 9], 7) AFTER zone;
