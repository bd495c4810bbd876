-- When a unit ends and who carries on ('' = nobody); its own periods and its targets as JSON lists, as in units.v1.
ALTER TABLE ikm.units ADD COLUMN IF NOT EXISTS valid_to Nullable(Date32) AFTER valid_from;
ALTER TABLE ikm.units ADD COLUMN IF NOT EXISTS merged_into LowCardinality(String) AFTER valid_to;
ALTER TABLE ikm.units ADD COLUMN IF NOT EXISTS periods String DEFAULT '[]' AFTER location;
ALTER TABLE ikm.units ADD COLUMN IF NOT EXISTS targets String DEFAULT '[]' AFTER periods;
