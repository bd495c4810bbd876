"""What the server puts into a query: the macros of the ClickHouse data source's backend, plugin 4.20.0.

Comments are blanked first, then macros are read from left to right, those in another's arguments before it. A name that
is no macro stays as it is. A macro is a macro inside a string too.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from tests.grafana.span import Span, short

_NAME = re.compile(r"\$__(\w+)", re.ASCII)
_QUOTED = r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`"""
_COMMENT = re.compile(rf"{_QUOTED}|--[^\n\r]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_MARK = re.compile(rf"{_QUOTED}|[(),]", re.DOTALL)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def expand(sql: str, span: Span) -> str:
    """The query as ClickHouse gets it.

    Raises:
        ValueError: a macro has the wrong number of arguments, or one that it can't read.
    """
    return _expanded(_COMMENT.sub(_blank, sql), span)


def _blank(match: re.Match[str]) -> str:
    return match[0] if match[0][0] in "'\"`" else " " * len(match[0])


def _expanded(sql: str, span: Span) -> str:
    made, at = "", 0
    while found := _NAME.search(sql, at):
        made += sql[at : found.start()]
        at = found.end()
        macro = MACROS.get(found[1])
        if macro is None:
            made += found[0]
            continue
        inside = _inside(sql, at)
        if inside is not None:
            at += len(inside) + 2
        arguments = _split(_expanded(inside or "", span))
        try:
            made += macro(span, arguments)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{found[0]}({', '.join(arguments)}): {error}") from None
    return made + sql[at:]


def _inside(sql: str, at: int) -> str | None:
    """What stands between the parentheses that open here; None where none do, or they never close."""
    if sql[at : at + 1] != "(":
        return None
    depth = 0
    for mark in _MARK.finditer(sql, at):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if depth == 0:
            return sql[at + 1 : mark.start()]
    return None


def _split(text: str) -> list[str]:
    found, depth, start = [], 0, 0
    for mark in _MARK.finditer(text):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if mark[0] == "," and depth == 0:
            found.append(text[start : mark.start()].strip())
            start = mark.end()
    return [*found, text[start:].strip()] if text.strip() else []


def _seconds(ms: int) -> str:
    return f"toDateTime({ms // 1000})"


def _ms(ms: int) -> str:
    return f"fromUnixTimestamp64Milli({ms})"


def _day(span: Span, ms: int) -> str:
    return f"toDate('{datetime.fromtimestamp(ms / 1000, UTC).astimezone(span.container):%Y-%m-%d}')"


def _between(column: str, start: str, end: str) -> str:
    return f"{column} >= {start} AND {column} <= {end}"


def _time_filter(span: Span, column: str) -> str:
    return _between(column, _seconds(span.from_ms), _seconds(span.to_ms))


def _date_filter(span: Span, column: str) -> str:
    return _between(column, _day(span, span.from_ms), _day(span, span.to_ms))


def _date_time_filter(span: Span, date_column: str, time_column: str) -> str:
    return f"({_date_filter(span, date_column)}) AND ({_time_filter(span, time_column)})"


def _interval_s(span: Span) -> int:
    return max(span.interval_ms, 1000) // 1000


def _starts(column: str, seconds: int) -> str:
    return f"toStartOfInterval(toDateTime({column}), INTERVAL {seconds} second)"


def _time_group(_: Span, column: str, period: str) -> str:
    period = period.strip("'\"")
    if not re.fullmatch(rf"(?:{_DURATION.pattern})+", period):
        raise ValueError(f"{period} is no duration such as 5m: days have no unit here")
    return _starts(column, round(sum(float(count) * _SECONDS[unit] for count, unit in _DURATION.findall(period))))


def _of_no_table(_: Span) -> str:
    raise ValueError("the query builder sets it, a query in SQL has none")


Macro = Callable[[Span, Sequence[str]], str]


def _taking(count: int, macro: Callable[..., str]) -> Macro:
    def checked(span: Span, arguments: Sequence[str]) -> str:
        if len(arguments) != count:
            raise ValueError(f"takes {count} argument{'s' * (count > 1)}, not {len(arguments)}")
        return macro(span, *arguments)

    return checked


def _plain(macro: Callable[[Span], str]) -> Macro:
    """It takes no argument and minds none."""
    return lambda span, _: macro(span)


MACROS: Mapping[str, Macro] = MappingProxyType(
    {
        "fromTime": _plain(lambda span: _seconds(span.from_ms)),
        "toTime": _plain(lambda span: _seconds(span.to_ms)),
        "fromTime_ms": _plain(lambda span: _ms(span.from_ms)),
        "toTime_ms": _plain(lambda span: _ms(span.to_ms)),
        "interval": _plain(lambda span: short(span.interval_ms)),
        "interval_ms": _plain(lambda span: str(span.interval_ms)),
        "interval_s": _plain(lambda span: str(_interval_s(span))),
        "table": _plain(_of_no_table),
        "column": _plain(_of_no_table),
        "timeFilter": _taking(1, _time_filter),
        "timeFilter_ms": _taking(1, lambda span, column: _between(column, _ms(span.from_ms), _ms(span.to_ms))),
        "timeFrom": _taking(1, lambda span, column: f"{column} >= {_seconds(span.from_ms)}"),
        "timeTo": _taking(1, lambda span, column: f"{column} <= {_seconds(span.to_ms)}"),
        "dateFilter": _taking(1, _date_filter),
        "dateTimeFilter": _taking(2, _date_time_filter),
        "dt": _taking(2, _date_time_filter),
        "timeGroup": _taking(2, _time_group),
        "timeInterval": _taking(1, lambda span, column: _starts(column, _interval_s(span))),
        "timeInterval_ms": _taking(
            1,
            lambda span, column: (
                f"toStartOfInterval(toDateTime64({column}, 3), INTERVAL {max(span.interval_ms, 1)} millisecond)"
            ),
        ),
    }
)
"""By name without `$__`."""
