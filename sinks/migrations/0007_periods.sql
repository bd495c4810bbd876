-- Every closing of periods.v1 as it was published; of one (unit, index, scope, period, number) the least offset counts.
-- fingerprint is computed once, at insert: a frozen number that was altered by hand no longer matches it.
CREATE TABLE IF NOT EXISTS ikm.periods (
    log         UInt64,
    partition   UInt16,
    offset      UInt64,
    unit        LowCardinality(String),
    `index`     LowCardinality(String),
    scope       LowCardinality(String),
    period      LowCardinality(String),
    number      UInt32,
    `from`      DateTime64(3, 'UTC'),
    `to`        DateTime64(3, 'UTC'),
    closed_at   DateTime64(3, 'UTC'),
    closed_by   LowCardinality(String),
    reason      String,
    position    String,
    rules       UInt32,
    population  Nullable(UInt64),
    tree        Array(String),
    watermark   Nullable(DateTime64(3, 'UTC')),
    scorecard   String,
    figure      String,
    fingerprint UInt64 DEFAULT sipHash64(
        log, partition, offset, toString(unit), toString(`index`), toString(scope), toString(period), number,
        toUnixTimestamp64Milli(`from`), toUnixTimestamp64Milli(`to`), toUnixTimestamp64Milli(closed_at),
        toString(closed_by), reason, position, rules, ifNull(population, 0), toString(tree),
        ifNull(toUnixTimestamp64Milli(watermark), 0), scorecard, figure
    ),
    n           UInt64 ALIAS JSONExtractUInt(figure, 'n'),
    value       Nullable(Float64) ALIAS JSONExtract(figure, 'value', 'Nullable(Float64)'),
    mutu        Nullable(String) ALIAS JSONExtract(figure, 'mutu', 'Nullable(String)')
)
ENGINE = ReplacingMergeTree
ORDER BY (unit, `index`, period, scope, number, log, partition, offset)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000, fsync_after_insert = 1,
         fsync_part_directory = 1;
