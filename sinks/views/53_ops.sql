-- What every process measured of itself, every 10 s for 30 days. metric is name with its labels as Prometheus writes them.
-- A histogram is told by _count, _sum, and by _p50 and _p99 of what was observed since the process said it before.
CREATE OR REPLACE VIEW ikm.v_ops AS
SELECT at, role, instance, metric, name, labels, value, increase
FROM ikm.ops FINAL;
