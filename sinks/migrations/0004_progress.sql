-- How far each topic's partition is in the store, always written after the rows it speaks of.
-- next_offset: the topic's own records below it are in; source_offset: the position of responses.v1 they speak for.
CREATE TABLE IF NOT EXISTS ikm.progress (
    topic         LowCardinality(String),
    partition     UInt16,
    log           UInt64,
    next_offset   UInt64,
    source_offset UInt64,
    at            DateTime64(3, 'UTC'),
    version       UInt256 DEFAULT
        bitShiftLeft(toUInt256(log), 128) + bitShiftLeft(toUInt256(source_offset), 64) + toUInt256(next_offset)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (topic, partition)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
