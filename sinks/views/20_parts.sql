-- What was counted, of the newest log: of several versions of a row the last one. (FINAL would read every unit's rows
-- where few are asked for.)
CREATE OR REPLACE VIEW ikm.i_bucket AS
SELECT unit, `index`, hour, service, n, sum_x, sum_xx, histogram, parts, watermark FROM ikm.buckets
WHERE epoch = (SELECT max(log) FROM ikm.progress)
ORDER BY unit, `index`, hour, service, version DESC LIMIT 1 BY unit, `index`, hour, service;

CREATE OR REPLACE VIEW ikm.i_day AS
SELECT unit, `index`, hour, n, sum_x, sum_xx, histogram, parts, watermark FROM ikm.days
WHERE epoch = (SELECT max(log) FROM ikm.progress)
ORDER BY unit, `index`, hour, version DESC LIMIT 1 BY unit, `index`, hour;

CREATE OR REPLACE VIEW ikm.i_month AS
SELECT unit, `index`, hour, n, sum_x, sum_xx, histogram, parts, watermark FROM ikm.months
WHERE epoch = (SELECT max(log) FROM ikm.progress)
ORDER BY unit, `index`, hour, version DESC LIMIT 1 BY unit, `index`, hour;

-- Parts: what each member brings to a unit's step of time, by the tree as it was then. `from` is where a step begins by
-- the clocks of the unit.
CREATE OR REPLACE VIEW ikm.i_part_hour AS
SELECT m.unit AS unit, m.scope AS scope, m.member AS member, m.population AS population, t.`index` AS `index`,
       '' AS period, true AS is_calendar, toDateTime64(t.hour, 3, 'UTC') AS `from`,
       toDateTime64(t.hour + toIntervalHour(1), 3, 'UTC') AS `to`, t.n AS n, t.sum_x AS sum_x, t.sum_xx AS sum_xx,
       t.histogram AS histogram, t.parts AS parts, t.watermark AS watermark
FROM ikm.i_bucket AS t INNER JOIN ikm.tree AS m ON m.member = t.unit
WHERE t.hour >= m.since AND t.hour < m.until AND t.n > 0;

CREATE OR REPLACE VIEW ikm.i_part_day AS
SELECT m.unit AS unit, m.scope AS scope, m.member AS member, m.population AS population, t.`index` AS `index`,
       '' AS period, true AS is_calendar,
       toDateTime64(toStartOfDay(t.hour + toIntervalHour(m.zone_hours)), 3, 'UTC') - toIntervalHour(m.zone_hours)
           AS `from`,
       `from` + toIntervalDay(1) AS `to`, t.n AS n, t.sum_x AS sum_x, t.sum_xx AS sum_xx, t.histogram AS histogram,
       t.parts AS parts, t.watermark AS watermark
FROM ikm.i_day AS t INNER JOIN ikm.tree AS m ON m.member = t.unit
WHERE t.hour >= m.since AND t.hour < m.until AND t.n > 0;

-- Whole months where a member counts for all of them; days where it came or went within one.
CREATE OR REPLACE VIEW ikm.i_part_month AS
SELECT m.unit AS unit, m.scope AS scope, m.member AS member, m.population AS population, t.`index` AS `index`,
       '' AS period, true AS is_calendar,
       toDateTime64(toStartOfMonth(t.hour + toIntervalHour(m.zone_hours)), 3, 'UTC') - toIntervalHour(m.zone_hours)
           AS `from`,
       toDateTime64(addMonths(toStartOfMonth(t.hour + toIntervalHour(m.zone_hours)), 1), 3, 'UTC')
           - toIntervalHour(m.zone_hours) AS `to`,
       t.n AS n, t.sum_x AS sum_x, t.sum_xx AS sum_xx, t.histogram AS histogram, t.parts AS parts,
       t.watermark AS watermark
FROM ikm.i_month AS t INNER JOIN ikm.tree AS m ON m.member = t.unit
WHERE t.hour >= m.since_month AND t.hour < m.until_month AND t.n > 0
UNION ALL
SELECT m.unit, m.scope, m.member, m.population, t.`index`, '', true, m.`from`, m.`to`, t.n, t.sum_x, t.sum_xx,
       t.histogram, t.parts, t.watermark
FROM ikm.i_day AS t INNER JOIN ikm.tree_days AS m ON m.member = t.unit
WHERE m.grain = 'month' AND t.hour >= m.since AND t.hour < m.until AND t.n > 0;

-- The running period of every open unit is there before its first answer.
CREATE OR REPLACE VIEW ikm.i_part_period AS
SELECT m.unit AS unit, m.scope AS scope, m.member AS member, m.population AS population, t.`index` AS `index`,
       p.code AS period, true AS is_calendar,
       toDateTime64(p.`from`, 3, 'UTC') - toIntervalHour(m.zone_hours) AS `from`,
       toDateTime64(p.`to`, 3, 'UTC') - toIntervalHour(m.zone_hours) AS `to`, t.n AS n, t.sum_x AS sum_x,
       t.sum_xx AS sum_xx, t.histogram AS histogram, t.parts AS parts, t.watermark AS watermark
FROM ikm.i_month AS t
INNER JOIN ikm.tree AS m ON m.member = t.unit
INNER JOIN ikm.ref_period AS p ON p.kind = m.kind AND p.month = toYYYYMM(t.hour + toIntervalHour(m.zone_hours))
WHERE t.hour >= m.since_month AND t.hour < m.until_month AND t.n > 0
UNION ALL
SELECT m.unit, m.scope, m.member, m.population, t.`index`, m.period, m.is_calendar, m.`from`, m.`to`, t.n, t.sum_x,
       t.sum_xx, t.histogram, t.parts, t.watermark
FROM ikm.i_day AS t INNER JOIN ikm.tree_days AS m ON m.member = t.unit
WHERE m.grain = 'period' AND t.hour >= m.since AND t.hour < m.until AND t.n > 0
UNION ALL
SELECT unit, arrayJoin(['self', 'pooled']), unit, population, arrayJoin([$indices]), period, true, `from`, `to`, 0, 0, 0,
       CAST([], 'Array(UInt64)'), CAST([], 'Array(UInt64)'), CAST(NULL, 'Nullable(DateTime(\'UTC\'))')
FROM ikm.standing WHERE is_open;
