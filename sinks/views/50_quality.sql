-- What became of the events of the present log, by unit ('' = not to be told) and UTC hour of receipt: accepted, and of
-- these duplicate (changed no state) and late (received more than 1 h after it was submitted); rejected. A unit and hour
-- have a row for each partition in which something of them lay, usually one: add them up.
CREATE OR REPLACE VIEW ikm.v_quality AS
SELECT unit, hour, accepted, duplicate, late, rejected
FROM ikm.quality FINAL
WHERE log = (SELECT max(log) FROM ikm.progress);
