-- The newest scorecard of every (unit, index, service, hour): the greatest (epoch, rules, offset, to) wins.
CREATE TABLE IF NOT EXISTS ikm.buckets (
    unit      LowCardinality(String),
    `index`   LowCardinality(String),
    hour      DateTime('UTC'),
    service   LowCardinality(String),
    partition UInt16,
    n         UInt64,
    sum_x     UInt64,
    sum_xx    UInt64,
    histogram Array(UInt64),
    watermark Nullable(DateTime('UTC')),
    epoch     UInt64,
    rules     UInt32,
    offset    UInt64,
    to        UInt32,
    version   UInt256 DEFAULT
        bitShiftLeft(toUInt256(epoch), 128) + bitShiftLeft(toUInt256(rules), 96)
        + bitShiftLeft(toUInt256(offset), 32) + toUInt256(to)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (unit, `index`, hour, service)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000, fsync_after_insert = 1,
         fsync_part_directory = 1;
