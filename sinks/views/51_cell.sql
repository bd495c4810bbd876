-- The cells of every period, for tools that cannot pass parameters. Of a unit with others below it those of its tree.
CREATE OR REPLACE VIEW ikm.v_unit_cell AS
WITH $exact, $hundredths AS hundredths, $band_of_index AS band
SELECT c.unit AS unit, c.`index` AS `index`, c.dimension AS dimension, c.cell AS cell,
       multiIf(c.cell = '', '$unsaid', p.name != '', p.name,
               c.dimension = 'service' AND s.services[c.cell] != '', s.services[c.cell], c.cell) AS name,
       if(p.name = '', 255, p.place) AS place, c.period AS period, c.`from` AS `from`, c.`to` AS `to`,
       $hidden_cell AS is_hidden, if(is_hidden, NULL, c.n) AS n,
       if(filled AND NOT is_hidden, $value, NULL) AS value, if(is_hidden, NULL, band.2) AS mutu
FROM (
    SELECT m.unit AS unit, t.`index` AS `index`, t.dimension AS dimension, t.cell AS cell, p.code AS period,
           toDateTime64(p.`from`, 3, 'UTC') - toIntervalHour(m.zone_hours) AS `from`,
           toDateTime64(p.`to`, 3, 'UTC') - toIntervalHour(m.zone_hours) AS `to`, $counted
    FROM (
        SELECT * FROM ikm.cells FINAL
        WHERE epoch = (SELECT max(log) FROM ikm.progress) AND dimension != 'hour' AND n > 0
    ) AS t
    INNER JOIN (
        SELECT unit, any(w.zone_hours) AS zone_hours, any(w.kind) AS kind,
               if(max(w.member != w.unit), 'pooled', 'self') AS scope
        FROM ikm.tree AS w WHERE w.scope = 'pooled' GROUP BY unit
    ) AS m ON m.unit = t.unit AND m.scope = t.scope
    INNER JOIN ikm.ref_period AS p ON p.kind = m.kind AND p.month = toYYYYMM(t.day + toIntervalHour(m.zone_hours))
    GROUP BY m.unit, t.`index`, t.dimension, t.cell, p.code, `from`, `to`
) AS c
INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index`
LEFT JOIN ikm.ref_profile AS p ON p.question = c.dimension AND p.said = c.cell
LEFT JOIN ikm.standing AS s ON s.unit = c.unit
WHERE r.is_main
WINDOW kind AS (PARTITION BY c.unit, c.`index`, c.dimension, c.period);
