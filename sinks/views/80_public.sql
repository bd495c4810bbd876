-- How many responses those members of a unit have together that have too few each: the whole minus the others tells them.
CREATE OR REPLACE VIEW ikm.i_hidden_live AS
SELECT unit, `index`, window, sumIf(n, n < $hidden_below) AS few FROM ikm.i_part_live GROUP BY unit, `index`, window;

CREATE OR REPLACE VIEW ikm.i_hidden_period AS
SELECT unit, `index`, period, sumIf(n, n < $hidden_below) AS few FROM ikm.i_member_card GROUP BY unit, `index`, period;

-- The latest closing of a period: what each unit of its tree had, all of them together, and those with too few.
CREATE OR REPLACE VIEW ikm.i_closed AS
SELECT toString(unit) AS unit, `index`, toString(scope) AS scope, period,
       if(scope = 'self', [(unit, scorecard)], JSONExtractKeysAndValuesRaw(scorecard, 'units')) AS cards,
       arrayMap(card -> JSONExtractUInt(card.2, 'n'), cards) AS responses, arraySum(responses) AS n,
       arraySum(arrayFilter(n -> n < $hidden_below, responses)) AS few
FROM (
    SELECT toString(unit) AS unit, `index`, scope, period, scorecard FROM ikm.periods
    WHERE log = (SELECT max(log) FROM ikm.progress)
    ORDER BY unit, `index`, period, scope, number DESC, offset LIMIT 1 BY unit, `index`, period, scope
);

-- The units that anybody may know of, and how many stand below each of them now, itself among them.
CREATE OR REPLACE VIEW ikm.v_public_unit AS
SELECT s.unit AS unit, s.name AS name, s.type AS type, s.parent AS parent, s.depth = 0 AND s.is_open AS is_root,
       s.is_open AS is_open, t.members AS members
FROM ikm.standing AS s
LEFT JOIN (
    SELECT unit, count() AS members FROM ikm.tree
    WHERE scope = 'pooled' AND since <= now() AND now() < until GROUP BY unit
) AS t ON t.unit = s.unit;

-- What a read without a key gives of rolling windows and whole periods. Nothing of fewer than $hidden_below responses, and
-- nothing of a whole from which those of a unit could be told.
CREATE OR REPLACE VIEW ikm.v_public_live_self AS
WITH f.tier = 'tertutup' AS is_hidden
SELECT f.unit AS unit, f.name AS name, f.type AS type, f.parent AS parent, f.`index` AS `index`, f.scope AS scope,
       toString(f.window) AS kind, '' AS period, true AS is_calendar, f.`from` AS `from`, f.`to` AS `to`, $hidden_figure
FROM ikm.v_unit_live_self AS f;

CREATE OR REPLACE VIEW ikm.v_public_live_pooled AS
WITH f.tier = 'tertutup' OR (h.few > 0 AND h.few < $hidden_below) AS is_hidden
SELECT f.unit AS unit, f.name AS name, f.type AS type, f.parent AS parent, f.`index` AS `index`, f.scope AS scope,
       toString(f.window) AS kind, '' AS period, true AS is_calendar, f.`from` AS `from`, f.`to` AS `to`, $hidden_figure
FROM ikm.v_unit_live_pooled AS f
LEFT JOIN ikm.i_hidden_live AS h ON h.unit = f.unit AND h.`index` = f.`index` AND h.window = f.window;

CREATE OR REPLACE VIEW ikm.v_public_live_mean AS
WITH f.tier = 'tertutup' OR (h.few > 0 AND h.few < $hidden_below) AS is_hidden
SELECT f.unit AS unit, f.name AS name, f.type AS type, f.parent AS parent, f.`index` AS `index`, f.scope AS scope,
       toString(f.window) AS kind, '' AS period, true AS is_calendar, f.`from` AS `from`, f.`to` AS `to`, $hidden_figure
FROM ikm.v_unit_live_mean AS f
LEFT JOIN ikm.i_hidden_live AS h ON h.unit = f.unit AND h.`index` = f.`index` AND h.window = f.window;

CREATE OR REPLACE VIEW ikm.v_public_period_frozen AS
WITH f.tier = 'tertutup' OR (f.scope != 'self' AND h.few > 0 AND h.few < $hidden_below) AS is_hidden
SELECT f.unit AS unit, f.name AS name, f.type AS type, f.parent AS parent, f.`index` AS `index`, f.scope AS scope,
       'period' AS kind, f.period AS period, f.is_calendar AS is_calendar, f.`from` AS `from`, f.`to` AS `to`,
       $hidden_figure
FROM ikm.v_period_frozen AS f
LEFT JOIN ikm.i_closed AS h
    ON h.unit = f.unit AND h.`index` = f.`index` AND h.scope = f.scope AND h.period = f.period
WHERE f.is_latest;

CREATE OR REPLACE VIEW ikm.v_public_period_open AS
WITH (f.n > 0 AND f.n < $hidden_below) OR (f.scope != 'self' AND f.few > 0 AND f.few < $hidden_below) AS is_hidden
SELECT f.unit AS unit, f.name AS name, f.type AS type, f.parent AS parent, f.`index` AS `index`, f.scope AS scope,
       'period' AS kind, f.period AS period, f.is_calendar AS is_calendar, f.`from` AS `from`, f.`to` AS `to`,
       $hidden_figure
FROM (
    WITH $figure,$people
    SELECT c.unit AS unit, s.name AS name, s.type AS type, s.parent AS parent, c.`index` AS `index`, c.scope AS scope,
           c.period AS period, c.is_calendar AS is_calendar, c.`from` AS `from`, c.`to` AS `to`, c.few AS few,$numbers
    FROM ikm.i_exact_period AS c LEFT JOIN ikm.standing AS s ON s.unit = c.unit
    WHERE c.is_main
) AS f
WHERE $f_is_open;

CREATE OR REPLACE VIEW ikm.v_public_period_open_mean AS
WITH f.tier = 'tertutup' OR (h.few > 0 AND h.few < $hidden_below) AS is_hidden
SELECT f.unit AS unit, f.name AS name, f.type AS type, f.parent AS parent, f.`index` AS `index`, f.scope AS scope,
       'period' AS kind, f.period AS period, f.is_calendar AS is_calendar, f.`from` AS `from`, f.`to` AS `to`,
       $hidden_figure
FROM ikm.v_unit_mean_period AS f
LEFT JOIN ikm.i_hidden_period AS h ON h.unit = f.unit AND h.`index` = f.`index` AND h.period = f.period
WHERE $f_is_open;

CREATE OR REPLACE VIEW ikm.v_public_index AS
SELECT * FROM ikm.v_public_live_self UNION ALL SELECT * FROM ikm.v_public_live_pooled
UNION ALL SELECT * FROM ikm.v_public_live_mean UNION ALL SELECT * FROM ikm.v_public_period_frozen
UNION ALL SELECT * FROM ikm.v_public_period_open UNION ALL SELECT * FROM ikm.v_public_period_open_mean;

-- The frames that the public sees of the members of a window: those of few responses there or then are not seen.
CREATE OR REPLACE VIEW ikm.i_public_card_live AS
SELECT w.unit AS unit, w.`index` AS `index`, w.scope AS scope, w.kind AS kind, '' AS period,
       groupArrayIf(w.frame, w.frame.1 >= $hidden_below AND w.n >= $hidden_below) AS frames,
       sumIf(w.n, w.n < $hidden_below) AS few
FROM (
    SELECT t.unit AS unit, w.`index` AS `index`, toString(w.window) AS kind, w.n AS n, w.frame AS frame,
           arrayJoin(if(t.unit = t.member, ['self', 'pooled', 'mean'], ['pooled', 'mean'])) AS scope
    FROM ikm.i_window_frame AS w INNER JOIN ikm.tree AS t ON t.member = w.unit
    WHERE t.scope = 'pooled' AND t.since <= now() AND now() < t.until
) AS w
GROUP BY w.unit, w.`index`, w.scope, w.kind
HAVING notEmpty(frames) AND (w.scope = 'self' OR few = 0 OR few >= $hidden_below);

-- The same of periods. Beside a frozen figure stand only frames that are near what was frozen, for both may be read.
CREATE OR REPLACE VIEW ikm.i_public_card_period AS
WITH s.frame AS f, k.unit != '' AS is_frozen,
    arrayFirst(one -> one.1 = toString(s.member), k.cards).2 AS closed,
    (JSONExtractUInt(closed, 'n'),
     arrayFlatten(arrayMap(item -> JSONExtract(closed, 'items', item, 'Array(UInt64)'), y.codes))) AS card,
    closed != '' AND $near_card AS is_near,
    s.frame.1 >= $hidden_below AND (s.n >= $hidden_below OR (is_frozen AND s.scope = 'self')) AS is_seen,
    if(is_frozen, any(k.few), sumIf(s.n, s.n < $hidden_below)) AS few
SELECT s.unit AS unit, s.`index` AS `index`, s.scope AS scope, 'period' AS kind, s.period AS period,
       groupArrayIf(s.frame, is_seen) AS frames
FROM (
    SELECT *, arrayJoin(if(unit = member, ['self', 'pooled', 'mean'], ['pooled', 'mean'])) AS scope
    FROM ikm.i_period_frame
) AS s
INNER JOIN ikm.i_layout AS y ON y.`index` = s.`index`
LEFT JOIN ikm.i_closed AS k
    ON k.unit = s.unit AND k.`index` = s.`index` AND k.scope = s.scope AND k.period = s.period
GROUP BY s.unit, s.`index`, s.scope, s.period, is_frozen
HAVING notEmpty(frames) AND (s.scope = 'self' OR few = 0 OR few >= $hidden_below)
   AND (NOT is_frozen OR (minIf(is_near, is_seen) AND any(k.n) >= $hidden_below));

-- The elements, in steps: from frames, and only once the store has all that stood on their topic.
CREATE OR REPLACE VIEW ikm.v_public_element_live AS
$elements_of_live;

CREATE OR REPLACE VIEW ikm.v_public_element_period AS
$elements_of_period;

CREATE OR REPLACE VIEW ikm.v_public_element AS
SELECT * FROM ikm.v_public_element_live UNION ALL SELECT * FROM ikm.v_public_element_period;
