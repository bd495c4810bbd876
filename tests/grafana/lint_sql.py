"""What a query may ask, and how: of the views only, finished figures, in nobody's clock but the organisation's."""

import re
from collections.abc import Iterator
from typing import Final

from tests.grafana import browser, macros
from tests.grafana.files import OPERATION, PUBLIC, Boards, Query, queries, variables

PLUGIN: Final = "grafana-clickhouse-datasource"
VERSION: Final = "4.20.0"
INTERNAL: Final = "ikm-clickhouse"
OUTSIDE: Final = "ikm-public"
SMALL: Final = re.compile(r"v_unit|v_tree|ref_\w+")
"""Variables are read whenever a board is opened."""
_READ: Final = re.compile(r"\b(?:FROM|JOIN)\s+(?!\()(?:(\w+)\.)?(\w+)", re.IGNORECASE)
_NAMED_HERE: Final = re.compile(r"\b(\w+)\s+AS\s+\(", re.IGNORECASE)
_COMPUTED: Final = re.compile(
    r"\b(avg\w*|round\w*|floor|ceil\w*|trunc\w*|median\w*|quantile\w*|stddev\w*|var(?:Pop|Samp)\w*|toFloat\w+|"
    r"divideDecimal|sqrt)\s*\(",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(r"\b(toStartOf\w+|toDate(?:32)?|toMonday|toYYYYMM\w*|date_trunc|dateTrunc|toTimeZone)\s*\(")
_STAR: Final = re.compile(r"\s*SELECT\s+(?:DISTINCT\s+)?(?:\w+\.)?\*", re.IGNORECASE)
"""At the beginning: what a query gives is named, what lies between it and a view may be all."""
_MACRO: Final = re.compile(r"\$__(\w+)", re.ASCII)
_DATES: Final = frozenset({"dateFilter", "dateTimeFilter", "dt"})
_BUCKETS: Final = frozenset({"timeInterval", "timeInterval_ms", "timeGroup", "interval", "interval_s", "interval_ms"})
_CONDITION: Final = re.compile(r"\$__conditionalAll\((?P<inside>.*?),\s*(?P<named>[^,()]*)\)", re.DOTALL)
_QUOTING: Final = frozenset({"singlequote", "sqlstring"})


def source(file: str, boards: Boards) -> Iterator[str]:
    """The data source is named by its uid, and the public one stays apart."""
    wanted = OUTSIDE if file == PUBLIC else INTERNAL
    for query in queries(boards[file]):
        of_panel = (query.panel.get("datasource") or {}).get("uid", wanted)
        if (query.source, of_panel) != (wanted, wanted):
            yield f"{query.where} reads {query.source!r} (its panel {of_panel!r}), must read {wanted!r}"
    for panel in boards[file]["panels"]:
        for target in panel.get("targets", ()):
            said = target.get("datasource", {}).get("type"), target.get("pluginVersion"), target.get("editorType")
            if said != (PLUGIN, VERSION, "sql"):
                yield f"panel {panel.get('title')!r}: a query of {said}, must be {(PLUGIN, VERSION, 'sql')}"


def views_only(file: str, boards: Boards) -> Iterator[str]:
    """Tables may change from one release to the next, the views are the contract."""
    for query in queries(boards[file]):
        tables = _tables(query)
        if not tables:
            yield f"{query.where} reads nothing"
        for table in tables:
            known = table.startswith("v_public_") if file == PUBLIC else re.match(r"(v|p|ref)_", table)
            if not known:
                yield f"{query.where} reads {table}, which is no {'public ' * (file == PUBLIC)}view"
        if query.where.startswith("variable") and not all(SMALL.fullmatch(table) for table in tables):
            yield f"{query.where} reads {', '.join(tables)}: variables are read from small tables"


def _tables(query: Query) -> list[str]:
    here = set(_NAMED_HERE.findall(query.sql))
    return [name for database, name in _READ.findall(query.sql) if database or name not in here]


def columns_by_name(file: str, boards: Boards) -> Iterator[str]:
    """A view may get more columns."""
    yield from (f"{query.where} selects *" for query in queries(boards[file]) if _STAR.match(query.sql))


def no_figure_of_its_own(file: str, boards: Boards) -> Iterator[str]:
    """Figures come finished from the views: a float before rounding is the wrong letter."""
    for query in queries(boards[file]) if file not in OPERATION else ():
        yield from (f"{query.where} computes: {name}(…)" for name in _COMPUTED.findall(query.sql))


def one_clock(file: str, boards: Boards) -> Iterator[str]:
    """Days are the organisation's: not UTC's, as `$__timeInterval` has them, nor the server's, as `$__dateFilter`."""
    for query in queries(boards[file]):
        used = set(_MACRO.findall(query.sql))
        wrong = _DATES if file in OPERATION else _DATES | _BUCKETS
        yield from (f"{query.where} uses $__{name}" for name in sorted(used & wrong))
        if file not in OPERATION:
            yield from (f"{query.where} cuts time itself: {name}(…)" for name in _CLOCK.findall(query.sql))


def known_macros(file: str, boards: Boards) -> Iterator[str]:
    """What nobody puts anything in for is an error of ClickHouse; outside a browser its macros are that too."""
    for query in queries(boards[file]):
        used = set(_MACRO.findall(query.sql))
        for name in sorted(used - macros.MACROS.keys()):
            if file == PUBLIC:
                yield f"{query.where} uses $__{name}, which only a browser or nobody knows"
            elif name not in browser.MACROS | browser.GLOBALS:
                yield f"{query.where} uses $__{name}, which nobody knows"


def conditions(file: str, boards: Boards) -> Iterator[str]:
    """`$__conditionalAll` knows the bare name of a variable with All, and nothing else; silently."""
    known = variables(boards[file])
    for query in queries(boards[file]):
        for found in _CONDITION.finditer(query.sql):
            name = re.fullmatch(r"\$(\w+)|\$\{(\w+)\}", found["named"].strip())
            variable = known.get(name[1] or name[2]) if name else None
            if variable is None or not variable.get("includeAll"):
                yield f"{query.where}: {found[0]} names no variable that has All"


def variables_quoted(file: str, boards: Boards) -> Iterator[str]:
    """A value is written with its quotes escaped; bare only where the board lists all values itself."""
    known = variables(boards[file])
    for query in queries(boards[file]):
        outside = _CONDITION.sub(lambda found: found["inside"], query.sql)
        for bare, braced, form in re.findall(r"\$(\w+)|\$\{(\w+)(?::([^}]+))?\}", outside, re.ASCII):
            name = bare or braced
            if name.startswith("__"):
                continue
            if name not in known:
                yield f"{query.where} uses ${name}, which the board does not have"
            elif form not in _QUOTING and known[name]["type"] != "custom":
                yield f"{query.where} uses ${name} without :singlequote"
        if re.search(r"'\$\{?\w+", outside):
            yield f"{query.where} writes quotes around a variable"


def plain_text(file: str, boards: Boards) -> Iterator[str]:
    """The plugin blanks comments and strips a semicolon, each in its own way."""
    for query in queries(boards[file]):
        if ";" in query.sql or "--" in query.sql or "/*" in query.sql or not query.sql.strip():
            yield f"{query.where} is empty, or has a comment or a semicolon"


RULES: Final = (
    source,
    views_only,
    columns_by_name,
    no_figure_of_its_own,
    one_clock,
    known_macros,
    conditions,
    variables_quoted,
    plain_text,
)
