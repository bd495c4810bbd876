-- Parts of a unit's own figures.
CREATE OR REPLACE VIEW ikm.i_self_part_hour AS
SELECT t.unit AS unit, t.`index` AS `index`, '' AS period, toDateTime64(t.hour, 3, 'UTC') AS `from`,
       toDateTime64(t.hour + toIntervalHour(1), 3, 'UTC') AS `to`, t.n AS n, t.sum_x AS sum_x, t.sum_xx AS sum_xx,
       t.histogram AS histogram, t.parts AS parts, t.watermark AS watermark
FROM ikm.i_bucket AS t WHERE t.n > 0;

CREATE OR REPLACE VIEW ikm.i_self_part_day AS
SELECT t.unit AS unit, t.`index` AS `index`, '' AS period,
       toDateTime64(toStartOfDay(t.hour + toIntervalHour(s.zone_hours)), 3, 'UTC') - toIntervalHour(s.zone_hours)
           AS `from`,
       `from` + toIntervalDay(1) AS `to`, t.n AS n, t.sum_x AS sum_x, t.sum_xx AS sum_xx, t.histogram AS histogram,
       t.parts AS parts, t.watermark AS watermark
FROM ikm.i_day AS t INNER JOIN ikm.standing AS s ON s.unit = t.unit WHERE t.n > 0;

CREATE OR REPLACE VIEW ikm.i_self_part_month AS
SELECT t.unit AS unit, t.`index` AS `index`, '' AS period,
       toDateTime64(toStartOfMonth(t.hour + toIntervalHour(s.zone_hours)), 3, 'UTC') - toIntervalHour(s.zone_hours)
           AS `from`,
       toDateTime64(addMonths(toStartOfMonth(t.hour + toIntervalHour(s.zone_hours)), 1), 3, 'UTC')
           - toIntervalHour(s.zone_hours) AS `to`,
       t.n AS n, t.sum_x AS sum_x, t.sum_xx AS sum_xx, t.histogram AS histogram, t.parts AS parts,
       t.watermark AS watermark
FROM ikm.i_month AS t INNER JOIN ikm.standing AS s ON s.unit = t.unit WHERE t.n > 0;

CREATE OR REPLACE VIEW ikm.i_self_part_period AS
SELECT t.unit AS unit, t.`index` AS `index`, p.code AS period,
       toDateTime64(p.`from`, 3, 'UTC') - toIntervalHour(s.zone_hours) AS `from`,
       toDateTime64(p.`to`, 3, 'UTC') - toIntervalHour(s.zone_hours) AS `to`, t.n AS n, t.sum_x AS sum_x,
       t.sum_xx AS sum_xx, t.histogram AS histogram, t.parts AS parts, t.watermark AS watermark
FROM ikm.i_month AS t
INNER JOIN ikm.standing AS s ON s.unit = t.unit
INNER JOIN ikm.ref_period AS p ON p.kind = s.kind AND p.month = toYYYYMM(t.hour + toIntervalHour(s.zone_hours))
WHERE t.n > 0
UNION ALL
SELECT unit, arrayJoin($coded_indices), period, `from`, `to`, 0, 0, 0, CAST([], 'Array(UInt64)'),
       CAST([], 'Array(UInt64)'), CAST(NULL, 'Nullable(DateTime(\'UTC\'))')
FROM ikm.standing WHERE is_open;
