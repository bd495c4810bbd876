-- Figures of a unit with those below it, as they stood then, over any whole hours [from, to): views with parameters, so
-- that only the rows of that tree are read:
-- `SELECT * FROM ikm.p_unit_service(unit = 'u', index = 'ikm', from = …, to = …)`, times as seconds since 1970.
CREATE OR REPLACE VIEW ikm.p_unit_bucket AS
SELECT t.hour AS hour, t.service AS service, m.zone_hours AS zone_hours, t.`index` AS `index`, t.n AS n, t.sum_x AS sum_x,
       t.sum_xx AS sum_xx, t.histogram AS histogram, t.parts AS parts, t.watermark AS watermark
FROM (
    SELECT * FROM ikm.buckets
    WHERE epoch = (SELECT max(log) FROM ikm.progress) AND `index` = {index:String}
      AND unit IN (SELECT member FROM ikm.tree WHERE unit = {unit:String} AND scope = 'pooled')
      AND hour >= toDateTime({from:UInt32}, 'UTC') AND hour < toDateTime({to:UInt32}, 'UTC')
    ORDER BY unit, `index`, hour, service, version DESC LIMIT 1 BY unit, `index`, hour, service
) AS t
INNER JOIN (SELECT * FROM ikm.tree WHERE unit = {unit:String} AND scope = 'pooled') AS m ON m.member = t.unit
WHERE t.hour >= m.since AND t.hour < m.until AND t.n > 0;

CREATE OR REPLACE VIEW ikm.p_unit_day AS
SELECT t.hour AS hour, m.zone_hours AS zone_hours, m.population AS population, t.`index` AS `index`, t.n AS n,
       t.sum_x AS sum_x, t.sum_xx AS sum_xx, t.histogram AS histogram, t.parts AS parts, t.watermark AS watermark
FROM (
    SELECT * FROM ikm.days
    WHERE epoch = (SELECT max(log) FROM ikm.progress) AND `index` = {index:String}
      AND unit IN (SELECT member FROM ikm.tree WHERE unit = {unit:String} AND scope = 'pooled')
      AND hour >= toDateTime({from:UInt32}, 'UTC') AND hour < toDateTime({to:UInt32}, 'UTC')
    ORDER BY unit, `index`, hour, version DESC LIMIT 1 BY unit, `index`, hour
) AS t
INNER JOIN (SELECT * FROM ikm.tree WHERE unit = {unit:String} AND scope = 'pooled') AS m ON m.member = t.unit
WHERE t.hour >= m.since AND t.hour < m.until AND t.n > 0;

-- The rows of v_unit_index_hour and v_unit_index_day, scope pooled, whose step begins in [from, to): only that time is
-- read. (A day that begins there may end later: its hours are read up to a day after.)
CREATE OR REPLACE VIEW ikm.p_unit_index_hour AS
WITH $figure
SELECT toDateTime64(c.hour, 3, 'UTC') AS `from`, c.n AS n, if(filled, $value, NULL) AS value, band.2 AS mutu,
       if(filled, $low, NULL) AS lo, if(filled, $high, NULL) AS hi
FROM (
    WITH $exact
    SELECT c.hour AS hour, c.n AS n, c.sum_x AS sum_x, c.sum_xx AS sum_xx, filled, exact, $way
    FROM (
        SELECT t.hour AS hour, t.`index` AS `index`, $sums
        FROM ikm.p_unit_bucket(unit = {unit:String}, index = {index:String}, from = {from:UInt32}, to = {to:UInt32}) AS t
        GROUP BY t.hour, t.`index`
    ) AS c
    INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index`
) AS c
WHERE c.is_main;

CREATE OR REPLACE VIEW ikm.p_unit_index_day AS
WITH $figure
SELECT toDateTime64(c.day, 3, 'UTC') - toIntervalHour(c.zone_hours) AS `from`, c.n AS n,
       if(filled, $value, NULL) AS value, band.2 AS mutu, if(filled, $low, NULL) AS lo, if(filled, $high, NULL) AS hi
FROM (
    WITH $exact
    SELECT c.day AS day, c.zone_hours AS zone_hours, c.n AS n, c.sum_x AS sum_x, c.sum_xx AS sum_xx, filled, exact, $way
    FROM (
        SELECT toStartOfDay(t.hour + toIntervalHour(t.zone_hours)) AS day, t.zone_hours AS zone_hours,
               t.`index` AS `index`, $sums
        FROM ikm.p_unit_day(unit = {unit:String}, index = {index:String}, from = {from:UInt32},
                            to = {to:UInt32} + 86400) AS t
        GROUP BY day, t.zone_hours, t.`index`
    ) AS c
    INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index`
) AS c
WHERE c.is_main AND `from` >= fromUnixTimestamp64Milli(1000 * toInt64({from:UInt32}), 'UTC')
  AND `from` < fromUnixTimestamp64Milli(1000 * toInt64({to:UInt32}), 'UTC');

-- Names of the services of a unit and those below it: the unit's own first, then those of the first member by code.
CREATE OR REPLACE VIEW ikm.p_service_name AS
SELECT pair.1 AS code, argMin(pair.2, (unit != {unit:String}, unit)) AS name
FROM (
    SELECT toString(unit) AS unit, arrayJoin(CAST(services, 'Array(Tuple(String, String))')) AS pair FROM ikm.standing
    WHERE unit IN (SELECT member FROM ikm.tree WHERE unit = {unit:String} AND scope = 'pooled')
)
GROUP BY code;

CREATE OR REPLACE VIEW ikm.p_unit_service AS
WITH $exact, $hundredths AS hundredths, $band_of_index AS band
SELECT c.service AS service, multiIf(c.service = '', '$unsaid', s.name != '', s.name, c.service) AS name,
       c.n AS n, if(filled, $value, NULL) AS value, band.2 AS mutu
FROM (
    SELECT t.service AS service, t.`index` AS `index`, $sums
    FROM ikm.p_unit_bucket(unit = {unit:String}, index = {index:String}, from = {from:UInt32}, to = {to:UInt32}) AS t
    GROUP BY t.service, t.`index`
) AS c
INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index`
LEFT JOIN ikm.p_service_name(unit = {unit:String}) AS s ON s.code = c.service
WHERE r.is_main;

-- weekday: 1 is Monday; weekday and hour by the unit's own clocks.
CREATE OR REPLACE VIEW ikm.p_unit_hour_of_week AS
WITH $exact, $hundredths AS hundredths, $band_of_index AS band
SELECT c.weekday AS weekday, c.hour AS hour, c.n AS n, if(filled, $value, NULL) AS value, band.2 AS mutu
FROM (
    SELECT toDayOfWeek(t.hour + toIntervalHour(t.zone_hours)) AS weekday,
           toHour(t.hour + toIntervalHour(t.zone_hours)) AS hour, t.`index` AS `index`, $sums
    FROM ikm.p_unit_bucket(unit = {unit:String}, index = {index:String}, from = {from:UInt32}, to = {to:UInt32}) AS t
    GROUP BY weekday, hour, t.`index`
) AS c
INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index` WHERE r.is_main;

-- dimensions: of service, channel and the questions of the profile. Cells of fewer than $cells_shown_from people show
-- nothing.
CREATE OR REPLACE VIEW ikm.p_unit_cell AS
WITH $weighted, $hundredths AS hundredths, $band_of_index AS band
SELECT c.dimension AS dimension, c.cell AS cell, c.name AS name, c.place AS place,
       c.answered < $cells_shown_from AS is_hidden, if(is_hidden, NULL, c.answered) AS n,
       if(filled AND NOT is_hidden, $value, NULL) AS value, if(is_hidden, NULL, band.2) AS mutu
FROM (
    SELECT g.dimension AS dimension, g.cell AS cell, any(g.name) AS name, any(g.place) AS place,
           {index:String} AS `index`, sumIf(g.count, g.given) AS answered, sumForEach(g.counts) AS counts,
           sumForEach(g.points) AS points
    FROM (
        SELECT g.dimension AS dimension, if(g.dimension = 'service', g.told, p.cell) AS cell,
               multiIf(cell = '', '$unsaid', p.name != '', p.name,
                       g.dimension = 'service' AND s.name != '', s.name, cell) AS name,
               if(p.name = '', 255, p.place) AS place, g.count AS count,
               arrayMap(k -> if(k > 0, g.count, 0), $asked) AS counts,
               arrayExists(k -> k > 0, $asked) AS given, $worth AS points
        FROM (
            SELECT d AS dimension, multiIf(d = 'service', toString(a.service), d = 'channel', toString(a.channel),
                                           toString(a.respondent[d])) AS told,
                   a.questionnaire AS questionnaire, a.answers AS answers, count() AS count
            FROM (
                SELECT * FROM ikm.responses FINAL
                WHERE log = (SELECT max(log) FROM ikm.progress)
                  AND unit IN (SELECT member FROM ikm.tree WHERE unit = {unit:String} AND scope = 'pooled')
            ) AS a
            INNER JOIN (SELECT * FROM ikm.tree WHERE unit = {unit:String} AND scope = 'pooled') AS m ON m.member = a.unit
            ARRAY JOIN {dimensions:Array(String)} AS d
            WHERE NOT a.withdrawn AND a.submitted_at >= toDateTime({from:UInt32}, 'UTC')
              AND a.submitted_at < toDateTime({to:UInt32}, 'UTC')
              AND a.submitted_at >= m.since AND a.submitted_at < m.until
            GROUP BY dimension, told, questionnaire, answers
        ) AS g
        INNER JOIN ikm.ref_form AS f ON f.questionnaire = g.questionnaire
        LEFT JOIN ikm.ref_profile AS p ON p.question = g.dimension AND p.said = g.told
        LEFT JOIN ikm.p_service_name(unit = {unit:String}) AS s ON s.code = g.told
        WHERE f.`index` = {index:String}
    ) AS g
    GROUP BY g.dimension, g.cell HAVING answered > 0
) AS c
INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index` WHERE r.is_main;
