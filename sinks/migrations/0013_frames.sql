-- The public frame of every (unit, index, from, to) that holds, from frames.v1: the greatest number, of one number what
-- settled it, or else the first record (`api/frame_log.py` reads the topic by the same rule).
CREATE TABLE IF NOT EXISTS ikm.frames (
    unit      LowCardinality(String),
    `index`   LowCardinality(String),
    `from`    DateTime('UTC'),
    `to`      DateTime('UTC'),
    n         UInt64,
    sum_x     UInt64,
    sum_xx    UInt64,
    histogram Array(UInt64),
    parts     Array(UInt64),
    log       UInt64,
    number    UInt64,
    settled   Bool,
    offset    UInt64,
    version   UInt256 DEFAULT
        bitShiftLeft(toUInt256(log), 128) + bitShiftLeft(toUInt256(number), 65)
        + bitShiftLeft(toUInt256(settled), 64) + if(settled, offset, bitNot(offset))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (unit, `index`, `from`, `to`)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000, fsync_after_insert = 1,
         fsync_part_directory = 1;
