"""The examples that Grafana and the data source document, and what their sources say where the documents are silent."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.grafana import browser, macros
from tests.grafana.browser import ALL, Variable
from tests.grafana.expander import expand, expand_on_server
from tests.grafana.span import Span


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000 + 0.5)


SPAN = Span(ms("2014-11-12T11:45:26.123"), ms("2015-11-12T11:45:26.456"), interval_ms=20_000)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("$__fromTime", "toDateTime(1415792726)"),
        ("$__toTime", "toDateTime(1447328726)"),
        ("$__fromTime()", "toDateTime(1415792726)"),
        ("$__fromTime_ms", "fromUnixTimestamp64Milli(1415792726123)"),
        ("$__toTime_ms", "fromUnixTimestamp64Milli(1447328726456)"),
        ("$__timeFilter(time)", "time >= toDateTime(1415792726) AND time <= toDateTime(1447328726)"),
        (
            "$__timeFilter_ms(time)",
            "time >= fromUnixTimestamp64Milli(1415792726123) AND time <= fromUnixTimestamp64Milli(1447328726456)",
        ),
        ("$__dateFilter(date)", "date >= toDate('2014-11-12') AND date <= toDate('2015-11-12')"),
        (
            "$__dateTimeFilter(date, time)",
            (
                "(date >= toDate('2014-11-12') AND date <= toDate('2015-11-12')) AND "
                "(time >= toDateTime(1415792726) AND time <= toDateTime(1447328726))"
            ),
        ),
        ("$__timeFrom(time)", "time >= toDateTime(1415792726)"),
        ("$__timeTo(time)", "time <= toDateTime(1447328726)"),
        ("$__timeGroup(column, 5m)", "toStartOfInterval(toDateTime(column), INTERVAL 300 second)"),
        ("$__timeGroup(column, '1h30m')", "toStartOfInterval(toDateTime(column), INTERVAL 5400 second)"),
        ("$__interval_s", "20"),
        ("$__interval_ms", "20000"),
        ("$__interval", "20s"),
        ("$__timeInterval(column)", "toStartOfInterval(toDateTime(column), INTERVAL 20 second)"),
        ("$__timeInterval_ms(column)", "toStartOfInterval(toDateTime64(column, 3), INTERVAL 20000 millisecond)"),
        (
            "$__timeFilter(cast(sth as timestamp) )",
            "cast(sth as timestamp) >= toDateTime(1415792726) AND cast(sth as timestamp) <= toDateTime(1447328726)",
        ),
        ("( date >= $__fromTime ) limit 100", "( date >= toDateTime(1415792726) ) limit 100"),
        (
            "$__timeInterval($__fromTime)",
            "toStartOfInterval(toDateTime(toDateTime(1415792726)), INTERVAL 20 second)",
        ),
        ("$__timeTo(coalesce(a, ')', b))", "coalesce(a, ')', b) <= toDateTime(1447328726)"),
        ("$__unknown(a, $__toTime)", "$__unknown(a, toDateTime(1447328726))"),
        ("1 -- $__timeFilter()", "1 " + " " * len("-- $__timeFilter()")),
        ("'-- x' /* $__dt */ $__interval_s", "'-- x' " + " " * len("/* $__dt */") + " 20"),
        (r"'it\'s -- ' $__interval_s", r"'it\'s -- ' 20"),
    ],
)
def test_macro_of_the_server(written: str, sent: str) -> None:
    assert macros.expand(written, SPAN) == sent


@pytest.mark.parametrize(
    "written",
    ["$__timeFilter()", "$__timeFilter(a, b)", "$__dt(a)", "$__timeGroup(a, 1d)", "$__table", "$__timeInterval"],
)
def test_macro_with_the_wrong_arguments_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=re.escape(written.partition("(")[0])):
        macros.expand(written, SPAN)


def test_interval_is_a_second_at_least() -> None:
    fine = Span(0, 1, interval_ms=100)
    assert macros.expand("$__interval_s $__timeInterval_ms(t)", fine) == (
        "1 toStartOfInterval(toDateTime64(t, 3), INTERVAL 100 millisecond)"
    )


def test_dates_are_those_of_the_machine_that_grafana_runs_on() -> None:
    evening = Span(ms("2026-01-01T20:00"), ms("2026-01-01T21:00"), container=timezone(timedelta(hours=7)))
    assert macros.expand("$__dateFilter(d)", evening) == "d >= toDate('2026-01-02') AND d <= toDate('2026-01-02')"


ONE = Variable("server", "web-1", ("web-1", "web-2"))
TWO = Variable("server", ("web-1", "it's"), ("web-1", "it's"))
EVERY = Variable("server", (ALL,), ("web-1", "web-2"))
OWN_ALL = Variable("server", ALL, ("web-1",), all_value="${other}.*")


@pytest.mark.parametrize(
    ("written", "variable", "sent"),
    [
        ("apps.frontend.$server.requests", ONE, "apps.frontend.web-1.requests"),
        ("${server}s [[server]]", ONE, "web-1s web-1"),
        ("$servers $server", ONE, "$servers web-1"),
        ("x IN ($server)", TWO, "x IN ('web-1','it's')"),
        ("x IN (${server})", Variable("server", ("web-1",)), "x IN ('web-1')"),
        ("x IN ($server)", EVERY, "x IN ('web-1','web-2')"),
        ("${server:singlequote}", TWO, r"'web-1','it\'s'"),
        ("${server:singlequote}", ONE, "'web-1'"),
        ("${server:sqlstring}", TWO, "'web-1','it''s'"),
        ("${server:doublequote}", ONE, '"web-1"'),
        ("${server:csv}", TWO, "web-1,it's"),
        ("${server:raw}", EVERY, "web-1,web-2"),
        ("${server:pipe}", EVERY, "web-1|web-2"),
        ("${server:json}", EVERY, '["web-1","web-2"]'),
        ("${server:glob} ${server:no_format}", EVERY, "{web-1,web-2} {web-1,web-2}"),
        ("${server:percentencode}", Variable("server", "foo()bar BAZ"), "foo%28%29bar%20BAZ"),
        ("${server:queryparam}", EVERY, "var-server=web-1&var-server=web-2"),
        ("${server:text}", Variable("server", "v", text="display text"), "display text"),
        ("${server:singlequote}", OWN_ALL, "x.*"),
        ("${server:queryparam}", OWN_ALL, "var-server=All"),
        ("$__from ${__to}", ONE, "1415792726123 1447328726456"),
        ("${__from:date:seconds} ${__to:date:iso}", ONE, "1415792726 2015-11-12T11:45:26.456Z"),
        ("$__range_s $__interval ${__timezone}", ONE, "31536000 20s Asia/Jakarta"),
        ("$__timeFilter(t) $__interval_s", ONE, "$__timeFilter(t) $__interval_s"),
        ("SETTINGS $__adHocFilters('my_table')", ONE, "SETTINGS additional_table_filters={}"),
    ],
)
def test_variable(written: str, variable: Variable, sent: str) -> None:
    assert browser.interpolate(written, SPAN, [variable, Variable("other", "x")]) == sent


@pytest.mark.parametrize(
    ("written", "value", "sent"),
    [
        ("$__conditionalAll(bar in ($bar), $bar)", ALL, "1=1"),
        ("$__conditionalAll(bar in ($bar), $bar)", (ALL,), "1=1"),
        ("$__conditionalAll(bar in ($bar), $bar)", "", "1=1"),
        ("$__conditionalAll(bar in ($bar), $bar)", ("a", "b"), "bar in ('a','b')"),
        ("$__conditionalAll(bar in (${bar:singlequote}), ${bar})", ("a",), "bar in ('a')"),
        ("$__conditionalAll(f(a, b) = $bar, $bar) and 1", ALL, "1=1 and 1"),
        ("$__conditionalAll(a = 1, $bar) $__conditionalAll(b = 1, $bar)", ALL, "1=1 1=1"),
        # Traps that the source has: a format hides the variable, a quoted parenthesis or a third argument the macro.
        ("$__conditionalAll(1=0, ${bar:csv})", ALL, "1=0"),
        ("$__conditionalAll(a = '(', $bar)", ALL, "$__conditionalAll(a = '(', b)"),
        ("$__conditionalAll(a, 1, $bar)", ALL, "$__conditionalAll(a, 1, b)"),
    ],
)
def test_conditional_all(written: str, value: Any, sent: str) -> None:
    assert browser.interpolate(written, SPAN, [Variable("bar", value, ("b",), all_value="b")]) == sent


def test_board_is_expanded_by_the_browser_and_then_by_the_server() -> None:
    sql = "SELECT 1 WHERE unit IN (${server:singlequote}) AND $__timeFilter(t) AND $__conditionalAll(0, $server)"
    assert expand(sql, SPAN, [EVERY]) == (
        "SELECT 1 WHERE unit IN ('web-1','web-2') AND t >= toDateTime(1415792726) AND t <= toDateTime(1447328726) "
        "AND 1=1"
    )


@pytest.mark.parametrize(
    "written",
    ["$__conditionalAll(a, $b)", "${unit}", "$unit", "$__from", "[[unit]]", "$$__toTime", "$__adHocFilters('t')"],
)
def test_what_only_a_browser_puts_in_is_refused_on_the_server(written: str) -> None:
    with pytest.raises(ValueError, match="nobody puts anything in"):
        expand_on_server(f"SELECT {written}", SPAN)
