-- Every record of responses.v1, valid or not, as it arrived: one row per (log, partition, offset).
-- fingerprint is computed once, at insert: a fact that was altered by hand no longer matches it.
CREATE TABLE IF NOT EXISTS ikm.events (
    log           UInt64,
    partition     UInt16,
    offset        UInt64,
    received_at   DateTime64(3, 'UTC'),
    type          LowCardinality(String),
    unit          LowCardinality(String),
    source        LowCardinality(String),
    id            String,
    revision      UInt16,
    submitted_at  DateTime64(3, 'UTC'),
    service       LowCardinality(String),
    questionnaire LowCardinality(String),
    channel       LowCardinality(String),
    answers       Map(LowCardinality(String), UInt8),
    respondent    Map(LowCardinality(String), LowCardinality(String)),
    code          LowCardinality(String),
    fingerprint   UInt64 DEFAULT sipHash64(
        log, partition, offset, toUnixTimestamp64Milli(received_at), toString(type), toString(unit), toString(source),
        id, revision, toUnixTimestamp64Milli(submitted_at), toString(service), toString(questionnaire),
        toString(channel), toString(answers), toString(respondent), toString(code)
    )
)
ENGINE = ReplacingMergeTree
ORDER BY (log, partition, offset)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
