"""How SQL compares running periods with the last closed ones: in double precision, in the order of `ikm.attention`."""

from typing import Final

from sinks.views import arithmetic

_ENDS: Final = {"difference": "step", "lo": "step - below", "hi": "step + above"}
_HUNDREDTHS: Final = {name: arithmetic.hundredths(number) for name, number in _ENDS.items()}
_NUMBERS: Final = ", ".join(
    f"if(d.is_known, {arithmetic.decimal(f'toInt64({number})')}, NULL) AS {name}"
    for name, number in _HUNDREDTHS.items()
)


def mover(figures: str, scope: str = "c.scope", more: str = "") -> str:
    """Running periods that nobody closed against the last ones of the calendar that were closed.

    Args:
        figures: a view of live figures by period.
        scope: theirs.
        more: columns of it beside those that are compared.
    """
    kept = "".join(f", c.{name} AS {name}" for name in more.split())
    return f"""
SELECT d.* EXCEPT (is_known, step, below, above), {_NUMBERS},
       if(d.is_known, {_HUNDREDTHS["lo"]} > 0 OR {_HUNDREDTHS["hi"]} < 0, NULL) AS moved,
       if(d.is_known, {_HUNDREDTHS["hi"]} < 0, NULL) AS fell
FROM (
    WITH toFloat64(c.value) AS now_at, toFloat64(c.lo) AS now_lo, toFloat64(c.hi) AS now_hi,
        toFloat64(b.value) AS then_at, toFloat64(b.lo) AS then_lo, toFloat64(b.hi) AS then_hi
    SELECT c.unit AS unit, c.name AS name, c.type AS type, c.parent AS parent, c.`index` AS `index`, c.scope AS scope,
           c.period AS period, b.period AS base, c.`from` AS `from`, c.`to` AS `to`, c.n AS n, b.n AS base_n,
           c.value AS value, b.value AS base_value, c.mutu AS mutu, b.mutu AS base_mutu{kept},
           c.n >= $provisional_below AND b.n >= $provisional_below AS is_known, now_at - then_at AS step,
           sqrt((now_at - now_lo) * (now_at - now_lo) + (then_hi - then_at) * (then_hi - then_at)) AS below,
           sqrt((now_hi - now_at) * (now_hi - now_at) + (then_at - then_lo) * (then_at - then_lo)) AS above
    FROM {figures} AS c
    INNER JOIN ikm.i_base AS b ON b.unit = c.unit AND b.`index` = c.`index` AND b.scope = {scope}
    WHERE c.is_calendar AND c.`from` <= now64(3) AND now64(3) < c.`to` AND b.period != c.period
) AS d"""  # noqa: S608 - all of it is this program's
