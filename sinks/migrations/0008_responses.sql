-- The state of every response, one row per (unit, source, id): the greatest (log, state) wins, where state is the event's
-- place in the order of the join (ikm/entry.py). A withdrawn one keeps nothing but its key.
-- answers: a digit per item in the order of its questionnaire, 0 for a skipped one (and to make their number even).
CREATE TABLE IF NOT EXISTS ikm.responses (
    unit          LowCardinality(String),
    source        LowCardinality(String),
    id            String,
    log           UInt64,
    state         UInt128,
    withdrawn     UInt8,
    revision      UInt16,
    submitted_at  DateTime64(3, 'UTC'),
    service       LowCardinality(String),
    questionnaire LowCardinality(String),
    channel       LowCardinality(String),
    answers       String,
    respondent    Map(LowCardinality(String), LowCardinality(String)),
    version       UInt256 DEFAULT bitShiftLeft(toUInt256(log), 128) + toUInt256(state)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (unit, source, id)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000, fsync_after_insert = 1,
         fsync_part_directory = 1;
