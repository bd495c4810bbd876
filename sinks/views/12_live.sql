CREATE OR REPLACE VIEW ikm.i_live AS
SELECT unit, `index`, window, `from`, `to`, n, sum_x, sum_xx, histogram, parts, value, mutu, kinerja, complete, lo, hi,
       watermark
FROM ikm.live
WHERE epoch = (SELECT max(log) FROM ikm.progress)
ORDER BY unit, `index`, window, version DESC LIMIT 1 BY unit, `index`, window;

-- What each unit of today's tree brings to a rolling window. Windows of different units end within a minute of each other
-- (7d, 30d: an hour); a figure of several ends where the first of them does.
CREATE OR REPLACE VIEW ikm.i_part_live AS
SELECT m.unit AS unit, m.scope AS scope, m.member AS member, m.population AS population, t.`index` AS `index`,
       t.window AS window, t.`from` AS `from`, t.`to` AS `to`, t.n AS n, t.sum_x AS sum_x, t.sum_xx AS sum_xx,
       t.histogram AS histogram, t.parts AS parts, t.watermark AS watermark
FROM ikm.i_live AS t INNER JOIN ikm.tree AS m ON m.member = t.unit
WHERE m.scope = 'pooled' AND m.since <= now() AND now() < m.until;
