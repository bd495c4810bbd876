-- How far the stored figures lie behind each partition of the log: records that they do not hold, and the age of the
-- oldest of them, 0 when there is none. Nothing heard of a partition for three of a worker's
-- heartbeats is no good news: then seconds is at least how long ago `at` was.
CREATE OR REPLACE VIEW ikm.v_freshness AS
WITH
    (SELECT max(log) FROM ikm.progress) AS present,
    reached AS (
        SELECT partition, maxIf(source_offset, topic = 'scorecards.v1') AS shown,
               maxIf(next_offset, topic = 'responses.v1') AS known,
               if(countIf(topic = 'scorecards.v1') > 0, maxIf(p.at, topic = 'scorecards.v1'), max(p.at)) AS heard
        FROM ikm.progress AS p FINAL
        WHERE log = present AND topic IN ('scorecards.v1', 'responses.v1')
        GROUP BY partition
    )
SELECT r.partition AS partition, r.heard AS at, if(r.known > r.shown, r.known - r.shown, 0) AS behind,
       greatest(
           if(behind > 0 AND toUnixTimestamp64Milli(e.received_at) > 0, dateDiff('millisecond', e.received_at, now64(3)), 0),
           if(dateDiff('millisecond', at, now64(3)) > $silent_ms, dateDiff('millisecond', at, now64(3)), 0)
       ) / 1000 AS seconds
FROM reached AS r
LEFT JOIN (
    SELECT partition, offset, received_at FROM ikm.events
    WHERE (log, partition, offset) IN (SELECT present, partition, shown FROM reached)
    LIMIT 1 BY partition
) AS e ON e.partition = r.partition;
