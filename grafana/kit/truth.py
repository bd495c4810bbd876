"""What the newest truth check found, as SQL that boards and alerts share."""

from typing import Final

NEWEST: Final = """\
WITH checks AS (
    SELECT instance, at, maxIf(value, name = 'ikm_verify_last_timestamp_seconds') AS verified,
           maxIf(value, name = 'ikm_verify_divergent_units') AS divergent,
           arraySort(groupUniqArrayIf(labels['unit'], name = 'ikm_verify_divergent' AND value > 0)) AS named
    FROM ikm.v_ops
    WHERE at > $__toTime - INTERVAL 1 DAY AND at <= $__toTime
      AND name IN ('ikm_verify_last_timestamp_seconds', 'ikm_verify_divergent_units', 'ikm_verify_divergent')
    GROUP BY instance, at
),
newest AS (
    SELECT max(verified) AS checked, argMax(divergent, (verified, at)) AS total, argMax(named, (verified, at)) AS units
    FROM checks
)"""
"""Begins a query with `newest`, always one row: `checked` (epoch seconds, 0 = never within a day), `total` units that
differ, and `units`, the first of them by name. The newest check counts, not the newest sample: a process that never
checked anything tells no units either."""
