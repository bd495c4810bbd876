"""What an alert rule must be: evaluated without a browser, told in words, and leading to a board."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tests.grafana import lint_sql, macros
from tests.grafana.expander import expand_on_server
from tests.grafana.files import Boards, panels
from tests.grafana.span import Span

_EXPRESSION: Final = "__expr__"
_TABLE: Final = 1
_MOST_UID: Final = 40
_SPAN: Final = Span(0, 3_600_000)
_READ: Final = re.compile(r"\b(?:FROM|JOIN)\s+(?!\()(?:(\w+)\.)?(\w+)", re.IGNORECASE)
_SINGLE: Final = re.compile(r"(?<!\$)\$(?!\$)")


def alert_identity(rule: Mapping[str, Any], boards: Boards) -> Iterator[str]:
    """Grafana keeps its state by uid."""
    uid = rule.get("uid") or ""
    if not re.fullmatch(rf"[a-zA-Z0-9_-]{{1,{_MOST_UID}}}", uid):
        yield f"uid is {uid!r}: letters, digits, - and _, at most {_MOST_UID}"
    yield from (
        f"has no {name}" for name in ("title", "condition", "noDataState", "execErrState") if not rule.get(name)
    )
    if rule.get("for") is None:
        yield "does not say for how long"


def alert_condition(rule: Mapping[str, Any], boards: Boards) -> Iterator[str]:
    """It names a query or an expression of the rule."""
    refs = [data.get("refId") for data in rule.get("data", ())]
    if rule.get("condition") not in refs:
        yield f"condition {rule.get('condition')} is none of {refs}"
    if len(set(refs)) != len(refs):
        yield f"refIds {refs} are not unique"


def alert_queries(rule: Mapping[str, Any], boards: Boards) -> Iterator[str]:
    """No browser expands them, and they read finished views; rows come as a table."""
    for data in _asking(rule):
        model = data.get("model", {})
        sql, ref = model.get("rawSql", ""), data.get("refId")
        if data.get("datasourceUid") != lint_sql.INTERNAL:
            yield f"{ref} reads {data.get('datasourceUid')!r}, must read {lint_sql.INTERNAL!r}"
        if model.get("format") != _TABLE or model.get("editorType") != "sql":
            yield f"{ref}: format {model.get('format')}, editorType {model.get('editorType')!r}: must be a table in sql"
        try:
            expand_on_server(sql, _SPAN)
        except ValueError as error:
            yield f"{ref}: {error}"
        wrong = {"dateFilter", "dateTimeFilter", "dt"} & set(re.findall(r"\$__(\w+)", sql))
        yield from (f"{ref} uses $__{name}: it is the server's clock" for name in sorted(wrong))
        for database, table in _READ.findall(sql):
            if not re.match(r"(v|p|ref)_", table) and database:
                yield f"{ref} reads {table}, which is no view"
        said = data.get("relativeTimeRange", {})
        if macros.MACROS.keys() & set(re.findall(r"\$__(\w+)", sql)) and not said.get("from"):
            yield f"{ref} has no time range for its macros"


def alert_texts(rule: Mapping[str, Any], boards: Boards) -> Iterator[str]:
    """Provisioning reads `$` in a label as a variable of the environment, and in an annotation `${`."""
    for name, text in (rule.get("labels") or {}).items():
        if _SINGLE.search(str(text)):
            yield f"label {name} is {text!r}: write $$ for a $"
    annotations = rule.get("annotations") or {}
    yield from (f"annotation {name} is missing" for name in ("summary", "description") if not annotations.get(name))
    for name, text in annotations.items():
        if re.search(r"(?<!\$)\$\{", str(text)):
            yield f"annotation {name} has ${{…}}, which is read as a variable of the environment"
    if "severity" not in (rule.get("labels") or {}):
        yield "label severity is missing: policies go by it"


def alert_board(rule: Mapping[str, Any], boards: Boards) -> Iterator[str]:
    """It leads to the panel that shows why."""
    annotations = rule.get("annotations") or {}
    uid = rule.get("dashboardUid") or annotations.get("__dashboardUid__")
    panel = rule.get("panelId") or annotations.get("__panelId__")
    known = {board.get("uid"): board for board in boards.values()}
    if uid not in known:
        yield f"leads to board {uid!r}, which is none of ours"
    elif panel is not None and int(panel) not in [one.get("id") for one in panels(known[uid])]:
        yield f"leads to panel {panel} of {uid}, which has none of that id"


def _asking(rule: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The queries, without the expressions over them."""
    return [data for data in rule.get("data", ()) if data.get("datasourceUid") not in {_EXPRESSION, "-100"}]


RULES: Final = (alert_identity, alert_condition, alert_queries, alert_texts, alert_board)
