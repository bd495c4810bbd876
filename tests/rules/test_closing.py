from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.closing import Closing, late, may_show_late, parse_correction
from ikm.due import closes_at_ms, due_periods, has_ended
from ikm.errors import Refused
from ikm.figure import headline
from ikm.freeze import Act, Counted, Share, closing_of, is_consistent
from ikm.index import IKM
from ikm.members import alone
from ikm.period import KINDS, parse_period, period_of
from ikm.position import Position
from ikm.registry import Unit
from ikm.times import ZONES, parse_rfc3339
from tests.web.answers import card

DAY_MS = 86_400_000
ZONE = st.sampled_from(list(ZONES))
KIND = st.sampled_from(list(KINDS))
NOW_MS = st.integers(parse_rfc3339("2010-01-01T00:00:00Z"), parse_rfc3339("2100-01-01T00:00:00Z"))


def unit(zone: str = "Asia/Jakarta", kind: str = "triwulan", population: int | None = None) -> Unit:
    return Unit(code="u", name="U", zone=zone, period=kind, population=population)


@pytest.mark.parametrize(
    ("zone", "ends", "closes"),
    [
        ("Asia/Jakarta", "2026-06-30T17:00:00Z", "2026-07-07T17:00:00Z"),
        ("Asia/Makassar", "2026-06-30T16:00:00Z", "2026-07-07T16:00:00Z"),
        ("Asia/Jayapura", "2026-06-30T15:00:00Z", "2026-07-07T15:00:00Z"),
    ],
)
def test_the_local_end_and_the_days_of_grace(zone: str, ends: str, closes: str) -> None:
    period, whose = parse_period("2026-S1", zone), unit(zone, "semester")
    assert not has_ended(period, parse_rfc3339(ends) - 1)
    assert has_ended(period, parse_rfc3339(ends))
    assert closes_at_ms(whose, period) == parse_rfc3339(closes)
    for moment, codes in ((parse_rfc3339(closes) - 1, ["2025-S2"]), (parse_rfc3339(closes), ["2026-S1"])):
        assert [p.code for p in due_periods(whose, moment, 0, [])] == codes


@given(ZONE, KIND, NOW_MS, st.integers(0, 400), st.data())
def test_what_is_due_is_over_and_known_and_the_last_one_is_always_there(zone, kind, now_ms, age, data) -> None:
    whose, now_minute = unit(zone, kind), now_ms // 60_000
    known_ms = now_ms - age * DAY_MS
    answered = data.draw(st.lists(st.integers(now_minute - 3 * 525_600, now_minute), max_size=9))
    due = due_periods(whose, now_ms, known_ms, answered)
    for period in due:
        assert closes_at_ms(whose, period) == (period.to_minute + 7 * 1440) * 60_000 <= now_ms
        assert known_ms < period.to_minute * 60_000
    assert due == sorted(set(due), key=lambda period: period.from_minute)
    for minute in answered:
        period = period_of(kind, minute, zone)
        is_due = now_ms >= closes_at_ms(whose, period) and known_ms < period.to_minute * 60_000
        assert (period in due) == is_due
    if known_ms < last(whose, now_ms).from_minute * 60_000:
        assert due[-1] == last(whose, now_ms)


def last(whose: Unit, now_ms: int):
    """The last period of the unit whose days of grace are over, found by asking every day."""
    day = now_ms
    while closes_at_ms(whose, found := period_of(whose.period, day // 60_000, whose.zone)) > now_ms:
        day -= DAY_MS
    return found


def test_a_unit_known_after_the_end_is_not_closed_for_it() -> None:
    end, now = parse_rfc3339("2026-06-30T17:00:00Z"), parse_rfc3339("2026-07-20T00:00:00Z")
    answered = [parse_rfc3339("2026-02-03T04:00:00Z") // 60_000]
    assert [p.code for p in due_periods(unit(), now, end - 1, answered)] == ["2026-TW2"]
    assert due_periods(unit(), now, end, answered) == []
    assert [p.code for p in due_periods(unit(), now, 0, answered)] == ["2026-TW1", "2026-TW2"]


def closing(rows: int = 12, **changes) -> Closing:
    shares = {"u": Share(card(*[(3,) * 9] * rows), 29_000_000)} if rows else {}
    whose, period = unit(population=900), parse_period("2026-TW1", "Asia/Jakarta")
    counted = Counted(shares, Position(7, {3: 41}))
    made = closing_of(whose, "ikm", period, counted, Act("sink", 5), members=alone(whose, period))
    return made.model_copy(update=changes)


def test_a_closing_travels_unchanged_and_says_what_the_figure_said() -> None:
    made = closing()
    again = Closing.model_validate_json(made.model_dump_json())
    assert again == made
    assert (again.said.n, again.said.value, again.said.mutu) == (12, 75.0, "C")
    assert again.said.elements[0].code == IKM.elements[0].code
    assert (again.from_, again.to) == ("2025-12-31T17:00:00Z", "2026-03-31T17:00:00Z")
    assert (again.population, again.number, again.where.offsets) == (900, 0, {3: 41})
    assert is_consistent(again)
    assert closing(rows=0).said.value is None


@pytest.mark.parametrize("path", [("value",), ("n",), ("interval", 0), ("elements", 4, "nrr")])
def test_a_figure_that_its_scorecard_does_not_give_is_not_consistent(path) -> None:
    made = closing(rows=40)
    place = made.figure
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] += 1
    assert not is_consistent(made)


def test_what_came_after_the_freeze() -> None:
    frozen, live = headline(IKM, card(*[(3,) * 9] * 40)), headline(IKM, card(*[(3,) * 9] * 40, (4,) * 9))
    assert late(live, frozen) == {"n": 1, "value": 0.61}
    assert late(frozen, live) == {"n": -1, "value": -0.61}
    nothing = headline(IKM, card())
    assert late(live, nothing) == {"n": 41, "value": None}
    assert may_show_late(live, frozen)
    assert may_show_late(live, nothing)
    few = headline(IKM, card(*[(3,) * 9] * 9))
    assert not may_show_late(few, frozen)
    assert not may_show_late(live, few)


@pytest.mark.parametrize("body", [None, [], {}, {"reason": ""}, {"reason": 3}, {"reason": "x", "more": 1}])
def test_what_is_no_correction(body) -> None:
    with pytest.raises(Refused):
        parse_correction(body)


def test_a_unit_that_is_gone_is_closed_only_for_what_it_answered() -> None:
    now = parse_rfc3339("2026-07-20T00:00:00Z")
    gone = unit().model_copy(update={"valid_to": date(2026, 4, 1)})
    assert due_periods(gone, now, 0, []) == []
    answered = [parse_rfc3339("2026-02-03T04:00:00Z") // 60_000]
    assert [p.code for p in due_periods(gone, now, 0, answered)] == ["2026-TW1"]
    later = unit().model_copy(update={"valid_to": date(2026, 4, 2)})
    assert [p.code for p in due_periods(later, now, 0, [])] == ["2026-TW2"]


def test_periods_of_its_own_close_after_their_own_days_of_grace() -> None:
    own = ({"code": "2026-S1", "from": date(2026, 1, 1), "to": date(2026, 7, 1), "grace_days": 14},
           {"code": "lebaran", "from": date(2026, 3, 10), "to": date(2026, 4, 1), "grace_days": 0})  # fmt: skip
    whose = Unit(code="u", name="U", zone="Asia/Jakarta", period="tahun", periods=own)
    end, due = parse_rfc3339("2026-03-31T17:00:00Z"), parse_rfc3339("2026-07-14T17:00:00Z")
    for moment, codes in (
        (end - 1, ["2025"]),
        (end, ["2025", "lebaran"]),
        (due - 1, ["2025", "lebaran"]),
        (due, ["2025", "2026-S1", "lebaran"]),
    ):
        assert [p.code for p in due_periods(whose, moment, 0, [])] == codes
