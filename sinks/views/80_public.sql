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

CREATE OR REPLACE VIEW ikm.i_closed_member AS
SELECT unit, `index`, scope, period, card.1 AS member, JSONExtractUInt(card.2, 'n') AS n, card.2 AS scorecard
FROM ikm.i_closed ARRAY JOIN cards AS card;

-- What a read without a key gives of rolling windows and whole periods. Nothing of fewer than $hidden_below responses, and
-- nothing of a whole from which those of a unit could be told.
CREATE OR REPLACE VIEW ikm.v_public_live AS
WITH f.tier = 'tertutup' OR (f.scope != 'self' AND h.few > 0 AND h.few < $hidden_below) AS is_hidden
SELECT f.unit AS unit, f.name AS name, f.type AS type, f.parent AS parent, f.`index` AS `index`, f.scope AS scope,
       f.window AS kind, '' AS period, true AS is_calendar, f.`from` AS `from`, f.`to` AS `to`, $hidden_figure
FROM ikm.v_unit_live AS f
LEFT JOIN ikm.i_hidden_live AS h ON h.unit = f.unit AND h.`index` = f.`index` AND h.window = f.window;

CREATE OR REPLACE VIEW ikm.v_public_period AS
WITH f.tier = 'tertutup' OR (f.scope != 'self' AND f.few > 0 AND f.few < $hidden_below) AS is_hidden
SELECT f.unit AS unit, f.name AS name, f.type AS type, f.parent AS parent, f.`index` AS `index`, f.scope AS scope,
       'period' AS kind, f.period AS period, f.is_calendar AS is_calendar, f.`from` AS `from`, f.`to` AS `to`,
       $hidden_figure
FROM (
    SELECT p.*, h.few AS few
    FROM (SELECT * FROM ikm.v_period_open UNION ALL SELECT * FROM ikm.v_period_open_mean) AS p
    LEFT JOIN ikm.i_hidden_period AS h ON h.unit = p.unit AND h.`index` = p.`index` AND h.period = p.period
    UNION ALL
    SELECT p.*, h.few
    FROM ikm.v_period_frozen AS p
    LEFT JOIN ikm.i_closed AS h
        ON h.unit = p.unit AND h.`index` = p.`index` AND h.scope = p.scope AND h.period = p.period
    WHERE p.is_latest
) AS f;

CREATE OR REPLACE VIEW ikm.v_public_index AS
SELECT * FROM ikm.v_public_live UNION ALL SELECT * FROM ikm.v_public_period;

-- The frames that the public sees of each member: of its windows today, and of its part in a period.
CREATE OR REPLACE VIEW ikm.i_seen AS
SELECT t.unit AS unit, t.member AS member, w.`index` AS `index`, toString(w.window) AS kind, '' AS period, w.n AS n,
       w.frame AS frame
FROM ikm.i_window_frame AS w INNER JOIN ikm.tree AS t ON t.member = w.unit
WHERE t.scope = 'pooled' AND t.since <= now() AND now() < t.until
UNION ALL
SELECT unit, member, `index`, 'period', period, n, frame FROM ikm.i_period_frame;

-- The same for each scope. Beside a frozen figure stand only frames that are near what was frozen: both may be read.
CREATE OR REPLACE VIEW ikm.i_seen_scope AS
WITH s.frame AS f,
    (k.n, arrayFlatten(arrayMap(item -> JSONExtract(k.scorecard, 'items', item, 'Array(UInt64)'), y.codes))) AS card
SELECT s.unit AS unit, s.`index` AS `index`, s.scope AS scope, s.kind AS kind, s.period AS period, s.n AS n,
       s.frame AS frame, k.member != '' AND $near_card AS is_near
FROM (SELECT *, arrayJoin(if(unit = member, ['self', 'pooled', 'mean'], ['pooled', 'mean'])) AS scope FROM ikm.i_seen) AS s
INNER JOIN ikm.i_layout AS y ON y.`index` = s.`index`
LEFT JOIN ikm.i_closed_member AS k
    ON k.unit = s.unit AND k.member = s.member AND k.`index` = s.`index` AND k.scope = s.scope AND k.period = s.period;

-- The cards that elements are made of: of a unit or a whole one, of a mean one of each unit that is seen.
CREATE OR REPLACE VIEW ikm.i_public_card AS
WITH k.unit != '' AS is_frozen,
    s.frame.1 >= $hidden_below AND (s.n >= $hidden_below OR (is_frozen AND s.scope = 'self')) AS is_seen,
    if(is_frozen, any(k.few), sumIf(s.n, s.n < $hidden_below)) AS few
SELECT s.unit AS unit, s.`index` AS `index`, s.scope AS scope, s.kind AS kind, s.period AS period,
       groupArrayIf(s.frame, is_seen) AS frames, arraySum(frames.1) AS elements_n,
       if(s.scope = 'mean', frames,
          [(elements_n, arrayReduce('sumForEach', frames.2), arrayReduce('sumForEach', frames.3))]) AS cards
FROM ikm.i_seen_scope AS s
LEFT JOIN ikm.i_closed AS k
    ON k.unit = s.unit AND k.`index` = s.`index` AND k.scope = s.scope AND k.period = s.period
GROUP BY s.unit, s.`index`, s.scope, s.kind, s.period, is_frozen
HAVING notEmpty(frames) AND (s.scope = 'self' OR few = 0 OR few >= $hidden_below)
   AND (NOT is_frozen OR (minIf(s.is_near, is_seen) AND any(k.n) >= $hidden_below));

-- The elements, in steps: from frames, and only once the store has all that stood on their topic.
CREATE OR REPLACE VIEW ikm.v_public_element AS
WITH e.given > 0 AS filled, $public_value AS hundredths, e.bands AS bands, $band_of_element AS band
SELECT e.unit AS unit, e.`index` AS `index`, e.scope AS scope, e.kind AS kind, e.period AS period,
       e.elements_n AS elements_n, e.code AS code, e.u AS u, e.name AS name, if(filled, $public_nrr, NULL) AS nrr,
       if(filled, $value, NULL) AS value, band.2 AS mutu
FROM (
    WITH if(w.in_parts, c.parts[w.n_at], arraySum(arraySlice(c.histogram, w.start, w.length))) AS answered,
        $points_of_one AS points, $raw_of_one AS raw
    SELECT c.unit AS unit, c.`index` AS `index`, c.scope AS scope, c.kind AS kind, c.period AS period,
           c.elements_n AS elements_n, w.code AS code, w.u AS u, w.name AS name, any(r.bands) AS bands,
           countIf(answered > 0) AS given, sum(if(answered = 0, toInt256(0), $element_exact)) AS total,
           sum(if(answered = 0, toInt256(0), $nrr_exact)) AS total_nrr
    FROM (
        SELECT unit, `index`, scope, kind, period, elements_n, card.2 AS histogram, card.3 AS parts
        FROM ikm.i_public_card ARRAY JOIN cards AS card
    ) AS c
    INNER JOIN ikm.ref_weight AS w ON w.`index` = c.`index`
    INNER JOIN ikm.ref_index AS r ON r.`index` = w.`index` AND r.conversion = w.conversion
    WHERE w.is_main
      AND (SELECT count() FROM ikm.progress WHERE topic = '$frames_read' AND log = (SELECT max(log) FROM ikm.progress)) > 0
    GROUP BY c.unit, c.`index`, c.scope, c.kind, c.period, c.elements_n, w.code, w.u, w.name
) AS e;
