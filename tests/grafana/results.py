"""What the queries of a board find, as files: for `scripts/grafana`, which looks at boards in Node and in a browser."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from runtime.clickhouse import Store
from tests.grafana import files
from tests.grafana.browser import ALL, Variable
from tests.grafana.runner import options, run
from tests.grafana.span import Span

_FORMATS: Final = ("timeseries", "table")
"""The plugin's numbers for them are their places."""
_SINCE: Final = re.compile(r"(?:now-)?(\d+)([mhdwMy])")
_MS: Final = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "M": 2_592_000_000, "y": 31_536_000_000}


def shown(board: files.Board, now_ms: int) -> Span:
    """The stretch that a board shows when it is opened."""
    if board["time"]["to"] != "now":
        raise ValueError(f"{board['uid']} opens with {board['time']}, which does not end now")
    return _until(now_ms, board["time"]["from"], board["timezone"])


def _of_panel(panel: Mapping[str, Any], span: Span) -> Span:
    """The stretch that a panel shows: its own, if it has one (`timeFrom`), up to the end of the board's."""
    return _until(span.to_ms, panel["timeFrom"], span.zone) if panel.get("timeFrom") else span


def _until(end_ms: int, since: str, zone: str) -> Span:
    said = _SINCE.fullmatch(since)
    if said is None:
        raise ValueError(f"a board or panel begins at {since}: write it like now-1y or 24h")
    length = int(said[1]) * _MS[said[2]]
    return Span(end_ms - length, end_ms, interval_ms=max(1_000, length // 1_000), zone=zone)


async def choice(
    store: Store, board: files.Board, span: Span, other: Mapping[str, str] | None = None
) -> list[Variable]:
    """Every variable as it is when the board is opened, or as `other` says."""
    found = []
    for name, variable in files.variables(board).items():
        values, texts = await options(store, board, name, span)
        value = (other or {}).get(name, ALL if variable.get("includeAll") else values[0])
        text = dict(zip(values, texts, strict=True)).get(value, "Semua")
        given = (value,) if variable.get("multi") else value
        found.append(Variable(name, given, tuple(values), variable.get("allValue") or "", text))
    return found


async def results(
    store: Store, file: str, board: files.Board, span: Span, chosen: Iterable[Variable]
) -> dict[str, Any]:
    """Of all panels: {from, to (epoch ms), variables: {name: {text, value}}, panels: {id: [{refId, format, …}]}}.

    A query has the start of its own time range (`from`), columns [{name, type}] and rows; decimals are texts, times
    ISO 8601.
    """
    said = list(chosen)
    panels: dict[str, list[dict[str, Any]]] = {}
    for query in files.queries(board):
        if not query.panel:
            continue
        own = _of_panel(query.panel, span)
        answer = await run(store, query, own, said, public=file == files.PUBLIC)
        columns = [{"name": name, "type": type_} for name, type_ in zip(answer.columns, answer.types, strict=True)]
        rows = [[_plain(value) for value in row] for row in answer.rows]
        found = {
            "refId": query.where.split()[-1],
            "format": _FORMATS[query.format],
            "from": own.from_ms,
            "columns": columns,
            "rows": rows,
        }
        panels.setdefault(str(query.panel["id"]), []).append(found)
    variables = {one.name: {"text": one.text, "value": list(one.options) if one.is_all else one.value} for one in said}
    return {"from": span.from_ms, "to": span.to_ms, "variables": variables, "panels": panels}


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value:f}"
        case datetime():
            utc = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
            return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case date():
            return f"{value.isoformat()}T00:00:00.000Z"
        case _:
            return value
