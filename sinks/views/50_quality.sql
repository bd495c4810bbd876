-- What became of the events of the present log, by unit ('' = not to be told) and UTC hour of receipt: accepted, and of
-- these duplicate (changed no state) and late (received more than 1 h after it was submitted); rejected.
CREATE OR REPLACE VIEW ikm.v_quality AS
SELECT unit, hour, sum(q.accepted) AS accepted, sum(q.duplicate) AS duplicate, sum(q.late) AS late,
       sum(q.rejected) AS rejected
FROM ikm.quality AS q FINAL
WHERE log = (SELECT max(log) FROM ikm.progress)
GROUP BY unit, hour;
