-- The newest rolling window of every (unit, index, window) as its worker computed it, and the frame that the public sees
-- beside its headline (frame_n = 0: none yet). epoch, rules, offset, ends: the figure's sequence; the greatest wins.
CREATE TABLE IF NOT EXISTS ikm.live (
    unit            LowCardinality(String),
    `index`         LowCardinality(String),
    window          LowCardinality(String),
    partition       UInt16,
    `from`          DateTime('UTC'),
    `to`            DateTime('UTC'),
    n               UInt64,
    sum_x           UInt64,
    sum_xx          UInt64,
    histogram       Array(UInt64),
    parts           Array(UInt64),
    value           Nullable(Decimal(5, 2)),
    mutu            LowCardinality(Nullable(String)),
    kinerja         LowCardinality(Nullable(String)),
    complete        Bool,
    missing         Array(LowCardinality(String)),
    lo              Nullable(Decimal(5, 2)),
    hi              Nullable(Decimal(5, 2)),
    watermark       Nullable(DateTime('UTC')),
    frame_n         UInt64,
    frame_sum_x     UInt64,
    frame_sum_xx    UInt64,
    frame_histogram Array(UInt64),
    frame_parts     Array(UInt64),
    epoch           UInt64,
    rules           UInt32,
    offset          UInt64,
    ends            UInt32,
    version         UInt256 DEFAULT
        bitShiftLeft(toUInt256(epoch), 128) + bitShiftLeft(toUInt256(rules), 96)
        + bitShiftLeft(toUInt256(offset), 32) + toUInt256(ends)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (unit, `index`, window)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000, fsync_after_insert = 1,
         fsync_part_directory = 1;
