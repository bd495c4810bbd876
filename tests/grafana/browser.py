"""What the browser puts into a query: Grafana's variables, and the data source's macros that are the browser's.

The order is the data source's: first `$__conditionalAll`, then variables, then `$__adHocFilters`. The first macro's
arguments are cut at commas and parentheses, whatever quotes stand around them; it knows `$name`, `${name}`, no format.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import quote

from tests.grafana.span import Span, short

ALL = "$__all"
"""What a variable's value is while All is chosen."""
MACROS = frozenset({"conditionalAll", "adHocFilters"})
GLOBALS = frozenset({"from", "to", "interval", "interval_ms", "range", "range_s", "range_ms", "timezone"})
"""Variables that every board has, without the `__` before them; interval and interval_ms the server knows as well."""

_REFERENCE = re.compile(r"\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}", re.ASCII)
_NAMED = re.compile(r"(?<=\$\{)\w+(?=\})|(?<=\$)\w+", re.ASCII)
_CONDITIONAL = "$__conditionalAll("
_AD_HOC = re.compile(r"\$__adHocFilters\s*\(([^)]+)\)")

Value = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable and what is chosen of it.

    Attributes:
        name: as in `$name`.
        value: the value; of a variable that takes several a tuple, also when it is one. `ALL`, alone, for All.
        options: all its values, in order.
        all_value: what it stands for under All, if the board gives that itself.
        text: what people read; by default the value.
    """

    name: str
    value: Value
    options: tuple[str, ...] = ()
    all_value: str = ""
    text: str = ""

    @property
    def is_all(self) -> bool:
        """Whether All is chosen."""
        return self.value == ALL or self.value[:1] == (ALL,)


def interpolate(sql: str, span: Span, variables: Iterable[Variable] = ()) -> str:
    """The query as it leaves the browser; what is no variable stays as it is.

    No ad hoc filter is ever set: the boards have none.
    """
    known = {variable.name: variable for variable in variables}
    made = _with_variables(_conditional(sql, known), span, known)
    return _AD_HOC.sub("additional_table_filters={}", made)


def _conditional(sql: str, known: Mapping[str, Variable]) -> str:
    """Innermost and last first; a macro that has not two arguments is left there, and all before it."""
    at = sql.rfind(_CONDITIONAL)
    while at != -1:
        arguments = _arguments(sql[at + len(_CONDITIONAL) :])
        if len(arguments) != 2:
            return sql
        phrase, named = arguments[0], _NAMED.search(arguments[1].strip())
        variable = known.get(named[0]) if named else None
        if variable is not None and (variable.is_all or ",".join(_several(variable.value)) == ""):
            phrase = "1=1"
        whole = f"{_CONDITIONAL}{','.join(arguments)})"
        start = sql.index(whole)
        before, after = sql[:start], sql[start + len(whole) :]
        sql = before + _as_replacement(phrase, before, whole, after) + after
        at = sql.rfind(_CONDITIONAL)
    return sql


def _as_replacement(text: str, before: str, whole: str, after: str) -> str:
    """JavaScript's `replace` reads `$$`, `$&`, `` $` `` and `$'` in what it puts in."""
    said = {"$": "$", "&": whole, "`": before, "'": after}
    return re.sub(r"\$([$&`'])", lambda found: said[found[1]], text)


def _arguments(text: str) -> list[str]:
    """Up to the parenthesis that closes; none if it is missing."""
    found, depth, start = [], 1, 0
    for mark in re.finditer(r"[(),]", text):
        depth += {"(": 1, ")": -1, ",": 0}[mark[0]]
        if depth == 0 or (mark[0] == "," and depth == 1):
            found.append(text[start : mark.start()])
            start = mark.end()
        if depth == 0:
            return found
    return []


def _with_variables(sql: str, span: Span, known: Mapping[str, Variable]) -> str:
    def put_in(match: re.Match[str]) -> str:
        name, form = match[1] or match[2] or match[4], match[3] or match[6]
        if name not in known:
            value = _global(name, span)
            return match[0] if value is None else _formatted(Variable(name, value), value, form)
        variable = known[name]
        if not variable.is_all:
            return _formatted(variable, variable.value, form)
        if variable.all_value:
            return _with_variables(_custom_all(variable, form), span, known)
        return _formatted(variable, variable.options, form)

    return _REFERENCE.sub(put_in, sql)


def _custom_all(variable: Variable, form: str | None) -> str:
    """What stands for All is written as it is, except into an address."""
    said = {"text": "All", "percentencode": _encoded(variable.all_value), "queryparam": f"var-{variable.name}=All"}
    return said.get(form or "", variable.all_value)


def _global(name: str, span: Span) -> str | None:
    length = span.to_ms - span.from_ms
    seconds = round(length / 1000)
    return {
        "__from": str(span.from_ms),
        "__to": str(span.to_ms),
        "__interval": short(span.interval_ms),
        "__interval_ms": str(span.interval_ms),
        "__range": f"{seconds}s",
        "__range_s": str(seconds),
        "__range_ms": str(length),
        "__timezone": span.zone,
    }.get(name)


def _formatted(variable: Variable, value: Value, form: str | None) -> str:
    if form is None:
        return value if isinstance(value, str) else "'" + "','".join(value) + "'"
    name, *arguments = form.split(":")
    if name == "date":
        return _date(str(value), *arguments)
    if name == "text":
        return variable.text or " + ".join(_several(value))
    if name == "queryparam":
        return "&".join(f"var-{variable.name}={_encoded(one)}" for one in _several(value))
    return FORMATS.get(name, _glob)(value)


def _date(ms: str, form: str = "iso", *_: str) -> str:
    if form == "ms":
        return ms
    if form == "seconds":
        return str(int(int(ms) / 1000 + 0.5))
    if form == "iso":
        return datetime.fromtimestamp(int(ms) / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    raise ValueError(f"date:{form} is a format that no query here needs: use seconds, ms or iso")


def _several(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _glob(value: Value) -> str:
    return value if isinstance(value, str) else value[0] if len(value) == 1 else f"{{{','.join(value)}}}"


def _quoted(mark: str, escapes: Mapping[str, str]) -> Callable[[Value], str]:
    def one(text: str) -> str:
        return mark + "".join(escapes.get(letter, letter) for letter in text) + mark

    return lambda value: ",".join(map(one, _several(value)))


FORMATS: Mapping[str, Callable[[Value], str]] = MappingProxyType(
    {
        "raw": lambda value: ",".join(_several(value)),
        "csv": lambda value: ",".join(_several(value)),
        "pipe": lambda value: "|".join(_several(value)),
        "json": lambda value: value if isinstance(value, str) else json.dumps(value, separators=(",", ":")),
        "singlequote": _quoted("'", {"'": "\\'"}),
        "doublequote": _quoted('"', {'"': '\\"'}),
        "sqlstring": _quoted("'", {"'": "''", '"': '\\"'}),
        "percentencode": lambda value: _encoded(value if isinstance(value, str) else f"{{{','.join(value)}}}"),
        "glob": _glob,
    }
)
"""Of `${name:format}`; one that nobody knows is glob."""
