from hypothesis import given
from hypothesis import strategies as st

from ikm.times import parse_rfc3339, rfc3339_minute
from ikm.window import WINDOWS


def bounds(code, now):
    return [rfc3339_minute(minute) for minute in WINDOWS[code].bounds(parse_rfc3339(now))]


def test_minute_windows_end_at_the_next_minute():
    assert bounds("1h", "2026-11-23T03:04:05Z") == ["2026-11-23T02:05:00Z", "2026-11-23T03:05:00Z"]
    assert bounds("24h", "2026-11-23T03:04:59.999Z") == ["2026-11-22T03:05:00Z", "2026-11-23T03:05:00Z"]
    assert bounds("1h", "2026-11-23T03:05:00Z") == ["2026-11-23T02:06:00Z", "2026-11-23T03:06:00Z"]


def test_day_windows_end_at_the_next_hour():
    assert bounds("7d", "2026-11-23T03:04:05Z") == ["2026-11-16T04:00:00Z", "2026-11-23T04:00:00Z"]
    assert bounds("30d", "2026-11-23T04:00:00Z") == ["2026-10-24T05:00:00Z", "2026-11-23T05:00:00Z"]


@given(st.sampled_from(list(WINDOWS.values())), st.integers(0, 4_000_000_000_000))
def test_now_lies_in_the_last_step(window, now_ms):
    begin, end = window.bounds(now_ms)
    assert end - begin == window.minutes
    assert end % window.step == 0
    assert end - window.step <= now_ms // 60_000 < end
