-- What elements with several items come to (`ikm.scorecard`, part_fields); empty for an index that has none.
ALTER TABLE ikm.buckets ADD COLUMN IF NOT EXISTS parts Array(UInt64) DEFAULT [] AFTER histogram;
