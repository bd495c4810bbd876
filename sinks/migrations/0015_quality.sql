-- What becomes of events, by unit and hour of receipt (ikm/quality.py). A row is absolute: what the partition's log
-- comes to below next_offset; the greatest wins.
CREATE TABLE IF NOT EXISTS ikm.quality (
    log         UInt64,
    hour        DateTime('UTC'),
    unit        LowCardinality(String),
    partition   UInt16,
    next_offset UInt64,
    accepted    UInt64,
    duplicate   UInt64,
    late        UInt64,
    rejected    UInt64
)
ENGINE = ReplacingMergeTree(next_offset)
ORDER BY (log, hour, unit, partition)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000, fsync_after_insert = 1,
         fsync_part_directory = 1;
-- An event's place in the order of the join (ikm/entry.py); 0 where it was refused, and in rows of before, which the sink
-- fills by a rebuild. The fingerprint does not speak of it: it can be computed from what the fingerprint speaks of.
ALTER TABLE ikm.events ADD COLUMN IF NOT EXISTS state UInt128 AFTER code;
-- first_offset: where a response reached its state; of equal ones the first wins. Rows of before say 0, so they win over
-- equal ones, until that rebuild. Made anew, because a version is never altered in place.
DROP TABLE IF EXISTS ikm.responses_placed;
CREATE TABLE ikm.responses_placed (
    unit          LowCardinality(String),
    source        LowCardinality(String),
    id            String,
    log           UInt64,
    state         UInt128,
    first_offset  UInt64,
    withdrawn     UInt8,
    revision      UInt16,
    submitted_at  DateTime64(3, 'UTC'),
    service       LowCardinality(String),
    questionnaire LowCardinality(String),
    channel       LowCardinality(String),
    answers       String,
    respondent    Map(LowCardinality(String), LowCardinality(String)),
    version       UInt256 DEFAULT
        bitShiftLeft(toUInt256(log), 192) + bitShiftLeft(toUInt256(state), 64) + toUInt256(bitNot(first_offset))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (unit, source, id)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000, fsync_after_insert = 1,
         fsync_part_directory = 1;
INSERT INTO ikm.responses_placed (unit, source, id, log, state, withdrawn, revision, submitted_at, service, questionnaire,
                                  channel, answers, respondent)
SELECT unit, source, id, log, state, withdrawn, revision, submitted_at, service, questionnaire, channel, answers,
       respondent
FROM ikm.responses FINAL SETTINGS insert_deduplicate = 0;
EXCHANGE TABLES ikm.responses AND ikm.responses_placed;
DROP TABLE ikm.responses_placed;
