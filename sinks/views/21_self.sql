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

-- The running period of units that have answers in it, for v_mover_self: nothing before the first of these is read.
CREATE OR REPLACE VIEW ikm.i_self_running AS
WITH $figure
SELECT c.unit AS unit, c.name AS name, c.type AS type, c.parent AS parent, c.`index` AS `index`, 'self' AS scope,
       c.period AS period, true AS is_calendar, c.`from` AS `from`, c.`to` AS `to`, c.n AS n,
       if(filled, $value, NULL) AS value, band.2 AS mutu, if(filled, $low, NULL) AS lo, if(filled, $high, NULL) AS hi,
       c.is_open AS is_open
FROM (
    WITH $exact
    SELECT c.unit AS unit, c.name AS name, c.type AS type, c.parent AS parent, c.`index` AS `index`, c.period AS period,
           c.`from` AS `from`, c.`to` AS `to`, c.is_open AS is_open, c.n AS n, c.sum_x AS sum_x, c.sum_xx AS sum_xx,
           filled, exact, $way
    FROM (
        SELECT s.unit AS unit, s.name AS name, s.type AS type, s.parent AS parent, s.period AS period,
               s.`from` AS `from`, s.`to` AS `to`, s.is_open AS is_open, t.`index` AS `index`, $card
        FROM (
            SELECT unit, `index`, hour, n, sum_x, sum_xx, histogram, parts FROM ikm.months
            WHERE epoch = (SELECT max(log) FROM ikm.progress)
              AND hour >= (SELECT toDateTime(min(`from`)) FROM ikm.standing)
            ORDER BY unit, `index`, hour, version DESC LIMIT 1 BY unit, `index`, hour
        ) AS t
        INNER JOIN ikm.standing AS s ON s.unit = t.unit
        WHERE t.hour >= toDateTime(s.`from`) AND t.hour < toDateTime(s.`to`) AND t.n > 0
        GROUP BY s.unit, s.name, s.type, s.parent, s.period, s.`from`, s.`to`, s.is_open, t.`index`
    ) AS c
    INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index`
    WHERE r.is_main
) AS c;
