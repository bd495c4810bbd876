"""The seeded city is what a sink would have made: facts, buckets, sums, states and closings agree with one another."""

from ikm.closing import Closing
from ikm.index import INDICES
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.window import WINDOWS
from runtime.clickhouse import Lane
from runtime.recompute import recompute
from runtime.topics import RESPONSES
from tests.fold import scratch
from tests.grafana import seed_city
from tests.grafana.conftest import City
from tests.grafana.seed_answers import YEARS_MS
from tests.grafana.seed_closings import CORRECTED
from tests.store.states import held, wanted


async def test_buckets_are_the_fold_from_scratch(city: City) -> None:
    rows = await city.store.rows(
        "SELECT `index`, unit, toUnixTimestamp(hour), service, n, sum_x, sum_xx, histogram, parts "
        "FROM ikm.buckets FINAL WHERE n > 0",
        lane=Lane.CHECK,
    )
    found = {
        (index, unit, second // 3600, service): Scorecard(n, x, xx, tuple(cells), tuple(parts))
        for index, unit, second, service, n, x, xx, cells, parts in rows
    }
    assert found == scratch.buckets(event for _, event in city.seed.received)


async def test_states_are_those_of_the_responses_that_count(city: City) -> None:
    assert await held(city.store, city.seed.log) == wanted(event for _, event in city.seed.received)


async def test_windows_are_those_of_now(city: City) -> None:
    rows = await city.store.rows(
        "SELECT unit, `index`, window, toUnixTimestamp(`from`), toUnixTimestamp(`to`), n, value, mutu "
        "FROM ikm.live FINAL",
        lane=Lane.CHECK,
    )
    assert len({(unit, index) for unit, index, *_ in rows}) * len(WINDOWS) == len(rows)
    for unit, index, window, start, end, n, value, mutu in rows:
        assert (start // 60, end // 60) == WINDOWS[window].bounds(city.seed.now_ms)
        said = city.oracle.figure(unit, index, "self", 1000 * start, 1000 * end)
        assert (n, None if value is None else float(value), mutu) == (said.n, said.value, said.mutu)


async def test_closings_are_what_the_events_give_at_their_positions(city: City) -> None:
    closings = list(city.seed.closings)
    assert await recompute(city.store, closings, log=city.seed.log, partitions=RESPONSES.partitions) == []
    rows = await city.store.rows("SELECT count() FROM ikm.periods FINAL", lane=Lane.CHECK)
    assert rows == [(len(closings),)]


def test_everything_that_boards_must_bear_is_there(city: City) -> None:
    seed = city.seed
    zones = {unit.zone for unit in seed.units}
    assert {seed_city.WITA, seed_city.WIB} == zones
    depths = {len(seed.tree.ancestors(code, seed.now_ms)) for code in seed.versions}
    assert {0, 1, 2} <= depths
    answered = {response.unit for response in seed.responses}
    assert seed_city.EMPTY in seed.versions.keys() - answered
    assert seed.versions[seed_city.CLOSED].closed(seed.now_ms) is not None
    assert seed.tree.parent(seed_city.MERGED, seed.now_ms) == seed_city.HEIR
    assert len(seed.received) > len(seed.responses) > 3_000
    assert sum(len(records) for records in seed.records.values()) > len(seed.received)
    closed = {(one.unit, one.period) for one in seed.closings}
    assert ("puskesmas-2", "imunisasi") in closed
    assert {one.unit for one in seed.closings if one.number} == set(CORRECTED)
    assert {one.scope for one in seed.closings} == {"self", "pooled", "mean"}
    assert {one.index for one in seed.closings} == set(INDICES)


def test_letters_and_tiers_of_every_kind_occur(city: City) -> None:
    start, end = city.seed.now_ms - 2 * YEARS_MS, city.seed.now_ms + 1
    said = [city.oracle.figure(code, "ikm", "self", start, end) for code in city.seed.versions]
    assert {"A", "B", "C", "D", None} == {figure.mutu for figure in said}
    assert 0 in {figure.n for figure in said}
    assert any(0 < figure.n < 5 for figure in said)
    assert any(5 <= figure.n < 10 for figure in said)
    assert any(10 <= figure.n < 30 for figure in said)


def test_late_answers_moved_the_live_figure_of_a_closed_period(city: City) -> None:
    layout = LAYOUTS["ikm"]

    def live(closing: Closing) -> Scorecard:
        start, end = closing.spans[closing.unit][0]
        return city.oracle.card("ikm", city.oracle.answers(closing.unit, 60_000 * start, 60_000 * end))

    own = [one for one in city.seed.closings if one.index == "ikm" and one.scope == "self"]
    assert any(layout.from_json(one.scorecard) != live(one) for one in own)
