"""Pieces of SQL that boards share. They choose rows and columns of the views; no figure is computed here."""

from collections.abc import Iterable, Mapping
from typing import Final

from grafana.kit.theme import NO_KIND, NO_LETTER

UNIT: Final = "${unit:singlequote}"
"""The chosen unit."""
END: Final = "least($__toTime, now())"
"""The end of the time range, or the present where the range goes on into the future."""
HOLDS_END: Final = f"is_calendar AND `from` <= {END} AND `to` > {END}"
BEHIND: Final = "SELECT maxOrNull(seconds) AS behind FROM ikm.v_freshness"
"""How old the oldest answer is that no figure holds yet, in seconds; one row."""
LETTER: Final = f"if(n > 0, ifNull(mutu, '{NO_LETTER}'), NULL) AS mutu"
"""The letter; words in its place where there are answers but the index has no letters; null without answers."""
KIND: Final = f"if(type = '', '{NO_KIND}', toString(type))"
"""The kind of unit, in words also where the register says none: Grafana can't choose an empty value."""
MEMBERS: Final = f"(SELECT member FROM ikm.v_tree WHERE unit = {UNIT} AND is_current)"
"""The chosen unit and all that stand below it now."""
BELOW: Final = f"""(
    SELECT member FROM ikm.v_tree
    WHERE unit = {UNIT} AND is_current AND member IN (SELECT unit FROM ikm.v_unit WHERE is_open)
)"""
"""Those of them that are open."""


def period(index: str = "= 'ikm'", scope: str = "pooled") -> str:
    """The rows of the calendar period of the chosen unit that holds the end of the time range.

    Args:
        index: SQL that goes on after the column `index`: one, or `IN` several.
        scope: `pooled` or `mean`.
    """
    view = "v_unit_mean_period" if scope == "mean" else "v_unit_index_period"
    return f"""ikm.{view}
        WHERE unit = {UNIT} AND `index` {index} AND scope = '{scope}' AND {HOLDS_END}"""


def each(index: str = "= 'ikm'") -> str:
    """Those of the own answers of each open unit, the chosen one and those below it, in its own calendar.

    Args:
        index: SQL that goes on after the column `index`: one, or `IN` several.
    """
    return f"""ikm.v_unit_self_period
        WHERE unit IN {MEMBERS} AND is_open AND `index` {index} AND {HOLDS_END}"""


RANGE: Final = "from = toUnixTimestamp($__fromTime), to = toUnixTimestamp($__toTime)"
"""The time range, as views with parameters take it."""


def months(index: str = "= 'ikm'") -> str:
    """The months of the chosen unit and those below it that begin within the time range, in their order.

    Args:
        index: SQL that goes on after the column `index`.
    """
    return f"""ikm.v_unit_index_month
        WHERE unit = {UNIT} AND `index` {index} AND scope = 'pooled' AND {_BEGINS_WITHIN}"""


def short_steps(grain: str) -> str:
    """The same of hours or days (`hour`, `day`), of which only those of the time range are read."""
    return f"ikm.p_unit_index_{grain}(unit = {UNIT}, index = 'ikm', {RANGE}) ORDER BY time"


_BEGINS_WITHIN: Final = "`from` >= $__fromTime AND `from` < $__toTime ORDER BY time"


def of_period(view: str, index: str = "= 'ikm'") -> str:
    """The rows of a view that has parts of a figure, for that same period, of the chosen unit and those below it.

    Args:
        view: As it is called without its grain.
        index: SQL that goes on after the column `index`.
    """
    return f"""ikm.{view}_period
        WHERE unit = {UNIT} AND `index` {index} AND scope = 'pooled' AND {HOLDS_END}"""


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
