-- Cards of a unit and one $grain: of the unit itself (self) or of its tree (pooled). people_unknown: a member with
-- responses does not say how many people it serves. few: the responses of those members that have few each.
CREATE OR REPLACE VIEW ikm.i_card_$grain AS
SELECT t.unit AS unit, t.scope AS scope, t.`index` AS `index`, t.period AS period, t.is_calendar AS is_calendar,
       t.`from` AS `from`, t.`to` AS `to`, $sums, max(t.n > 0 AND t.population IS NULL) AS people_unknown,
       arraySum(arrayFilter(n -> n < $hidden_below, mapValues(sumMap(map(t.member, t.n))))) AS few
FROM ikm.i_part_$grain AS t
GROUP BY t.unit, t.scope, t.`index`, t.period, t.is_calendar, t.`from`, t.`to`;

-- Their exact numbers, by every conversion of the index.
CREATE OR REPLACE VIEW ikm.i_exact_$grain AS
WITH $exact
SELECT c.unit AS unit, c.scope AS scope, c.`index` AS `index`, c.period AS period, c.is_calendar AS is_calendar,
       c.`from` AS `from`, c.`to` AS `to`, c.n AS n, c.sum_x AS sum_x, c.sum_xx AS sum_xx, c.watermark AS watermark,
       c.people_unknown AS people_unknown, c.few AS few, counts, filled, exact, $way
FROM ikm.i_card_$grain AS c INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index`;

CREATE OR REPLACE VIEW ikm.v_unit_index_$grain AS
WITH $figure,$people
SELECT c.unit AS unit, s.name AS name, s.type AS type, s.parent AS parent, c.`index` AS `index`, c.scope AS scope,
       '$grain' AS grain, c.period AS period, c.is_calendar AS is_calendar, c.`from` AS `from`, c.`to` AS `to`,$numbers
FROM ikm.i_exact_$grain AS c LEFT JOIN ikm.standing AS s ON s.unit = c.unit
WHERE c.is_main;

-- The simple mean of the exact figures of a unit and those below it that have responses, rounded once.
CREATE OR REPLACE VIEW ikm.i_member_$grain AS
WITH $exact
SELECT c.unit AS unit, c.`index` AS `index`, c.period AS period, c.is_calendar AS is_calendar, c.`from` AS `from`,
       c.`to` AS `to`, c.member AS member, c.n AS n, filled, exact, counts, c.watermark AS watermark,
       c.people_unknown AS people_unknown, r.bands AS bands
FROM (
    SELECT t.unit AS unit, t.member AS member, t.`index` AS `index`, t.period AS period, t.is_calendar AS is_calendar,
           t.`from` AS `from`, t.`to` AS `to`, $sums, max(t.n > 0 AND t.population IS NULL) AS people_unknown
    FROM ikm.i_part_$grain AS t WHERE t.scope = 'pooled'
    GROUP BY t.unit, t.member, t.`index`, t.period, t.is_calendar, t.`from`, t.`to`
) AS c
INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index`
WHERE r.is_main;

CREATE OR REPLACE VIEW ikm.v_unit_mean_$grain AS
WITH c.units > 0 AS filled, $mean AS hundredths, $band AS band, $people
SELECT c.unit AS unit, s.name AS name, s.type AS type, s.parent AS parent, c.`index` AS `index`, 'mean' AS scope,
       '$grain' AS grain, c.period AS period, c.is_calendar AS is_calendar, c.`from` AS `from`, c.`to` AS `to`, c.n AS n,
       if(filled, $value, NULL) AS value, band.2 AS mutu, band.3 AS kinerja, $tier AS tier,
       CAST(NULL, 'Nullable(Decimal(5, 2))') AS lo, CAST(NULL, 'Nullable(Decimal(5, 2))') AS hi,
       filled AND NOT has(c.answered, 0) AS complete, toDateTime64(c.watermark, 3, 'UTC') AS watermark,
       nullIf(people, 0) AS population
FROM (
    SELECT unit, 'mean' AS scope, `index`, period, is_calendar, `from`, `to`, sum(m.n) AS n,
           countIf(m.filled) AS units, sumIf(m.exact, m.filled) AS total, sumForEachIf(m.counts, m.filled) AS answered,
           max(m.watermark) AS watermark, max(m.people_unknown) AS people_unknown, any(m.bands) AS bands
    FROM ikm.i_member_$grain AS m GROUP BY unit, `index`, period, is_calendar, `from`, `to`
) AS c
LEFT JOIN ikm.standing AS s ON s.unit = c.unit;
