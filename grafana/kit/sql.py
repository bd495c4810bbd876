"""Pieces of SQL that boards share. They choose rows and columns of the views; no figure is computed here."""

from collections.abc import Iterable, Mapping
from typing import Final

from grafana.kit.theme import NO_LETTER

UNIT: Final = "${unit:singlequote}"
"""The chosen unit."""
HOUR: Final = "'hour'"
MONTH: Final = "'month'"
END: Final = "least($__toTime, now())"
"""The end of the time range, or the present where the range goes on into the future."""
GRAIN: Final = """multiIf(
    $__toTime - $__fromTime <= 3 * 86400, 'hour', $__toTime - $__fromTime <= 120 * 86400, 'day', 'month')"""
"""Steps that suit the length of the time range."""
LETTER: Final = f"if(n > 0, ifNull(mutu, '{NO_LETTER}'), NULL) AS mutu"
"""The letter; words in its place where there are answers but the index has no letters; null without answers."""
BELOW: Final = f"""(
    SELECT member FROM ikm.v_tree
    WHERE unit = {UNIT} AND is_current AND member IN (SELECT unit FROM ikm.v_unit WHERE is_open)
)"""
"""The chosen unit and all that stand below it now and are open."""


def period(index: str = "= 'ikm'", scope: str = "pooled", unit: str = f"= {UNIT}") -> str:
    """The condition that gives, of each unit and index, the calendar period that holds the end of the time range.

    Args:
        index: SQL that goes on after the column `index`: one, or `IN` several.
        scope: `self`, `pooled` or `mean`.
        unit: SQL that goes on after the column `unit`: one, or `IN` several.
    """
    return f"""
        WHERE unit {unit} AND `index` {index} AND scope = '{scope}' AND grain = 'period' AND is_calendar
          AND `from` <= {END} AND `to` > {END}"""


def step(grain: str, index: str = "= 'ikm'", scope: str = "pooled") -> str:
    """The condition and order that give the steps of the chosen unit within the time range.

    Args:
        grain: SQL text that names it.
        index: SQL that goes on after the column `index`.
        scope: `self`, `pooled` or `mean`.
    """
    return f"""
        WHERE unit = {UNIT} AND `index` {index} AND scope = '{scope}' AND grain = {grain}
          AND `from` >= $__fromTime AND `from` < $__toTime
        ORDER BY time"""


def of_period(view: str, index: str = "= 'ikm'") -> str:
    """The rows of another view for that same period of the chosen unit.

    Args:
        view: One with a column `period`.
        index: SQL that goes on after the column `index`.
    """
    chosen = f"(SELECT period FROM ikm.v_unit_index {period(index)})"
    return f"ikm.{view} WHERE unit = {UNIT} AND `index` {index} AND period = {chosen}"


def among(texts: Iterable[str]) -> str:
    """SQL that goes on after a column: one of these."""
    return f"IN ({', '.join(map(quoted, texts))})"


def named(column: str, names: Mapping[str, str]) -> str:
    """What a column's codes are called; a code without a name stays as it is."""
    codes, words = (f"[{', '.join(map(quoted, texts))}]" for texts in (names.keys(), names.values()))
    return f"transform(toString({column}), {codes}, {words}, toString({column}))"


def quoted(text: str) -> str:
    """A text as a literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
