-- Figures of a unit with those below it, as they stood then, from the sums of its tree (`ikm.cells`): views with
-- parameters, so that only that unit's rows of that time are read:
-- `SELECT * FROM ikm.p_unit_service(unit = 'u', index = 'ikm', from = …, to = …)`, times as seconds since 1970.

-- The sums of every day of the unit's own clocks that [from, to) touches; `local` is what they show at `day`. A unit with
-- none below it has no sums of a tree, for they would be its own; one that is not registered has nothing.
CREATE OR REPLACE VIEW ikm.i_unit_cell AS
WITH (
    SELECT (['', 'self', 'pooled'][least(uniqExact(member), 2) + 1], 3600 * any(zone_hours)) FROM ikm.tree
    WHERE unit = {unit:String} AND scope = 'pooled'
) AS tree
SELECT day, day + tree.2 AS local, dimension, cell, `index`, n, sum_x, sum_xx, histogram, parts FROM ikm.cells FINAL
WHERE epoch = (SELECT max(log) FROM ikm.progress) AND unit = {unit:String} AND scope = tree.1
  AND `index` = {index:String} AND n > 0
  AND day >= toDateTime(intDiv({from:UInt32} + tree.2, 86400) * 86400 - tree.2, 'UTC')
  AND day < toDateTime(intDiv({to:UInt32} + tree.2 + 86399, 86400) * 86400 - tree.2, 'UTC');

-- The rows of v_unit_index_hour and v_unit_index_day, scope pooled, whose step begins in [from, to).
CREATE OR REPLACE VIEW ikm.p_unit_index_hour AS
WITH $figure
SELECT toDateTime64(c.hour, 3, 'UTC') AS `from`, c.n AS n, if(filled, $value, NULL) AS value, band.2 AS mutu,
       if(filled, $low, NULL) AS lo, if(filled, $high, NULL) AS hi
FROM (
    WITH $exact
    SELECT c.hour AS hour, c.n AS n, c.sum_x AS sum_x, c.sum_xx AS sum_xx, filled, exact, $way
    FROM (
        SELECT toStartOfDay(t.day) + 3600 * toUInt8OrZero(t.cell) AS hour, t.`index` AS `index`, $card
        FROM ikm.i_unit_cell AS t
        WHERE t.dimension = 'hour' AND hour >= toDateTime({from:UInt32}, 'UTC') AND hour < toDateTime({to:UInt32}, 'UTC')
        GROUP BY hour, t.`index`
    ) AS c
    INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index`
) AS c
WHERE c.is_main;

CREATE OR REPLACE VIEW ikm.p_unit_index_day AS
WITH $figure
SELECT toDateTime64(c.day, 3, 'UTC') AS `from`, c.n AS n, if(filled, $value, NULL) AS value, band.2 AS mutu,
       if(filled, $low, NULL) AS lo, if(filled, $high, NULL) AS hi
FROM (
    WITH $exact
    SELECT c.day AS day, c.n AS n, c.sum_x AS sum_x, c.sum_xx AS sum_xx, filled, exact, $way
    FROM (
        SELECT toStartOfDay(t.local) - (t.local - t.day) AS day, t.`index` AS `index`, $card
        FROM ikm.i_unit_cell AS t
        WHERE t.dimension = 'hour' AND day >= toDateTime({from:UInt32}, 'UTC')
        GROUP BY day, t.`index`
    ) AS c
    INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index`
) AS c
WHERE c.is_main;

-- The row of v_mover of one unit, scope pooled: what it takes of all units' figures is left out, so it is there sooner.
-- A unit that has always stood alone has no closed number of a tree: its own is what it is compared with.
CREATE OR REPLACE VIEW ikm.i_unit_running AS
WITH $figure
SELECT s.unit AS unit, s.name AS name, s.type AS type, s.parent AS parent, c.`index` AS `index`, 'pooled' AS scope,
       c.sums AS sums, s.period AS period, true AS is_calendar, s.`from` AS `from`, s.`to` AS `to`, c.n AS n,
       if(filled, $value, NULL) AS value, band.2 AS mutu, if(filled, $low, NULL) AS lo, if(filled, $high, NULL) AS hi
FROM (
    WITH $exact
    SELECT c.`index` AS `index`, c.sums AS sums, c.n AS n, c.sum_x AS sum_x, c.sum_xx AS sum_xx, filled, exact, $way
    FROM (
        WITH (
            SELECT (['', 'self', 'pooled'][least(uniqExact(member), 2) + 1]) FROM ikm.tree
            WHERE unit = {unit:String} AND scope = 'pooled'
        ) AS tree, (
            SELECT (toDateTime(`from`), toDateTime(`to`)) FROM ikm.standing WHERE unit = {unit:String}
        ) AS running
        SELECT {index:String} AS `index`, any(scope) AS sums, $card FROM ikm.cells AS t FINAL
        WHERE epoch = (SELECT max(log) FROM ikm.progress) AND unit = {unit:String} AND scope = tree
          AND t.`index` = {index:String} AND dimension = 'hour' AND day >= running.1 AND day < running.2
    ) AS c
    INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index`
    WHERE r.is_main
) AS c
CROSS JOIN (SELECT * FROM ikm.standing WHERE unit = {unit:String}) AS s;

CREATE OR REPLACE VIEW ikm.p_unit_mover AS
$mover_of_tree;

-- weekday: 1 is Monday; weekday and hour by the unit's own clocks.
CREATE OR REPLACE VIEW ikm.p_unit_hour_of_week AS
WITH $exact, $hundredths AS hundredths, $band_of_index AS band
SELECT c.weekday AS weekday, c.hour AS hour, c.n AS n, if(filled, $value, NULL) AS value, band.2 AS mutu
FROM (
    SELECT toDayOfWeek(t.local) AS weekday, toHour(t.local + 3600 * (toUInt8OrZero(t.cell) - toHour(t.day))) AS hour,
           t.`index` AS `index`, $counted
    FROM ikm.i_unit_cell AS t WHERE t.dimension = 'hour'
    GROUP BY weekday, hour, t.`index`
) AS c
INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index` WHERE r.is_main;

-- Names of the services of a unit and those below it: the unit's own first, then those of the first member by code.
CREATE OR REPLACE VIEW ikm.i_service_name AS
SELECT pair.1 AS code, argMin(pair.2, (unit != {unit:String}, unit)) AS name
FROM (
    SELECT toString(unit) AS unit, arrayJoin(CAST(services, 'Array(Tuple(String, String))')) AS pair FROM ikm.standing
    WHERE unit IN (SELECT member FROM ikm.tree WHERE unit = {unit:String} AND scope = 'pooled')
)
GROUP BY code;

CREATE OR REPLACE VIEW ikm.p_unit_service AS
WITH $exact, $hundredths AS hundredths, $band_of_index AS band
SELECT c.cell AS service, multiIf(c.cell = '', '$unsaid', s.name != '', s.name, c.cell) AS name, c.n AS n,
       if(filled, $value, NULL) AS value, band.2 AS mutu
FROM (
    SELECT t.cell AS cell, t.`index` AS `index`, $counted
    FROM ikm.i_unit_cell AS t WHERE t.dimension = 'service'
    GROUP BY t.cell, t.`index`
) AS c
INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index`
LEFT JOIN ikm.i_service_name AS s ON s.code = c.cell
WHERE r.is_main;

-- dimensions: of service, channel and the questions of the profile. Cells of fewer than $cells_shown_from people show
-- nothing; where these come to fewer than that together neither does the smallest beside them (the first by code), or
-- the total minus the others would tell them: `hide_small_cells` of `ikm/frame.py`.
CREATE OR REPLACE VIEW ikm.p_unit_cell AS
WITH $exact, $hundredths AS hundredths, $band_of_index AS band
SELECT c.dimension AS dimension, c.cell AS cell,
       multiIf(c.cell = '', '$unsaid', p.name != '', p.name, c.dimension = 'service' AND s.name != '', s.name, c.cell)
           AS name,
       if(p.name = '', 255, p.place) AS place, $hidden_cell AS is_hidden, if(is_hidden, NULL, c.n) AS n,
       if(filled AND NOT is_hidden, $value, NULL) AS value, if(is_hidden, NULL, band.2) AS mutu
FROM (
    SELECT t.dimension AS dimension, t.cell AS cell, t.`index` AS `index`, $counted
    FROM ikm.i_unit_cell AS t WHERE t.dimension IN {dimensions:Array(String)}
    GROUP BY t.dimension, t.cell, t.`index`
) AS c
INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index`
LEFT JOIN ikm.ref_profile AS p ON p.question = c.dimension AND p.said = c.cell
LEFT JOIN ikm.i_service_name AS s ON s.code = c.cell
WHERE r.is_main
WINDOW kind AS (PARTITION BY c.dimension);
