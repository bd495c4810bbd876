-- The cells of every period, for tools that cannot pass parameters: it reads a tree's answers of all time.
CREATE OR REPLACE VIEW ikm.v_unit_cell AS
WITH $weighted, $hundredths AS hundredths, $band_of_index AS band
SELECT c.unit AS unit, c.`index` AS `index`, c.dimension AS dimension, c.cell AS cell, c.name AS name, c.place AS place,
       c.period AS period, c.`from` AS `from`, c.`to` AS `to`, c.answered < $cells_shown_from AS is_hidden,
       if(is_hidden, NULL, c.answered) AS n, if(filled AND NOT is_hidden, $value, NULL) AS value,
       if(is_hidden, NULL, band.2) AS mutu
FROM (
    SELECT g.unit AS unit, g.dimension AS dimension, if(g.dimension IN ('service', 'channel'), g.told, p.cell) AS cell,
           any(multiIf(g.told = '', '$unsaid', p.name != '', p.name,
                       g.dimension = 'service' AND s.services[g.told] != '', s.services[g.told], g.told)) AS name,
           any(if(p.name = '', 255, p.place)) AS place, g.period AS period, g.`from` AS `from`, g.`to` AS `to`,
           f.`index` AS `index`, sumIf(g.count, arrayExists(k -> k > 0, $asked)) AS answered,
           sumForEach(arrayMap(k -> if(k > 0, g.count, 0), $asked)) AS counts, sumForEach($worth) AS points
    FROM (
        SELECT m.unit AS unit, d.1 AS dimension, d.2 AS told, a.questionnaire AS questionnaire, a.answers AS answers,
               p.code AS period, toDateTime64(p.`from`, 3, 'UTC') - toIntervalHour(m.zone_hours) AS `from`,
               toDateTime64(p.`to`, 3, 'UTC') - toIntervalHour(m.zone_hours) AS `to`, count() AS count
        FROM (
            SELECT * FROM ikm.responses WHERE log = (SELECT max(log) FROM ikm.progress)
            ORDER BY unit, source, id, version DESC LIMIT 1 BY unit, source, id
        ) AS a
        INNER JOIN (SELECT * FROM ikm.tree WHERE scope = 'pooled') AS m ON m.member = a.unit
        INNER JOIN ikm.ref_period AS p
            ON p.kind = m.kind AND p.month = toYYYYMM(a.submitted_at + toIntervalHour(m.zone_hours))
        ARRAY JOIN arrayConcat([('service', toString(a.service)), ('channel', toString(a.channel))],
            arrayMap(q -> (q, toString(a.respondent[q])), [$questions])) AS d
        WHERE NOT a.withdrawn AND a.submitted_at >= m.since AND a.submitted_at < m.until
        GROUP BY unit, dimension, told, questionnaire, answers, period, `from`, `to`
    ) AS g
    INNER JOIN ikm.ref_form AS f ON f.questionnaire = g.questionnaire
    LEFT JOIN ikm.ref_profile AS p ON p.question = g.dimension AND p.said = g.told
    LEFT JOIN ikm.standing AS s ON s.unit = g.unit
    GROUP BY unit, dimension, cell, period, `from`, `to`, `index` HAVING answered > 0
) AS c
INNER JOIN ikm.ref_index AS r ON r.`index` = c.`index` WHERE r.is_main;
