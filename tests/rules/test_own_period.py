import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.errors import Refused
from ikm.own_period import Target, progress
from ikm.period import parse_period
from ikm.registry import parse_unit

LEAST = {"unit": "haji", "name": "Seksi Haji", "zone": "Asia/Makassar", "period": "tahun"}
SEASON = {"code": "haji-2026", "from": "2026-04-01", "to": "2026-08-01"}
TARGET = {"period": "haji-2026", "index": "ikm", "n": 400}


def unit(periods: list, targets: list | None = None):
    return parse_unit(json.dumps(LEAST | {"periods": periods, "targets": targets or []}))


def test_an_own_period_is_read_in_the_units_zone_beside_the_calendars() -> None:
    own = unit([SEASON])
    season = own.period_called("haji-2026")
    assert (season.from_minute, season.to_minute) == (
        parse_period("2026-04", "Asia/Makassar").from_minute,
        parse_period("2026-07", "Asia/Makassar").to_minute,
    )
    assert own.period_called("2026-S1") == parse_period("2026-S1", "Asia/Makassar")
    with pytest.raises(ValueError, match=r"haji-2027.*or one of the unit's own: haji-2026"):
        own.period_called("haji-2027")


def test_grace_days_are_the_periods_own_or_seven() -> None:
    semester = {"code": "2026-S1", "from": "2026-01-01", "to": "2026-07-01", "grace_days": 0}
    own = unit([SEASON, semester])
    assert [own.grace_days(code) for code in ("haji-2026", "2026-S1", "2026-S2")] == [7, 0, 7]
    assert own.period_called("2026-S1") == parse_period("2026-S1", "Asia/Makassar")


@pytest.mark.parametrize(
    ("periods", "targets", "field", "code"),
    [
        ([SEASON | {"to": "2026-04-01"}], [], "periods.0.to", "contradiction"),
        ([SEASON | {"from": "0001-01-01"}], [], "periods.0.from", "time_out_of_range"),
        ([SEASON | {"to": "2149-01-02"}], [], "periods.0.to", "time_out_of_range"),
        ([SEASON, SEASON], [], "periods.1.code", "contradiction"),
        ([SEASON | {"code": "2026-S1"}], [], "periods.0.code", "contradiction"),
        ([SEASON | {"grace_days": 367}], [], "periods.0.grace_days", "out_of_scale"),
        ([SEASON | {"grace_days": -1}], [], "periods.0.grace_days", "out_of_scale"),
        ([SEASON | {"from": "2026-04-01T00:00:00Z"}], [], "periods.0.from", "wrong_type"),
        ([SEASON | {"code": "musim haji"}], [], "periods.0.code", "invalid_name"),
        ([SEASON], [TARGET | {"period": "haji-2027"}], "targets.0.period", "out_of_scale"),
        ([SEASON], [TARGET, TARGET], "targets.1.index", "contradiction"),
        ([SEASON], [TARGET | {"index": "ikn"}], "targets.0.index", "out_of_scale"),
        ([SEASON], [TARGET | {"n": 0}], "targets.0.n", "out_of_scale"),
        ([SEASON], [TARGET | {"value": 88.311}], "targets.0.value", "out_of_scale"),
        ([SEASON], [TARGET | {"value": 24.99}], "targets.0.value", "out_of_scale"),
        ([SEASON], [TARGET | {"index": "ipak", "value": 4.01}], "targets.0.value", "out_of_scale"),
        ([SEASON], [{"period": "2026", "index": "ikm"}], "targets.0.value", "missing_field"),
    ],
)
def test_what_a_period_or_target_may_not_say(periods: list, targets: list, field: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        unit(periods, targets)
    assert [(fault.field, fault.code.value) for fault in caught.value.faults] == [(field, code)]


def test_targets_within_the_scale_of_their_index() -> None:
    targets = [
        TARGET | {"value": 100.0},
        TARGET | {"index": "ipkp", "value": 3.2},
        {"period": "2026-TW1", "index": "ipak", "n": 30, "value": 3.6},
    ]
    aimed = unit([SEASON], targets).targets
    assert aimed is not None
    assert [target.value for target in aimed] == [100.0, 3.2, 3.6]


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(2500, 10_000), st.none() | st.integers(2500, 10_000))
def test_a_target_is_reached_when_nothing_of_it_is_missing(
    aim_n: int, n: int, aim: int, hundredths: int | None
) -> None:
    found = progress(
        Target(period="2026", index="ikm", n=aim_n, value=aim / 100),
        n,
        None if hundredths is None else hundredths / 100,
    )

    assert found.share is not None
    assert (found.share == 1) == (n >= aim_n)
    assert found.share <= n / aim_n < found.share + 0.0001 or n >= aim_n
    if hundredths is None:
        assert found.difference is None
    else:
        assert found.difference == (hundredths - aim) / 100
    assert progress(Target(period="2026", index="ikm", n=aim_n), n, 80.0).difference is None
    assert progress(Target(period="2026", index="ikm", value=80.0), n, 80.0).share is None
