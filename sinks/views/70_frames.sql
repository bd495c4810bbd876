-- Of each index: where its items' cells lie in a histogram, which has `width` cells.
CREATE OR REPLACE VIEW ikm.i_layout AS
SELECT `index`, toUInt64(sum(cells)) AS width, arraySort(groupArray((first, cells, toString(item)))) AS items,
       items.1 AS starts, items.2 AS lengths, items.3 AS codes
FROM (SELECT `index`, item, min(cell) AS first, count() AS cells FROM ikm.ref_item GROUP BY `index`, item)
GROUP BY `index`;

-- The frames of calendar spans of each unit and index, in the order in which they were taken.
CREATE OR REPLACE VIEW ikm.i_span_frame AS
SELECT unit, `index`,
       arraySort(f -> f.1, groupArray((offset, toUnixTimestamp(`from`), toUnixTimestamp(`to`), (n, histogram, parts))))
           AS taken,
       taken.4 AS frames
FROM (
    SELECT * FROM ikm.frames WHERE log = (SELECT max(log) FROM ikm.progress)
    ORDER BY unit, `index`, `from`, `to`, version DESC LIMIT 1 BY unit, `index`, `from`, `to`
)
GROUP BY unit, `index`;

-- What is shown of a rolling window: its frame, or in its place one of a span that is near it, for both may be read.
CREATE OR REPLACE VIEW ikm.i_window_frame AS
WITH (l.frame_n, l.frame_histogram, l.frame_parts) AS held,
    arrayFirst(f -> $near_held, s.frames) AS stand_in
SELECT l.unit AS unit, l.`index` AS `index`, l.window AS window, l.n AS n,
       if(held.1 = 0 OR stand_in.1 = 0, held, stand_in) AS frame
FROM (
    SELECT * FROM ikm.live WHERE epoch = (SELECT max(log) FROM ikm.progress)
    ORDER BY unit, `index`, window, version DESC LIMIT 1 BY unit, `index`, window
) AS l
INNER JOIN ikm.i_layout AS y ON y.`index` = l.`index`
LEFT JOIN ikm.i_span_frame AS s ON s.unit = l.unit AND s.`index` = l.`index`;

CREATE OR REPLACE VIEW ikm.i_window_frames AS
SELECT unit, `index`, arraySort(f -> f.1, groupArray((indexOf([$windows], toString(window)), frame))).2 AS frames
FROM ikm.i_window_frame WHERE frame.1 > 0 GROUP BY unit, `index`;

-- What a member brings to a unit's period.
CREATE OR REPLACE VIEW ikm.i_member_card AS
SELECT t.unit AS unit, t.member AS member, t.`index` AS `index`, t.period AS period, t.`from` AS `from`, t.`to` AS `to`,
       sum(t.n) AS n, sumForEach(t.histogram) AS histogram
FROM ikm.i_part_period AS t WHERE t.scope = 'pooled'
GROUP BY t.unit, t.member, t.`index`, t.period, t.`from`, t.`to`;

-- What is shown of that: of all frames already seen of the member the first that is near its card, or else the part's own.
-- (Whoever reads the period through the API takes a new one.) One that came and went and came again has none.
CREATE OR REPLACE VIEW ikm.i_period_frame AS
WITH (c.n, c.histogram) AS card, (toUInt64(0), CAST([], 'Array(UInt64)'), CAST([], 'Array(UInt64)')) AS nothing,
    toUnixTimestamp(c.`from`) AS first, toUnixTimestamp(c.`to`) AS end,
    arrayFilter(t -> t.1 < end AND t.2 > first, m.stays) AS stays,
    arrayFirst(f -> f.2 = greatest(stays[1].1, first) AND f.3 = least(stays[1].2, end), s.taken).4 AS held,
    arrayFirst(f -> $near_held, s.frames) AS own,
    arrayFirst(f -> $near_card, arrayConcat([own], s.frames, w.frames)) AS near
SELECT c.unit AS unit, c.member AS member, c.`index` AS `index`, c.period AS period, c.n AS n,
       multiIf(length(stays) != 1 OR c.n = 0, nothing, near.1 > 0, near, c.n < $hidden_below, nothing, own) AS frame
FROM ikm.i_member_card AS c
INNER JOIN ikm.i_layout AS y ON y.`index` = c.`index`
INNER JOIN (
    SELECT unit, member, groupArray((toUnixTimestamp(since), toUnixTimestamp(until))) AS stays
    FROM ikm.tree WHERE scope = 'pooled' GROUP BY unit, member
) AS m ON m.unit = c.unit AND m.member = c.member
LEFT JOIN ikm.i_span_frame AS s ON s.unit = c.member AND s.`index` = c.`index`
LEFT JOIN ikm.i_window_frames AS w ON w.unit = c.member AND w.`index` = c.`index`;
