-- A unit's own window is the figure that its worker published.
CREATE OR REPLACE VIEW ikm.v_unit_live_self AS
WITH ifNull(s.population, 0) AS people
SELECT c.unit AS unit, s.name AS name, s.type AS type, s.parent AS parent, c.`index` AS `index`, 'self' AS scope,
       c.window AS window, toDateTime64(c.`from`, 3, 'UTC') AS `from`, toDateTime64(c.`to`, 3, 'UTC') AS `to`, c.n AS n,
       c.value AS value, CAST(c.mutu, 'Nullable(String)') AS mutu, CAST(c.kinerja, 'Nullable(String)') AS kinerja,
       $tier AS tier, c.lo AS lo, c.hi AS hi, toUInt8(c.complete) AS complete,
       toDateTime64(c.watermark, 3, 'UTC') AS watermark, nullIf(people, 0) AS population
FROM ikm.i_live AS c LEFT JOIN ikm.standing AS s ON s.unit = c.unit;

CREATE OR REPLACE VIEW ikm.v_unit_live_pooled AS
WITH $figure,$people
SELECT c.unit AS unit, s.name AS name, s.type AS type, s.parent AS parent, c.`index` AS `index`, c.scope AS scope,
       c.window AS window, toDateTime64(c.`from`, 3, 'UTC') AS `from`, toDateTime64(c.`to`, 3, 'UTC') AS `to`,$numbers
FROM (
    WITH $exact
    SELECT c.unit AS unit, c.scope AS scope, c.`index` AS `index`, c.window AS window, c.`from` AS `from`, c.`to` AS `to`,
           c.n AS n, c.sum_x AS sum_x, c.sum_xx AS sum_xx, c.watermark AS watermark, c.people_unknown AS people_unknown,
           counts, filled, exact, $way
    FROM (
        SELECT t.unit AS unit, t.scope AS scope, t.`index` AS `index`, t.window AS window, min(t.`from`) AS `from`,
               min(t.`to`) AS `to`, $sums, max(t.n > 0 AND t.population IS NULL) AS people_unknown
        FROM ikm.i_part_live AS t GROUP BY t.unit, t.scope, t.`index`, t.window
    ) AS c
    INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index`
) AS c
LEFT JOIN ikm.standing AS s ON s.unit = c.unit
WHERE c.is_main;

CREATE OR REPLACE VIEW ikm.v_unit_live_mean AS
WITH c.units > 0 AS filled, $mean AS hundredths, $band AS band, $people
SELECT c.unit AS unit, s.name AS name, s.type AS type, s.parent AS parent, c.`index` AS `index`, 'mean' AS scope,
       c.window AS window, toDateTime64(c.`from`, 3, 'UTC') AS `from`, toDateTime64(c.`to`, 3, 'UTC') AS `to`, c.n AS n,
       if(filled, $value, NULL) AS value, band.2 AS mutu, band.3 AS kinerja, $tier AS tier,
       CAST(NULL, 'Nullable(Decimal(5, 2))') AS lo, CAST(NULL, 'Nullable(Decimal(5, 2))') AS hi,
       filled AND NOT has(c.answered, 0) AS complete, toDateTime64(c.watermark, 3, 'UTC') AS watermark,
       nullIf(people, 0) AS population
FROM (
    SELECT unit, 'mean' AS scope, `index`, window, min(m.`from`) AS `from`, min(m.`to`) AS `to`, sum(m.n) AS n,
           countIf(m.filled) AS units, sumIf(m.exact, m.filled) AS total, sumForEachIf(m.counts, m.filled) AS answered,
           max(m.watermark) AS watermark, max(m.people_unknown) AS people_unknown, any(m.bands) AS bands
    FROM (
        WITH $exact
        SELECT c.unit AS unit, c.`index` AS `index`, c.window AS window, c.`from` AS `from`, c.`to` AS `to`, c.n AS n,
               filled, exact, counts, c.watermark AS watermark, c.n > 0 AND c.population IS NULL AS people_unknown,
               r.bands AS bands
        FROM ikm.i_part_live AS c INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index` WHERE r.is_main
    ) AS m
    GROUP BY unit, `index`, window
) AS c
LEFT JOIN ikm.standing AS s ON s.unit = c.unit;

CREATE OR REPLACE VIEW ikm.v_unit_live AS
SELECT * FROM ikm.v_unit_live_self UNION ALL SELECT * FROM ikm.v_unit_live_pooled
UNION ALL SELECT * FROM ikm.v_unit_live_mean;
