from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.errors import Code, Refused
from ikm.times import EARLIEST_MS, parse_rfc3339, rfc3339_minute, rfc3339_ms

OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def test_the_lower_bound_is_the_first_instant_of_2004():
    assert rfc3339_ms(EARLIEST_MS) == "2004-01-01T00:00:00.000Z"


def test_written_times():
    assert rfc3339_ms(1_795_403_045_678) == "2026-11-23T03:04:05.678Z"
    assert rfc3339_minute(29_923_384) == "2026-11-23T03:04:00Z"


@given(st.datetimes(timezones=OFFSETS).filter(lambda moment: 1 < moment.year < 9999))
def test_any_offset_is_read_exactly_and_floored_to_the_millisecond(moment):
    exact = (moment - EPOCH) // timedelta(milliseconds=1)
    text = moment.isoformat()
    assert parse_rfc3339(text) == exact
    assert parse_rfc3339(rfc3339_ms(exact)) == exact


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-11-23T03:04:05Z", 1_795_403_045_000),
        ("2026-11-23t03:04:05z", 1_795_403_045_000),
        ("2026-11-23T03:04:05.6789999999Z", 1_795_403_045_678),
        ("2026-11-23T03:04:05.6Z", 1_795_403_045_600),
        ("2026-11-23T10:04:05+07:00", 1_795_403_045_000),
        ("2026-11-22T20:19:05-06:45", 1_795_403_045_000),
        ("1969-12-31T23:59:59.9999Z", -1),
    ],
)
def test_forms_of_one_time(text, ms):
    assert parse_rfc3339(text) == ms


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-11-23T10:04:05", Code.TIME_WITHOUT_OFFSET),
        ("2026-11-23 10:04:05", Code.TIME_WITHOUT_OFFSET),
        ("2026-11-23T10:04:05.123", Code.TIME_WITHOUT_OFFSET),
        ("2026-11-23T10:04", Code.TIME_WITHOUT_OFFSET),
        ("2026-11-23", Code.TIME_WITHOUT_OFFSET),
        ("2026-11-23T24:00:00Z", Code.WRONG_TYPE),
        ("2026-12-31T23:59:60Z", Code.WRONG_TYPE),
        ("2026-02-30T00:00:00Z", Code.WRONG_TYPE),
        ("2026-13-01T00:00:00Z", Code.WRONG_TYPE),
        ("0000-01-01T00:00:00Z", Code.WRONG_TYPE),
        ("2026-11-23T10:04:05+24:00", Code.WRONG_TYPE),
        ("2026-11-23T10:04:05+0700", Code.WRONG_TYPE),
        ("2026-11-23T10:04:05+07", Code.WRONG_TYPE),
        ("2026-11-23T10:04:05,5Z", Code.WRONG_TYPE),
        ("20261123T100405Z", Code.WRONG_TYPE),
        ("2026-W48-1T10:04:05Z", Code.WRONG_TYPE),
        ("1795403045", Code.WRONG_TYPE),
        ("٢٠٢٦-11-23T10:04:05Z", Code.WRONG_TYPE),
        ("2026-11-23T10:04:05Z\n", Code.WRONG_TYPE),
        ("", Code.WRONG_TYPE),
        ("besok", Code.WRONG_TYPE),
    ],
)
def test_what_is_no_time_is_refused_with_its_cure(text, code):
    with pytest.raises(Refused) as refused:
        parse_rfc3339(text, "submitted_at")
    (fault,) = refused.value.faults
    assert (fault.field, fault.code) == ("submitted_at", code)
    assert "RFC 3339" in fault.message
    assert "\n" not in fault.message


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with suppress(Refused):
        assert isinstance(parse_rfc3339(text), int)
