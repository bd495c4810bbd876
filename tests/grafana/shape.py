"""What each kind of panel needs of a query's answer, and what it would do with anything else."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tests.grafana.files import Query, overrides
from tests.grafana.runner import Answer

TABLE, SERIES = 1, 0
_SAID: Final = frozenset({"letter", "mutu", "state"})
"""Texts that say how it was: they tell no lines apart."""
_NEVER_NAMED: Final = frozenset({"time", "lat", "lon"})


def shape_faults(query: Query, answer: Answer) -> Iterator[str]:
    """Of any panel, then of its kind."""
    names = list(answer.columns)
    if len(set(names)) != len(names):
        yield f"columns are not unique: {names}"
    for name, kind in answer.kinds.items():
        if kind == "json":
            yield f"column {name} is of a type that becomes JSON: {dict(zip(names, answer.types, strict=True))[name]}"
    yield from _BY_KIND.get(query.panel.get("type", ""), _any)(query, answer)


def name_faults(
    query: Query, answer: Answer, *, beside: frozenset[str] = frozenset(), index_codes: frozenset[str]
) -> Iterator[str]:
    """Overrides are for columns that are there, and every column that is shown has a name that people read.

    Args:
        query: one of the panel's.
        answer: what it gave.
        beside: columns that other queries of the panel give.
        index_codes: columns that a query may give.
    """
    said = dict(overrides(query.panel))
    for name in said.keys() - set(answer.columns) - beside - index_codes:
        yield f"an override is for column {name}, which no query gives; this one gives {list(answer.columns)}"
    for name in answer.columns:
        properties = said.get(name, {})
        if name not in _NEVER_NAMED and not properties.get("displayName") and not _is_hidden(properties):
            yield f"column {name} has no name that people read"


def null_faults(query: Query, answer: Answer) -> Iterator[str]:
    """Where nobody answered there is no figure: neither 0 nor the worst letter."""
    for record in answer.records:
        if record.get("n") != 0:
            continue
        given = {
            name: record[name] for name in ("value", "lo", "hi", "mutu", "letter") if record.get(name) not in {None, ""}
        }
        if given:
            yield f"a row without answers says {given}"


def order_faults(query: Query, answer: Answer) -> Iterator[str]:
    """Times go up; within each line where a text tells lines apart."""
    times = [name for name, kind in answer.kinds.items() if kind == "time"]
    if not times or query.panel.get("type") not in {"timeseries", "state-timeline", "heatmap", "barchart"}:
        return
    lines: dict[Any, list[Any]] = {}
    texts = [name for name, kind in answer.kinds.items() if kind == "string" and name not in _SAID]
    for record in answer.records:
        lines.setdefault(tuple(record[name] for name in texts), []).append(record[times[0]])
    for line, found in lines.items():
        if found != sorted(set(found)):
            yield f"times of {line or 'the line'} do not go up, or are there twice"


def _is_hidden(properties: Mapping[str, Any]) -> bool:
    hide = properties.get("custom.hideFrom") or {}
    return bool(hide.get("viz")) or bool(properties.get("custom.hidden"))


def _any(query: Query, answer: Answer) -> Iterator[str]:
    if query.format != TABLE:
        yield f"format is {query.format}, must be a table ({TABLE})"


def _one_row(query: Query, answer: Answer) -> Iterator[str]:
    yield from _any(query, answer)
    if len(answer.rows) > 1:
        yield f"gives {len(answer.rows)} rows, and the panel shows the first"


def _series(query: Query, answer: Answer) -> Iterator[str]:
    kinds = answer.kinds
    if not answer.columns or kinds[answer.columns[0]] != "time":
        yield f"the first column is no time: {dict(kinds)}"
    if "number" not in kinds.values():
        yield f"there is nothing to draw: {dict(kinds)}"
    is_split = any(
        one["id"] in {"partitionByValues", "prepareTimeSeries"} for one in query.panel.get("transformations", ())
    )
    if "string" in kinds.values() and query.format != SERIES and not is_split:
        yield f"texts tell lines apart only in format {SERIES}, or by a transformation: {dict(kinds)}"


def _states(query: Query, answer: Answer) -> Iterator[str]:
    kinds = list(answer.kinds.values())
    if kinds[:2] != ["time", "time"] or kinds.count("time") != 2:
        yield f"the first two columns, and no other, must be times, of a state's start and end: {dict(answer.kinds)}"
    elif any(row[0] >= row[1] for row in answer.rows):
        yield "a state ends before it began"
    is_split = any(one["id"] == "partitionByValues" for one in query.panel.get("transformations", ()))
    if kinds.count("string") > 1 and not is_split:
        yield "texts that tell lines apart need a transformation: in time series they would become labels"


def _bars(query: Query, answer: Answer) -> Iterator[str]:
    yield from _any(query, answer)
    kinds = list(answer.kinds.values())
    if kinds[:1] not in (["string"], ["time"]) or "number" not in kinds:
        yield f"needs a name (or time) first, then numbers: {dict(answer.kinds)}"
    if kinds[:1] == ["string"] and len(set(answer.column(answer.columns[0]))) != len(answer.rows):
        yield "two bars have one name"


def _map(query: Query, answer: Answer) -> Iterator[str]:
    yield from _any(query, answer)
    for name in ("lat", "lon"):
        if answer.kinds.get(name) != "number":
            yield f"column {name} is no number: {dict(answer.kinds)}"
        elif None in answer.column(name):
            yield f"column {name} has nulls, which would lie at 0, 0"


_BY_KIND: Final[Mapping[str, Callable[[Query, Answer], Iterator[str]]]] = {
    "stat": _one_row,
    "gauge": _one_row,
    "bargauge": _any,
    "table": _any,
    "timeseries": _series,
    "state-timeline": _states,
    "barchart": _bars,
    "geomap": _map,
}
