-- Sums of buckets over all services, by the pieces of days and months that `ikm/grid.py` cuts; hour is a piece's first
-- one. version is the sum of what was added up: it grows with every change of it, so of two sums the later one wins.
CREATE TABLE IF NOT EXISTS ikm.days (
    epoch     UInt64,
    unit      LowCardinality(String),
    `index`   LowCardinality(String),
    hour      DateTime('UTC'),
    n         UInt64,
    sum_x     UInt64,
    sum_xx    UInt64,
    histogram Array(UInt64),
    parts     Array(UInt64),
    watermark Nullable(DateTime('UTC')),
    version   UInt256
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (epoch, unit, `index`, hour)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 10000, fsync_after_insert = 1,
         fsync_part_directory = 1;
CREATE TABLE IF NOT EXISTS ikm.months AS ikm.days;
INSERT INTO ikm.days SETTINGS insert_deduplicate = 0
SELECT epoch, unit, `index`,
       greatest(toStartOfDay(hour, 'UTC'), toStartOfDay(hour, 'Asia/Jakarta'), toStartOfDay(hour, 'Asia/Makassar'),
                toStartOfDay(hour, 'Asia/Jayapura')) AS first,
       sum(n), sum(sum_x), sum(sum_xx), sumForEach(histogram), sumForEach(parts), maxIf(watermark, n > 0), sum(version)
FROM ikm.buckets FINAL GROUP BY epoch, unit, `index`, first;
INSERT INTO ikm.months SETTINGS insert_deduplicate = 0
SELECT epoch, unit, `index`,
       greatest(toDateTime(toStartOfMonth(hour, 'UTC'), 'UTC'),
                toDateTime(toStartOfMonth(hour, 'Asia/Jakarta'), 'Asia/Jakarta'),
                toDateTime(toStartOfMonth(hour, 'Asia/Makassar'), 'Asia/Makassar'),
                toDateTime(toStartOfMonth(hour, 'Asia/Jayapura'), 'Asia/Jayapura')) AS first,
       sum(n), sum(sum_x), sum(sum_xx), sumForEach(histogram), sumForEach(parts), maxIf(watermark, n > 0), sum(version)
FROM ikm.days FINAL GROUP BY epoch, unit, `index`, first;
