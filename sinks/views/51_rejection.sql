-- Every refused record of the present log: where it lay, when it was first refused, whose it was ('' = not to be told),
-- the published code, and the path of the value (`*` for what is no name of ours).
CREATE OR REPLACE VIEW ikm.v_rejection AS
SELECT at, topic, partition, offset, unit, code, field
FROM ikm.rejections FINAL
WHERE log = (SELECT max(log) FROM ikm.progress);
