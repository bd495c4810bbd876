-- Why a record was refused, from rejected.v1: its place (topic, partition, offset), never its bytes. A record that was
-- refused again (redelivery, replay) keeps the moment of the first time.
CREATE TABLE IF NOT EXISTS ikm.rejections (
    log       UInt64,
    topic     LowCardinality(String),
    partition UInt16,
    offset    UInt64,
    at        DateTime64(3, 'UTC'),
    unit      LowCardinality(String),
    code      LowCardinality(String),
    field     LowCardinality(String),
    version   UInt64 DEFAULT bitNot(toUInt64(toUnixTimestamp64Milli(at)))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (log, topic, partition, offset, code)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000, fsync_after_insert = 1,
         fsync_part_directory = 1;
