-- What every process measures of itself every 10 s, from ops.v1. increase: what a counter grew by since the process said
-- it before, so that several processes, also after a restart, may be added up; of what is no counter there is none.
CREATE TABLE IF NOT EXISTS ikm.ops (
    at       DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
    role     LowCardinality(String),
    instance LowCardinality(String),
    name     LowCardinality(String),
    labels   Map(LowCardinality(String), LowCardinality(String)),
    metric   LowCardinality(String),
    value    Float64 CODEC(Gorilla, ZSTD),
    increase Nullable(Float64) CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(at)
ORDER BY (name, role, metric, instance, at)
TTL toDateTime(at) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1,
         fsync_part_directory = 1;
