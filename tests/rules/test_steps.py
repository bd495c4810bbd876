from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.errors import Refused
from ikm.period import KINDS, parse_period
from ikm.steps import DEFAULT_STEPS, MOST_STEPS, Steps
from ikm.times import EARLIEST_MS, LATEST_MS, ZONES, parse_rfc3339, rfc3339_minute, rfc3339_ms

ANY_STEPS = st.builds(
    Steps, st.sampled_from(list(DEFAULT_STEPS)), st.sampled_from(list(ZONES)), st.sampled_from(list(KINDS))
)
MINUTES = st.integers(EARLIEST_MS // 60_000, LATEST_MS // 60_000 - 600)
BY_PERIOD = Steps("period", "Asia/Jakarta", "semester")


def minute(text: str) -> int:
    return parse_rfc3339(text) // 60_000


def local(minute: int, zone: str) -> datetime:
    return datetime.fromtimestamp(60 * minute, ZoneInfo(zone))


def faults(steps: Steps, from_text: str, to_text: str) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        steps.between(from_text, to_text)
    return [(fault.field, fault.code) for fault in caught.value.faults]


@given(ANY_STEPS, MINUTES)
def test_a_minute_lies_in_its_step_and_a_step_begins_where_the_local_clock_says(steps, at):
    step = steps.at(at)
    assert step.from_minute <= at < step.to_minute
    assert steps.at(step.from_minute) == steps.at(step.to_minute - 1) == step
    assert steps.at(step.to_minute) != step
    begin, inside = local(step.from_minute, steps.zone), local(at, steps.zone)
    if steps.by == "hour":
        assert begin == inside.replace(minute=0)
    elif steps.by == "day":
        assert begin == inside.replace(hour=0, minute=0)
    else:
        assert (begin.day, begin.hour, begin.minute) == (1, 0, 0)
        period = parse_period(step.code, steps.zone)
        assert (period.from_minute, period.to_minute) == (step.from_minute, step.to_minute)


@given(ANY_STEPS, MINUTES)
def test_the_latest_steps_follow_each_other_up_to_the_current_one(steps, now):
    found = steps.latest(now)
    assert found[-1] == steps.at(now)
    assert all(one.to_minute == other.from_minute for one, other in pairwise(found))
    assert len(found) == DEFAULT_STEPS[steps.by] or local(found[0].from_minute, steps.zone).year == 2004


@given(ANY_STEPS, MINUTES)
def test_a_span_of_the_latest_steps_is_the_latest_steps(steps, now):
    found = steps.latest(now)
    ends = rfc3339_minute(found[0].from_minute), rfc3339_minute(found[-1].to_minute)
    if minute(ends[1]) <= LATEST_MS // 60_000 - 540:
        assert steps.between(*ends) == found


@given(ANY_STEPS, MINUTES, st.integers(1, 59_999))
def test_a_boundary_is_exact_to_the_millisecond(steps, at, ms):
    step = steps.at(at)
    begin, end = (60_000 * end for end in (step.from_minute, step.to_minute))
    if end <= LATEST_MS - 9 * 3_600_000:
        assert faults(steps, rfc3339_ms(begin + ms), rfc3339_ms(end)) == [("from", "out_of_scale")]
        assert faults(steps, rfc3339_ms(begin), rfc3339_ms(end - ms)) == [("to", "out_of_scale")]


def test_a_period_of_the_units_own_kind_has_its_code():
    assert [step.code for step in BY_PERIOD.latest(minute("2026-11-23T03:00:00Z"))] == [
        "2023-S1", "2023-S2", "2024-S1", "2024-S2", "2025-S1", "2025-S2", "2026-S1", "2026-S2",
    ]  # fmt: skip
    by_month = Steps("month", "Asia/Jayapura", "tahun").between("2025-12-31T15:00:00Z", "2026-03-01T00:00:00+09:00")
    assert [step.code for step in by_month] == ["2026-01", "2026-02"]
    assert {step.code for step in Steps("day", "Asia/Jakarta", "tahun").latest(0)} == {None}


def test_the_cure_names_the_nearest_boundaries():
    steps = Steps("day", "Asia/Makassar", "tahun")
    with pytest.raises(Refused) as caught:
        steps.between("2026-11-23T00:00:00+07:00", "2026-11-30T16:30:00Z")
    assert [fault.message for fault in caught.value.faults] == [
        f"{field} is '{text}', where no day begins in Asia/Makassar: the nearest are {before} and {after}."
        for field, text, before, after in (
            ("from", "2026-11-23T00:00:00+07:00", "2026-11-22T16:00:00Z", "2026-11-23T16:00:00Z"),
            ("to", "2026-11-30T16:30:00Z", "2026-11-30T16:00:00Z", "2026-12-01T16:00:00Z"),
        )
    ]


@pytest.mark.parametrize(
    ("from_text", "to_text", "expected"),
    [
        ("2026-01-01T00:00:00+07:00", "2026-01-01T00:00:00+07:00", [("to", "contradiction")]),
        ("2027-01-01T00:00:00+07:00", "2026-01-01T00:00:00+07:00", [("to", "contradiction")]),
        ("2026-01-01", "x", [("from", "time_without_offset"), ("to", "wrong_type")]),
        ("2003-07-01T00:00:00+07:00", "2026-01-01T00:00:00+07:00", [("from", "time_out_of_range")]),
        ("2026-01-01T00:00:00+07:00", "2101-01-01T00:00:00+07:00", [("to", "time_out_of_range")]),
        ("0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-12:00", [("from", "time_out_of_range"),
                                                                   ("to", "time_out_of_range")]),
    ],
)  # fmt: skip
def test_what_is_no_span(from_text, to_text, expected):
    assert faults(BY_PERIOD, from_text, to_text) == expected


def test_every_period_that_can_be_counted_can_be_asked_for():
    for kind, number in (("tahun", 96), ("semester", 192), ("triwulan", 384), ("bulanan", 1152)):
        steps = Steps("period", "Asia/Jayapura", kind)
        assert len(steps.between("2004-01-01T00:00:00+09:00", "2100-01-01T00:00:00+09:00")) == number


def test_a_trend_has_a_longest():
    steps = Steps("hour", "Asia/Jakarta", "tahun")
    begin = minute("2026-01-01T00:00:00Z")
    end = rfc3339_minute(begin + 60 * MOST_STEPS)
    assert len(steps.between(rfc3339_minute(begin), end)) == MOST_STEPS
    with pytest.raises(Refused, match="more than 2,000 steps by hour"):
        steps.between(rfc3339_minute(begin - 60), end)
