CREATE OR REPLACE VIEW ikm.v_unit_element_$grain AS
WITH if(w.in_parts, c.parts[w.n_at], arraySum(arraySlice(c.histogram, w.start, w.length))) AS answered,
    $points_of_one AS points, $raw_of_one AS raw,
    arraySlice(c.histogram, w.cells_start, w.cells_length) AS cells, answered > 0 AS filled,
    $element_value AS hundredths, r.bands AS bands, $band_of_element AS band
SELECT c.unit AS unit, c.`index` AS `index`, c.scope AS scope, '$grain' AS grain, c.period AS period,
       c.is_calendar AS is_calendar, c.`from` AS `from`, c.`to` AS `to`, w.code AS code, w.u AS u, w.name AS name,
       answered AS n, if(filled, $element_nrr, NULL) AS nrr, if(filled, $value, NULL) AS value, band.2 AS mutu,
       if(filled, $element_low, NULL) AS low_share
FROM ikm.i_card_$grain AS c
INNER JOIN ikm.ref_weight AS w ON w.`index` = c.`index`
INNER JOIN ikm.ref_index AS r ON r.`index` = w.`index` AND r.conversion = w.conversion
WHERE w.is_main;

CREATE OR REPLACE VIEW ikm.v_unit_histogram_$grain AS
SELECT c.unit AS unit, c.`index` AS `index`, c.scope AS scope, '$grain' AS grain, c.period AS period,
       c.is_calendar AS is_calendar, c.`from` AS `from`, c.`to` AS `to`, i.item AS item, i.score AS score,
       c.histogram[i.cell] AS count, i.element AS element, i.label AS label
FROM ikm.i_card_$grain AS c INNER JOIN ikm.ref_item AS i ON i.`index` = c.`index`;

CREATE OR REPLACE VIEW ikm.v_unit_conversion_$grain AS
WITH $figure
SELECT c.unit AS unit, c.`index` AS `index`, c.scope AS scope, '$grain' AS grain, c.period AS period,
       c.is_calendar AS is_calendar, c.`from` AS `from`, c.`to` AS `to`, c.conversion AS conversion, c.is_main AS is_main,
       c.n AS n, if(filled, $value, NULL) AS value, if(filled AND c.is_main, $low, NULL) AS lo,
       if(filled AND c.is_main, $high, NULL) AS hi, toDateTime64(c.watermark, 3, 'UTC') AS watermark
FROM ikm.i_exact_$grain AS c
WHERE c.`index` IN (SELECT `index` FROM ikm.ref_index WHERE NOT is_main);
