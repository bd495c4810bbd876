"""What becomes of a board's query before ClickHouse gets it, as Grafana 13 and the data source (4.20.0) have it.

Two hands write on it, one after the other. The browser puts in what somebody has chosen on the board: variables, and
the data source's `$__conditionalAll` and `$__adHocFilters`. Then the server puts in the time range: the other macros.
An alert rule, and a board that is shared with the outside, never passes through a browser.
"""

import re
from collections.abc import Iterable

from tests.grafana import browser, macros
from tests.grafana.span import Span

_LEFT = re.compile(r"\$(?:__\w+|\w+|\{[^}]*\}?)|\[\[\w+", re.ASCII)


def expand(sql: str, span: Span, variables: Iterable[browser.Variable] = ()) -> str:
    """A panel's, variable's or annotation's query on a board that somebody looks at."""
    return expand_on_server(browser.interpolate(sql, span, variables), span)


def expand_on_server(sql: str, span: Span) -> str:
    """An alert rule's query, or one of a board that is shared with the outside.

    Raises:
        ValueError: something is left that only a browser, or nobody, would have put in; ClickHouse would refuse it.
    """
    made = macros.expand(sql, span)
    left = sorted(set(_LEFT.findall(made)))
    if left:
        raise ValueError(f"nobody puts anything in for {', '.join(left)} in: {sql}")
    return made
