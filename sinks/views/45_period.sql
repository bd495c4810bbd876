-- Every frozen number; of several records of one number the first on the log counts. A row with status berjalan has what
-- a period that nobody closed yet comes to now.
CREATE OR REPLACE VIEW ikm.i_closing AS
SELECT unit, scope, `index`, period, number, `from`, `to`, closed_at, closed_by, population, watermark, said
FROM ikm.periods
WHERE log = (SELECT max(log) FROM ikm.progress)
ORDER BY unit, `index`, period, scope, number, offset LIMIT 1 BY unit, `index`, period, scope, number;

CREATE OR REPLACE VIEW ikm.v_period_frozen AS
WITH ifNull(c.population, 0) AS people
SELECT c.unit AS unit, s.name AS name, s.type AS type, s.parent AS parent, c.`index` AS `index`, c.scope AS scope,
       c.period AS period, toNullable(c.number) AS number, 'beku' AS status, c.number = c.latest AS is_latest,
       (s.kind, toString(c.period)) IN (SELECT kind, code FROM ikm.ref_period) AS is_calendar, c.`from` AS `from`,
       c.`to` AS `to`, c.n AS n, c.said.value AS value, c.said.mutu AS mutu, c.said.kinerja AS kinerja, $tier AS tier,
       c.said.lo AS lo, c.said.hi AS hi, toUInt8(c.said.complete) AS complete, c.watermark AS watermark,
       c.population AS population, nullIf($needed, 0) AS sample_needed,
       arrayFirst(a -> a.period = c.period AND a.`index` = c.`index`, s.targets) AS target,
       target.n AS target_n, target.value AS target_value,
       toNullable(c.closed_at) AS closed_at, toNullable(toString(c.closed_by)) AS closed_by
FROM (
    SELECT *, said.n AS n, max(number) OVER (PARTITION BY unit, scope, `index`, period) AS latest FROM ikm.i_closing
) AS c
LEFT JOIN ikm.standing AS s ON s.unit = c.unit;

CREATE OR REPLACE VIEW ikm.v_period_open AS
WITH $figure,$people
SELECT $open_head,$numbers,$open_tail
FROM ikm.i_exact_period AS c
$of_no_closing AND c.is_main;

CREATE OR REPLACE VIEW ikm.v_period_open_mean AS
WITH ifNull(c.population, 0) AS people
SELECT $open_head,
       c.n AS n, c.value AS value, c.mutu AS mutu, c.kinerja AS kinerja, c.tier AS tier, c.lo AS lo, c.hi AS hi,
       c.complete AS complete, c.watermark AS watermark, c.population AS population,$open_tail
FROM ikm.v_unit_mean_period AS c
$of_no_closing;

CREATE OR REPLACE VIEW ikm.v_period AS
SELECT * EXCEPT target FROM ikm.v_period_frozen
UNION ALL SELECT * EXCEPT target FROM ikm.v_period_open
UNION ALL SELECT * EXCEPT target FROM ikm.v_period_open_mean;

-- The running period against the last one of the calendar that was closed, as `ikm.attention.change` compares them. NULL
-- unless both have $provisional_below responses.
CREATE OR REPLACE VIEW ikm.i_base AS
SELECT f.unit AS unit, f.`index` AS `index`, f.scope AS scope, f.period AS period, f.said.n AS n,
       f.said.value AS value, f.said.mutu AS mutu, f.said.lo AS lo, f.said.hi AS hi
FROM ikm.i_closing AS f INNER JOIN ikm.standing AS s ON s.unit = f.unit
WHERE (s.kind, toString(f.period)) IN (SELECT kind, code FROM ikm.ref_period)
ORDER BY f.unit, f.`index`, f.scope, f.`from` DESC, f.number DESC LIMIT 1 BY f.unit, f.`index`, f.scope;

CREATE OR REPLACE VIEW ikm.v_mover AS
$mover;

CREATE OR REPLACE VIEW ikm.v_mover_self AS
$mover_self;
