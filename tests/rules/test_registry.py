import json
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.errors import Code, Refused
from ikm.registry import Unit, parse_unit

LEAST = {"unit": "dukcapil", "name": "Disdukcapil", "zone": "Asia/Jakarta", "period": "triwulan"}


def refused(value):
    with pytest.raises(Refused) as caught:
        parse_unit(json.dumps(value))
    return [(fault.field, fault.code.value) for fault in caught.value.faults]


def test_the_least_and_the_most_that_a_unit_says():
    unit = parse_unit(json.dumps(LEAST))
    assert (unit.code, unit.valid_from, unit.key) == ("dukcapil", date(2004, 1, 1), "dukcapil@2004-01-01")
    full = LEAST | {
        "type": "opd",
        "parent": "pemkot",
        "services": [{"code": "ktp-el", "name": "KTP elektronik"}],
        "population": 5000,
        "location": {"lat": -3.3, "lon": 114.6},
        "valid_from": "2026-01-01",
        "valid_to": "2026-07-01",
        "merged_into": "disdukcapil",
        "periods": [{"code": "haji-2026", "from": "2026-04-01", "to": "2026-08-01", "grace_days": 14}],
        "targets": [{"period": "haji-2026", "index": "ikm", "n": 400, "value": 88.31}],
    }
    unit = parse_unit(json.dumps(full))
    assert json.loads(unit.model_dump_json()) == full
    assert parse_unit(unit.model_dump_json()) == unit


def test_a_unit_that_lists_services_knows_only_those():
    unit = parse_unit(json.dumps(LEAST | {"services": [{"code": "ktp", "name": "KTP"}]}))
    assert unit.knows_service("ktp")
    assert unit.knows_service(None)
    assert not unit.knows_service("kk")
    assert parse_unit(json.dumps(LEAST)).knows_service("kk")


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"zone": "Asia/Singapore"}, "zone", Code.OUT_OF_SCALE),
        ({"zone": 7}, "zone", Code.OUT_OF_SCALE),
        ({"period": "mingguan"}, "period", Code.OUT_OF_SCALE),
        ({"unit": "Dinas A"}, "unit", Code.INVALID_NAME),
        ({"parent": "x" * 65}, "parent", Code.INVALID_NAME),
        ({"name": ""}, "name", Code.INVALID_NAME),
        ({"name": "a\x00b"}, "name", Code.INVALID_NAME),
        ({"name": 4}, "name", Code.WRONG_TYPE),
        ({"population": 0}, "population", Code.OUT_OF_SCALE),
        ({"population": 4.0}, "population", Code.WRONG_TYPE),
        ({"population": True}, "population", Code.WRONG_TYPE),
        ({"valid_from": "2026-02-30"}, "valid_from", Code.WRONG_TYPE),
        ({"valid_from": 5}, "valid_from", Code.WRONG_TYPE),
        ({"valid_from": "1900-01-01"}, "valid_from", Code.TIME_OUT_OF_RANGE),
        ({"valid_from": "2999-01-01"}, "valid_from", Code.TIME_OUT_OF_RANGE),
        ({"valid_to": "2004-01-01"}, "valid_to", Code.CONTRADICTION),
        ({"valid_to": "2999-01-01"}, "valid_to", Code.TIME_OUT_OF_RANGE),
        ({"merged_into": "other"}, "merged_into", Code.CONTRADICTION),
        ({"merged_into": "dukcapil", "valid_to": "2026-01-01"}, "merged_into", Code.CONTRADICTION),
        ({"parent": "dukcapil"}, "parent", Code.CONTRADICTION),
        ({"colour": "red"}, "colour", Code.UNKNOWN_FIELD),
        ({"services": [{"code": "a b", "name": "x"}]}, "services.0.code", Code.INVALID_NAME),
        ({"services": [{"code": "a", "name": "x"}] * 2}, "services", Code.CONTRADICTION),
        ({"location": "x" * 5000}, "location", Code.TOO_LARGE),
    ],
)
def test_what_a_unit_may_not_say(change, field, code):
    assert refused(LEAST | change) == [(field, code.value)]


def test_what_is_missing_is_listed():
    assert refused({}) == [(field, "missing_field") for field in ("unit", "name", "zone", "period")]


@given(st.binary() | st.text(), st.binary())
def test_any_bytes_are_a_unit_or_refused(text, tail):
    for raw in (text, json.dumps(LEAST).encode() + tail, json.dumps(LEAST).encode().replace(b"2", tail)):
        with suppress(Refused):
            assert isinstance(parse_unit(raw), Unit)
