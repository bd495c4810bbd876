"""What a kind of panel cannot show is found; what it can is not."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.grafana import shape
from tests.grafana.files import Query
from tests.grafana.runner import Answer

AT = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2)]
TIME, TEXT, NUMBER = "DateTime64(3, 'UTC')", "String", "Nullable(Decimal(5, 2))"
STATES = {"time": TIME, "until": TIME, "mutu": TEXT}
SPLIT = [{"id": "partitionByValues"}]


def query(kind: str, *, overrides: Sequence[str] = (), format_: int = 1, **panel: Any) -> Query:
    named = [
        {"matcher": {"options": name}, "properties": [{"id": "displayName", "value": name.upper()}]}
        for name in overrides
    ]
    return Query("panel", {"type": kind, "fieldConfig": {"overrides": named}, **panel}, "", "", format_)


def answer(columns: dict[str, str], *rows: Sequence[Any]) -> Answer:
    return Answer("", list(columns), list(columns.values()), rows)


@pytest.mark.parametrize(
    ("asked", "given", "fault"),
    [
        (query("table"), answer({"a": TEXT, "b": NUMBER}, ("x", 1)), ""),
        (query("table"), Answer("", ["a", "a"], [TEXT, TEXT], []), "not unique"),
        (query("table"), answer({"a": "Array(String)"}), "becomes JSON"),
        (query("table", format_=0), answer({"a": TEXT}), "must be a table"),
        (query("stat"), answer({"a": NUMBER}, (1,)), ""),
        (query("stat"), answer({"a": NUMBER}, (1,), (2,)), "2 rows"),
        (query("gauge"), answer({"a": NUMBER}, (1,), (2,)), "2 rows"),
        (query("timeseries"), answer({"time": TIME, "v": NUMBER}), ""),
        (query("timeseries"), answer({"v": NUMBER, "time": TIME}), "first column is no time"),
        (query("timeseries"), answer({"time": TIME}), "nothing to draw"),
        (query("timeseries"), answer({"time": TIME, "unit": TEXT, "v": NUMBER}), "texts tell lines apart only"),
        (query("timeseries", format_=0), answer({"time": TIME, "unit": TEXT, "v": NUMBER}), ""),
        (query("state-timeline"), answer(STATES, (*AT, "B")), ""),
        (query("state-timeline"), answer(STATES, (*reversed(AT), "B")), "ends before it began"),
        (query("state-timeline"), answer({"time": TIME, "mutu": TEXT}), "must be times"),
        (query("state-timeline"), answer({"mutu": TEXT, "time": TIME, "until": TIME}), "must be times"),
        (query("state-timeline"), answer({**STATES, "name": TEXT}), "need a transformation"),
        (query("state-timeline", transformations=SPLIT), answer({**STATES, "name": TEXT}), ""),
        (query("barchart"), answer({"name": TEXT, "v": NUMBER}, ("a", 1), ("b", 2)), ""),
        (query("barchart"), answer({"v": NUMBER, "name": TEXT}), "needs a name"),
        (query("barchart"), answer({"name": TEXT, "v": NUMBER}, ("a", 1), ("a", 2)), "two bars have one name"),
        (query("geomap"), answer({"lat": "Float64", "lon": "Float64"}, (1.0, 2.0)), ""),
        (query("geomap"), answer({"lat": "Nullable(Float64)", "lon": "Float64"}, (None, 2.0)), "has nulls"),
        (query("geomap"), answer({"lat": TEXT, "lon": "Float64"}), "lat is no number"),
    ],
)
def test_shape(asked: Query, given: Answer, fault: str) -> None:
    found = list(shape.shape_faults(asked, given))
    assert (not found) if not fault else any(fault in message for message in found), found


def test_names_and_overrides_fit_the_columns() -> None:
    given = answer({"time": TIME, "value": NUMBER, "ikm": NUMBER})
    assert list(shape.name_faults(query("table", overrides=("value", "ikm")), given, index_codes=frozenset())) == []
    (fault,) = shape.name_faults(query("table", overrides=("value",)), given, index_codes=frozenset())
    assert "column ikm has no name" in fault
    gone = query("table", overrides=("value", "ikm", "nilai", "ipkp"))
    (fault,) = shape.name_faults(gone, given, index_codes=frozenset({"ipkp"}))
    assert "an override is for column nilai" in fault


def test_a_row_without_answers_says_nothing() -> None:
    columns = {"value": NUMBER, "mutu": "Nullable(String)", "n": "UInt64"}
    assert list(shape.null_faults(query("table"), answer(columns, (None, None, 0), (75, "C", 1)))) == []
    assert list(shape.null_faults(query("table"), answer(columns, (0, None, 0))))
    assert list(shape.null_faults(query("table"), answer(columns, (None, "D", 0))))


def test_times_go_up_within_each_line() -> None:
    columns = {"time": TIME, "unit": TEXT, "v": NUMBER}
    asked = query("timeseries", format_=0)
    assert list(shape.order_faults(asked, answer(columns, (AT[0], "a", 1), (AT[1], "a", 1), (AT[0], "b", 1)))) == []
    assert list(shape.order_faults(asked, answer(columns, (AT[1], "a", 1), (AT[0], "a", 1))))
    assert list(shape.order_faults(asked, answer(columns, (AT[0], "a", 1), (AT[0], "a", 2))))
