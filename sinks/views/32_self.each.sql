-- What a unit has alone in a step of time. Its own answers always count for it, so neither the tree nor days beside whole
-- months are asked: a read of many units, which the boards do, takes two thirds of the time. Of periods only the calendar's.
CREATE OR REPLACE VIEW ikm.i_self_card_$grain AS
SELECT t.unit AS unit, t.`index` AS `index`, t.period AS period, t.`from` AS `from`, t.`to` AS `to`, $sums
FROM ikm.i_self_part_$grain AS t GROUP BY t.unit, t.`index`, t.period, t.`from`, t.`to`;

CREATE OR REPLACE VIEW ikm.i_self_exact_$grain AS
WITH $exact
SELECT c.unit AS unit, 'self' AS scope, c.`index` AS `index`, c.period AS period, c.`from` AS `from`, c.`to` AS `to`,
       c.n AS n, c.sum_x AS sum_x, c.sum_xx AS sum_xx, c.watermark AS watermark, counts, filled, exact, $way
FROM ikm.i_self_card_$grain AS c INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index`
WHERE r.is_main;

CREATE OR REPLACE VIEW ikm.v_unit_self_$grain AS
WITH $figure, ifNull(s.population, 0) AS people
SELECT c.unit AS unit, s.name AS name, s.type AS type, s.parent AS parent, c.`index` AS `index`, c.scope AS scope,
       '$grain' AS grain, c.period AS period, true AS is_calendar, c.`from` AS `from`, c.`to` AS `to`,$numbers,
       s.is_open AS is_open, s.lat AS lat, s.lon AS lon
FROM ikm.i_self_exact_$grain AS c LEFT JOIN ikm.standing AS s ON s.unit = c.unit;
