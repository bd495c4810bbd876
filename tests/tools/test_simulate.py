from collections import Counter
from itertools import pairwise

import pytest

from ikm.events import Response, Withdrawal
from ikm.partition import partition_of
from ikm.wire import decode, encode
from producers.city import WHOLE, city, register
from producers.rush import HOUR_MS, WEEK_MS, hour_of_week
from producers.simulate import MONTH_MS, Mix, Simulation, encoded, events, rush_clock
from producers.timeline import Live, Past

START = 1_763_856_000_000


def test_the_city_has_the_156_units_of_a_real_one() -> None:
    assert Counter(place.kind for place in city()) == {
        "perangkat_daerah": 31,
        "uptd": 33,
        "bagian": 9,
        "puskesmas": 27,
        "kelurahan": 52,
        "mpp": 1,
        "rsud": 1,
        "perusahaan_daerah": 2,
    }
    codes = {place.unit.code for place in city()}
    assert len(codes) == 156
    assert {place.unit.parent for place in city()} - {None} <= codes
    assert {place.unit.zone for place in city()} == {"Asia/Makassar"}


def test_the_register_has_them_in_one_tree() -> None:
    above = {unit.code: unit.parent for unit in register()}

    assert len(above) == 157
    assert [code for code, parent in above.items() if parent is None] == [WHOLE.code]
    assert set(above.values()) - {None} <= above.keys()
    assert all(above[place.unit.code] == (place.unit.parent or WHOLE.code) for place in city())


def test_the_same_seed_and_count_are_the_same_events() -> None:
    first = list(events(7, START, 2_000))
    assert first == list(events(7, START, 2_000))
    assert first != list(events(8, START, 2_000))


def test_another_start_moves_the_times_and_nothing_else() -> None:
    shift = 5 * 24 * HOUR_MS + 1_234_567
    for here, there in zip(events(7, START, 2_000), events(7, START + shift, 2_000), strict=True):
        assert there.received_ms - here.received_ms == shift
        if isinstance(here.event, Response):
            assert isinstance(there.event, Response)
            moved = there.event.model_copy(update={"submitted_at": there.event.submitted_at - shift})
            assert moved == here.event
        else:
            assert there.event == here.event


def test_the_records_are_those_of_the_events() -> None:
    for emission, record in zip(events(7, START, 3_000), encoded(7, START, 3_000), strict=True):
        assert tuple(record) == (emission.received_ms, *encode(emission.event, received_ms=emission.received_ms))
        decoded = decode(
            key=record.key,
            value=record.value,
            headers=record.headers,
            timestamp_ms=record.received_ms,
            partition=partition_of(emission.event.unit, 8),
            partitions=8,
        )
        assert decoded == emission.event


def test_the_mix_is_as_asked() -> None:
    count = 20_000
    stream = [emission.event for emission in events(1, START, count)]
    seen: Counter[tuple[str, str, int]] = Counter()
    submitted: set[tuple[str, str]] = set()
    early = 0
    for event in stream:
        revision = event.revision if isinstance(event, Response) else 0
        seen[event.unit, event.id, revision] += 1
        if revision == 1:
            submitted.add((event.unit, event.id))
        else:
            early += (event.unit, event.id) not in submitted
    assert sum(times - 1 for (_, _, revision), times in seen.items() if revision == 1) / count == pytest.approx(
        0.10, abs=0.01
    )
    assert sum(isinstance(event, Response) and event.revision > 1 for event in stream) / count == pytest.approx(
        0.05, abs=0.01
    )
    assert sum(isinstance(event, Withdrawal) for event in stream) / count == pytest.approx(0.02, abs=0.005)
    assert early / count == pytest.approx(0.07 / 4, abs=0.005)


def test_some_are_late_and_some_revisions_move_to_another_hour() -> None:
    emissions = list(events(3, START, 10_000))
    responses = [(at, event) for at, event in emissions if isinstance(event, Response)]
    first = {event.id: (at, event) for at, event in reversed(responses) if event.revision == 1}
    late = [at for at, event in first.values() if at - event.submitted_at > HOUR_MS]
    assert len(late) / len(first) == pytest.approx(0.045, abs=0.02)
    assert all(event.submitted_at <= at for at, event in first.values())
    revised = [event for _, event in responses if event.revision > 1 and event.id in first]
    moved = [event for event in revised if event.submitted_at // HOUR_MS != first[event.id][1].submitted_at // HOUR_MS]
    assert 0.3 < len(moved) / len(revised) < 0.8


def test_every_unit_answers_and_they_differ() -> None:
    by_unit: dict[str, list[int]] = {}
    for emission in events(7, START, 30_000, mix=Mix(0, 0, 0)):
        assert isinstance(emission.event, Response)
        by_unit.setdefault(emission.event.unit, []).extend(emission.event.scores.values())
    assert set(by_unit) == {place.unit.code for place in city()}
    means = sorted(25 * sum(scores) / len(scores) for scores in by_unit.values())
    assert means[0] < 65
    assert means[-1] > 88.31


def test_people_answer_in_rush_hours() -> None:
    moments = [emission.received_ms for emission in events(7, START, 20_000)]
    assert all(earlier <= later for earlier, later in pairwise(moments))
    assert moments[-1] < START + MONTH_MS
    by_hour = Counter((moment - START) // HOUR_MS % 24 for moment in moments)
    assert by_hour[10] > 5 * by_hour[19]


def test_the_rush_clock_runs_both_ways() -> None:
    clock = rush_clock(city())
    for step in range(500):
        moment = START + step * 7_654_321
        assert abs(clock.to_wall(clock.from_wall(moment)) - moment) <= 2
    assert clock.to_wall(clock.from_wall(START) + 1) == pytest.approx(START + WEEK_MS, abs=2)


def test_monday_morning_is_monday_morning_in_makassar() -> None:
    monday_midnight_wita = 1_763_913_600_000  # 2025-11-24T00:00+08:00
    assert hour_of_week(monday_midnight_wita) == 0
    assert hour_of_week(monday_midnight_wita - 1) == 167


def test_the_past_is_the_same_whoever_asks_and_whenever() -> None:
    past = Past(rush_clock(city()), 2_800)
    simulation = Simulation(7, past, city())
    whole = list(simulation.emissions(past.numbers(START, START + 48 * HOUR_MS)))
    later = list(simulation.emissions(past.numbers(START + 24 * HOUR_MS, START + 48 * HOUR_MS)))
    assert whole[-len(later) :] == later
    assert all(START <= emission.received_ms < START + 48 * HOUR_MS for emission in whole)


@pytest.mark.parametrize("rate", [0.5, 2.0, 3.0, 7.3, 200.0, 3_000.0])
def test_live_goes_on_after_a_restart_without_a_gap_or_a_double(rate: float) -> None:
    live = Live(rate)
    edges = [START, START + 7_001, START + 7_002, START + 9_999]
    numbers = [number for low, high in pairwise(edges) for number in range(live.first(low), live.first(high))]
    assert numbers == list(range(live.first(edges[0]), live.first(edges[-1])))
    assert all(edges[0] <= live.moment(number).ms < edges[-1] for number in numbers)
    assert len(numbers) == pytest.approx(rate * 9.999, abs=1)
    assert len({live.key(number) for number in numbers}) == len(numbers)
