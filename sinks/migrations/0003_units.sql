-- The register of units, effective-dated; services and location as JSON. The later record of a key wins.
CREATE TABLE IF NOT EXISTS ikm.units (
    unit       LowCardinality(String),
    valid_from Date32,
    name       String,
    type       LowCardinality(String),
    parent     LowCardinality(String),
    zone       LowCardinality(String),
    period     LowCardinality(String),
    services   String,
    population Nullable(UInt64),
    location   String,
    log        UInt64,
    offset     UInt64,
    version    UInt128 DEFAULT bitShiftLeft(toUInt128(log), 64) + toUInt128(offset)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (unit, valid_from)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
