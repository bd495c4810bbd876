import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.period import KINDS, parse_period, period_of
from ikm.times import ZONES, parse_rfc3339, rfc3339_minute

CODES = st.builds(
    "{:04d}{}".format,
    st.integers(2004, 2148),
    st.sampled_from(["", "-S1", "-S2", *(f"-TW{q}" for q in range(1, 5)), *(f"-{m:02d}" for m in range(1, 13))]),
)


@pytest.mark.parametrize(
    ("code", "zone", "begin", "end"),
    [
        ("2026", "Asia/Jakarta", "2025-12-31T17:00:00Z", "2026-12-31T17:00:00Z"),
        ("2026-S1", "Asia/Makassar", "2025-12-31T16:00:00Z", "2026-06-30T16:00:00Z"),
        ("2026-S2", "Asia/Jakarta", "2026-06-30T17:00:00Z", "2026-12-31T17:00:00Z"),
        ("2026-TW3", "Asia/Jayapura", "2026-06-30T15:00:00Z", "2026-09-30T15:00:00Z"),
        ("2026-11", "Asia/Jakarta", "2026-10-31T17:00:00Z", "2026-11-30T17:00:00Z"),
        ("2024-02", "Asia/Jakarta", "2024-01-31T17:00:00Z", "2024-02-29T17:00:00Z"),
        ("2019-S1", "Asia/Jakarta", "2018-12-31T17:00:00Z", "2019-06-30T17:00:00Z"),
    ],
)
def test_periods(code, zone, begin, end):
    period = parse_period(code, zone)
    assert (period.code, rfc3339_minute(period.from_minute), rfc3339_minute(period.to_minute)) == (code, begin, end)


@pytest.mark.parametrize(
    "code", ["", "26", "2026-", "2026-S3", "2026-TW0", "2026-TW5", "2026-0", "2026-13", "2026-1", "2026-s1", "1900",
             "2999", "٢٠٢٦", "2026\n", "2026-11-23"],
)  # fmt: skip
def test_what_is_no_period(code):
    with pytest.raises(ValueError, match="period"):
        parse_period(code, "Asia/Jakarta")


def test_only_indonesian_zones():
    with pytest.raises(ValueError, match="Asia/Tokyo"):
        parse_period("2026", "Asia/Tokyo")
    with pytest.raises(ValueError, match="mingguan"):
        period_of("mingguan", 29_923_384, "Asia/Jakarta")


def test_the_local_calendar_decides():
    last_utc_hour = parse_rfc3339("2026-12-31T17:00:00Z") // 60_000
    assert [period_of("tahun", last_utc_hour - back, "Asia/Jakarta").code for back in (0, 1)] == ["2027", "2026"]
    codes = [period_of(kind, last_utc_hour - 1, "Asia/Jakarta").code for kind in KINDS]
    assert codes == ["2026-12", "2026-TW4", "2026-S2", "2026"]


@given(CODES, st.sampled_from(list(ZONES)), st.data())
def test_a_minute_lies_in_the_period_of_its_kind(code, zone, data):
    period = parse_period(code, zone)
    kind = {0: "tahun", 3: "semester", 4: "triwulan"}.get(len(code) - 4, "bulanan")
    if code[4:5] == "-" and code[5].isdigit():
        kind = "bulanan"
    minute = data.draw(st.integers(period.from_minute, period.to_minute - 1))
    assert period_of(kind, minute, zone) == period
    if code < "2148":
        assert period_of(kind, period.to_minute, zone) != period
