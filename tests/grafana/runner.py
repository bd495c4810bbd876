"""Runs the queries of boards as Grafana would have them run, and says what the plugin would make of the answer."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from runtime.clickhouse import Lane, Store
from tests.grafana import files
from tests.grafana.browser import ALL, Value, Variable
from tests.grafana.expander import expand, expand_on_server
from tests.grafana.span import Span

_KINDS: Final = (
    ("time", re.compile(r"(?:Nullable\()?Date(?:Time)?(?:32|64)?(?:\(.*)?")),
    ("number", re.compile(r"(?:Nullable\()?(?:U?Int\d+|Float\d+|Decimal(?:\d+)?\(.*)\)?")),
    ("string", re.compile(r"(?:LowCardinality\()?(?:Nullable\()?String\)?\)?|(?:Nullable\()?Enum\d+\(.*")),
    ("boolean", re.compile(r"(?:Nullable\()?Bool\)?")),
)
"""ClickHouse's types that the plugin turns into fields of a kind; it turns arrays, maps and tuples into JSON."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave.

    Attributes:
        sql: as the engine got it.
        columns: names.
        types: ClickHouse's, one a column.
        rows: values in the order of the columns.
    """

    sql: str
    columns: Sequence[str]
    types: Sequence[str]
    rows: Sequence[Sequence[Any]]

    @property
    def kinds(self) -> Mapping[str, str]:
        """By column what the plugin makes of it: time, number, string, boolean or json."""
        return {name: kind_of(type_) for name, type_ in zip(self.columns, self.types, strict=True)}

    def column(self, name: str) -> list[Any]:
        """Its values."""
        at = list(self.columns).index(name)
        return [row[at] for row in self.rows]

    @property
    def records(self) -> list[dict[str, Any]]:
        """The rows by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def kind_of(type_: str) -> str:
    """The kind of field that a ClickHouse type becomes."""
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(type_)), "json")


async def ask(store: Store, sql: str) -> Answer:
    """Run a query that nothing is to be put into any more."""

    def call(client: Any) -> Answer:
        found = client.query(sql)
        if found.result_rows:
            return Answer(sql, found.column_names, [one.name for one in found.column_types], found.result_rows)
        columns = client.query(f"DESCRIBE TABLE ({sql})").result_rows  # of an empty answer the client says nothing
        return Answer(sql, [column[0] for column in columns], [column[1] for column in columns], [])

    return await store.run(call, Lane.READ)


def of_panel(query: files.Query, span: Span) -> Span:
    """The range of a panel that has its own: the last so many hours, whatever the board shows."""
    own = query.panel.get("timeFrom")
    if not own:
        return span
    length = int(own[:-1]) * {"m": 60_000, "h": 3_600_000, "d": 86_400_000}[own[-1]]
    return replace(span, from_ms=span.to_ms - length)


async def run(store: Store, query: files.Query, span: Span, chosen: Sequence[Variable], *, public: bool) -> Answer:
    """Run a query of a board; of one that is shared with the outside without a browser."""
    span = of_panel(query, span)
    return await ask(store, expand_on_server(query.sql, span) if public else expand(query.sql, span, chosen))


async def options(store: Store, board: files.Board, name: str, span: Span) -> tuple[list[str], list[str]]:
    """A variable's values and texts: of a query's one or two columns the first is the value."""
    variable = files.variables(board)[name]
    if variable["type"] == "custom":
        said = [option for option in variable["options"] if option["value"] != ALL]
        return [option["value"] for option in said], [option["text"] for option in said]
    query = next(query for query in files.queries(board) if query.where == f"variable {name}")
    answer = await run(store, query, span, (), public=False)
    texts = answer.column(answer.columns[min(1, len(answer.columns) - 1)])
    return answer.column(answer.columns[0]), texts


def selections(
    board: files.Board, values: Mapping[str, Sequence[str]], several: Mapping[str, Sequence[str]]
) -> Iterator[tuple[Variable, ...]]:
    """First every variable at its default, then one after the other at All, at others and at several at once.

    Args:
        board: whose variables.
        values: all values of each.
        several: of a variable those that are to be tried one by one; by default the second.
    """
    tried = {
        name: list(_tried(variable, tuple(values[name]), several.get(name, tuple(values[name])[1:2])))
        for name, variable in files.variables(board).items()
    }
    default = {name: found[0] for name, found in tried.items()}
    yield tuple(default.values())
    for name, found in tried.items():
        for other in found[1:]:
            yield tuple({**default, name: other}.values())


def _tried(variable: Mapping[str, Any], values: tuple[str, ...], others: Sequence[str]) -> Iterator[Variable]:
    known = tuple(one for one in others if one in values)
    chosen: list[Value] = [ALL] if variable.get("includeAll") else [values[0]]
    chosen += [one for one in known if one != values[0]]
    if variable.get("multi"):
        chosen = [(one,) if isinstance(one, str) else one for one in chosen]
        chosen.append(known)
    for value in chosen:
        yield Variable(variable["name"], value, values, variable.get("allValue") or "")


def used(query: files.Query, chosen: Sequence[Variable]) -> tuple[Variable, ...]:
    """Those that a query depends on: the others need not be varied."""
    return tuple(one for one in chosen if re.search(rf"\$\{{?{one.name}\b", query.sql))
