CREATE OR REPLACE VIEW ikm.v_tree AS
SELECT unit, member, toDateTime64(t.since, 3, 'UTC') AS since, toDateTime64(t.until, 3, 'UTC') AS until,
       t.since <= now() AND now() < t.until AS is_current
FROM ikm.tree AS t WHERE scope = 'pooled';

CREATE OR REPLACE VIEW ikm.v_unit AS
SELECT unit, name, type, parent, zone, zone_hours, kind, population, lat, lon, depth = 0 AND is_open AS is_root, is_open,
       depth, period, `from`, `to`
FROM ikm.standing;
