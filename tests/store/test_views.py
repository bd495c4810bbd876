"""What the views give equals what the Python core computes from the same scorecards."""

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ikm.exact import exact
from ikm.figure import Figure, figure, headline, mean_figure, tier
from ikm.index import INDICES
from ikm.members import population_of
from ikm.own_period import OwnPeriod
from ikm.period import period_of
from ikm.registry import Unit
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.statistics import sample_size
from ikm.times import MS_PER_HOUR, ZONES
from ikm.tree import Tree
from ikm.versions import Versions
from runtime.clickhouse import Store
from sinks.schema import prepare
from sinks.views import GRAINS
from sinks.views.arithmetic import NEEDED
from sinks.views.inlining import inlined
from tests.store.counted import dicts, put, register

NOW_MS = 1000 * int(time.time())
"""Views say what is current by the engine's own clock."""
NOW_HOUR = NOW_MS // MS_PER_HOUR
SELECTED = "SELECT * FROM ikm.v_unit_"


def card_of(index: str, rng: random.Random, n: int, *, skipped: float = 0.0) -> Scorecard:
    """What n people said, some of whom skip some items."""
    layout = LAYOUTS[index]
    found = layout.empty
    for _ in range(n):
        scores = {item.code: rng.choice(item.levels) for item in layout.index.items if rng.random() >= skipped}
        found = found.add(layout.of(scores) or layout.empty)
    return found


def tie(rng: random.Random) -> Scorecard:
    """A scorecard of the IKM whose value lies exactly half way between two hundredths."""
    layout, n = LAYOUTS["ikm"], 1000 * rng.randint(1, 9)
    step = rng.choice([k for k in range(2500, 10_000) if 9 * n * (2 * k + 1) % 5000 == 0])
    left = 9 * n * (2 * step + 1) // 5000
    histogram: list[int] = []
    for others in range(8, -1, -1):
        total = rng.randint(max(n, left - 4 * n * others), min(4 * n, left - n * others))
        left -= total
        score, more = divmod(total, n)
        cells = {score: n - more, score + 1: more}
        histogram += [cells.get(level, 0) for level in range(1, 5)]
    x = layout.x_unit * n * (2 * step + 1) // 5000
    return Scorecard(n, x, x * x // n + rng.randint(0, n * layout.x_unit), tuple(histogram))


def said(row: dict[str, Any]) -> tuple[Any, ...]:
    numbers = [None if row[name] is None else float(row[name]) for name in ("value", "lo", "hi")]
    return (row["n"], *numbers, row["mutu"], row["kinerja"], bool(row["complete"]), row["tier"])


def expected(found: Any, people: int | None) -> tuple[Any, ...]:
    low, high = found.interval or (None, None)
    return found.n, found.value, low, high, found.mutu, found.kinerja, found.complete, tier(found.n, people)


def elements(found: Figure) -> list[tuple[Any, ...]]:
    return [(e.code, e.u, e.name, e.n, e.nrr, e.value, e.mutu, e.low_share) for e in found.elements]


def of_rows(rows: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    numbers = ("nrr", "value", "low_share")
    shown = [{**row, **{k: None if row[k] is None else float(row[k]) for k in numbers}} for row in rows]
    return [
        tuple(row[k] for k in ("code", "u", "name", "n", "nrr", "value", "mutu", "low_share"))
        for row in sorted(shown, key=lambda row: row["u"])
    ]


def unit(code: str, **said: Any) -> Unit:
    return Unit(**{"code": code, "name": code.title(), "zone": "Asia/Makassar", "period": "triwulan", **said})


async def test_thousand_ties_are_rounded_as_the_core_rounds_them(store: Store) -> None:
    rng = random.Random(5)
    cards = {NOW_HOUR - number: tie(rng) for number in range(1000)}
    halves = [100 * exact(INDICES["ikm"], card).values[0] % 1 for card in cards.values()]
    assert all(half.denominator == 2 for half in halves)
    await register(store, [unit("a", population=3000)], NOW_MS)
    await put(store, {("a", "ikm", hour): card for hour, card in cards.items()})
    rows = await dicts(store, f"{SELECTED}index_hour WHERE unit = 'a' AND scope = 'self'")
    found = {int(row["from"].timestamp()) // 3600: said(row) for row in rows}
    assert found == {hour: expected(headline(INDICES["ikm"], card), 3000) for hour, card in cards.items()}
    assert isinstance(rows[0]["value"], Decimal)
    assert {row["mutu"] for row in rows} == set("ABCD")


@pytest.mark.parametrize("index", INDICES)
async def test_small_and_partial_answers_in_every_index(store: Store, index: str) -> None:
    rng = random.Random(index)
    cards = {
        NOW_HOUR - at: card_of(index, rng, rng.choice((1, 2, 9, 10, 29, 30, 90)), skipped=at % 3 / 2.2)
        for at in range(120)
    }
    cards = {hour: card for hour, card in cards.items() if card.n}
    await register(store, [unit("a")], NOW_MS)
    await put(store, {("a", index, hour): card for hour, card in cards.items()})
    rows = await dicts(store, f"{SELECTED}index_hour WHERE unit = 'a' AND scope = 'self'")
    figures = {hour: figure(INDICES[index], card) for hour, card in cards.items()}
    assert {hour_of(row): said(row) for row in rows} == {hour: expected(f, None) for hour, f in figures.items()}
    by_hour = defaultdict(list)
    for row in await dicts(store, f"{SELECTED}element_hour WHERE unit = 'a' AND scope = 'self'"):
        by_hour[hour_of(row)].append(row)
    assert {hour: of_rows(each) for hour, each in by_hour.items()} == {h: elements(f) for h, f in figures.items()}
    ways = defaultdict(dict)
    for row in await dicts(store, f"{SELECTED}conversion_hour WHERE unit = 'a' AND scope = 'self'"):
        ways[hour_of(row)][row["conversion"]] = float(row["value"])
    assert ways == {hour: f.conversions for hour, f in figures.items() if f.conversions}
    counts = defaultdict(int)
    for row in await dicts(store, f"{SELECTED}histogram_hour WHERE unit = 'a' AND scope = 'self'"):
        counts[row["item"], row["score"]] += row["count"]
    total = LAYOUTS[index].total(cards.values())
    for item in INDICES[index].items:
        assert [counts[item.code, score] for score in item.levels] == list(
            total.histogram[LAYOUTS[index].cells[item.code]]
        )


def hour_of(row: dict[str, Any]) -> int:
    return int(row["from"].replace(tzinfo=UTC).timestamp()) // 3600


def moving_register(rng: random.Random) -> list[Unit]:
    """Three levels in two zones: units that move, are merged, closed, or have periods of their own."""

    def ago(days: int) -> date:
        return datetime.fromtimestamp(3600 * NOW_HOUR - 86_400 * days, UTC).date()

    found = [unit("kota", period="semester", population=900, valid_from=ago(900))]
    found += [unit(f"opd{n}", parent="kota", population=[200, None, 50][n], valid_from=ago(900),
                   zone=["Asia/Makassar", "Asia/Jayapura", "Asia/Jakarta"][n]) for n in range(3)]  # fmt: skip
    for n in range(9):
        code, first = f"unit{n}", f"opd{n % 3}"
        moved = ago(rng.randint(20, 200))
        if n % 3 == 0:
            found.append(unit(code, parent=first, population=60 + n, valid_from=ago(800)))
            found.append(unit(code, parent=f"opd{(n + 1) % 3}", population=70 + n, valid_from=moved, period="bulanan"))
        elif n == 4:
            found.append(unit(code, parent=first, valid_from=ago(800), valid_to=moved, merged_into="unit5"))
        elif n == 7:
            found.append(unit(code, parent=first, valid_from=ago(800), valid_to=moved))
        else:
            own = OwnPeriod(code="ramadan", from_day=ago(100), to_day=ago(70))
            found.append(
                unit(code, parent=first, population=40, valid_from=ago(800), zone="Asia/Jayapura", periods=(own,))
            )
    return found


class World:
    """The same figures by the tree, the calendars and the scorecards of the core."""

    def __init__(self, units: list[Unit], buckets: dict[tuple[str, str, int], Scorecard]) -> None:
        grouped: dict[str, list[Unit]] = defaultdict(list)
        for one in units:
            grouped[one.code].append(one)
        self.now = {code: Versions(each).at(NOW_MS) for code, each in grouped.items()}
        self.tree, self.buckets = Tree(units), buckets

    def steps(self, code: str, grain: str) -> set[tuple[str, int, int]]:
        """(period, first hour, end) of every step in which any bucket lies, by the unit's clocks."""
        one, found = self.now[code], set()
        for hour in {hour for _, _, hour in self.buckets}:
            if grain == "hour":
                found.add(("", hour, hour + 1))
            elif grain == "day":
                first = hour - (hour + ZONES[one.zone]) % 24
                found.add(("", first, first + 24))
            else:
                period = period_of("bulanan" if grain == "month" else one.period, 60 * hour, one.zone)
                found.add((period.code if grain == "period" else "", period.from_minute // 60, period.to_minute // 60))
        if grain == "period":
            for own in one.periods or ():
                period = own.in_zone(one.zone)
                found.add((period.code, period.from_minute // 60, period.to_minute // 60))
        return found

    def cards(self, code: str, index: str, first: int, end: int) -> dict[str, Scorecard]:
        members = self.tree.members(code, first * MS_PER_HOUR, end * MS_PER_HOUR)
        layout = LAYOUTS[index]
        return {
            member: layout.total(
                card for (who, what, hour), card in self.buckets.items()
                if who == member and what == index and any(s <= hour * MS_PER_HOUR < e for s, e in spans)
            )
            for member, spans in members.items()
        }  # fmt: skip

    def figures(self, code: str, index: str, grain: str) -> dict[tuple[str, str, int, int], tuple[Any, ...]]:
        found = {}
        for period, first, end in self.steps(code, grain):
            cards = self.cards(code, index, first, end)
            own, every = cards[code], LAYOUTS[index].total(cards.values())
            people = population_of(
                (self.now[member].population if member in self.now else None, card.n) for member, card in cards.items()
            )
            running = grain == "period" and first <= NOW_HOUR < end
            if own.n or running:
                found["self", period, first, end] = expected(headline(INDICES[index], own), self.now[code].population)
            if every.n or running:
                found["pooled", period, first, end] = expected(headline(INDICES[index], every), people)
                found["mean", period, first, end] = expected(mean_figure(INDICES[index], cards.values()), people)
        return found


@pytest.fixture
async def moving(store: Store) -> World:
    rng = random.Random(11)
    units = moving_register(rng)
    codes = sorted({one.code for one in units})
    buckets: dict[tuple[str, str, int], Scorecard] = {}
    for _ in range(900):
        place = rng.choice(codes), rng.choice([*INDICES, "ikm"]), NOW_HOUR - rng.randint(0, 24 * 260)
        buckets[place] = card_of(place[1], rng, rng.choice((1, 1, 3, 12)), skipped=0.1)
    buckets = {place: card for place, card in buckets.items() if card.n}
    await register(store, units, NOW_MS)
    await put(store, buckets)
    return World(units, buckets)


@pytest.mark.parametrize("grain", ["hour", "day", "month", "period"])
async def test_scopes_and_grains_through_moves_mergers_and_zones(store: Store, moving: World, grain: str) -> None:
    rows = [
        *await dicts(store, f"{SELECTED}index_{grain}"),
        *await dicts(store, f"{SELECTED}mean_{grain}"),
    ]
    found: dict[tuple[str, str], dict[tuple[str, str, int, int], Any]] = defaultdict(dict)
    for row in rows:
        hours = hour_of(row), int(row["to"].replace(tzinfo=UTC).timestamp()) // 3600
        place = row["scope"], row["period"], *hours
        assert place not in found[row["unit"], row["index"]]
        found[row["unit"], row["index"]][place] = said(row)
    codes = ["kota", "opd0", "opd1", "unit0", "unit4", "unit5", "unit7"] if grain in {"hour", "day"} else moving.now
    for code in codes:
        for index in INDICES:
            assert found[code, index] == moving.figures(code, index, grain), (code, index)


async def test_the_whole_view_is_its_parts(store: Store, moving: World) -> None:
    whole = await dicts(
        store, "SELECT grain, scope, count() AS rows, sum(n) AS n FROM ikm.v_unit_index GROUP BY grain, scope"
    )
    assert len(whole) == 12
    for row in whole:
        part = f"mean_{row['grain']}" if row["scope"] == "mean" else f"index_{row['grain']}"
        ((rows, n),) = await store.rows(f"SELECT count(), sum(n) FROM ikm.v_unit_{part} WHERE scope = '{row['scope']}'")
        assert (rows, n) == (row["rows"], row["n"])


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.usefixtures("moving")
async def test_own_figures_are_those_of_scope_self(store: Store, grain: str) -> None:
    calendar = f"FROM ikm.v_unit_index_{grain} WHERE scope = 'self' AND is_calendar"
    own = "* EXCEPT (is_open, lat, lon)"
    wanted = await dicts(store, f"SELECT * {calendar} ORDER BY unit, `index`, `from`")
    found = await dicts(store, f"SELECT {own} FROM ikm.v_unit_self_{grain} ORDER BY unit, `index`, `from`")
    assert wanted
    assert found == wanted
    places = await dicts(store, f"SELECT DISTINCT unit, is_open, lat, lon FROM ikm.v_unit_self_{grain} ORDER BY unit")
    assert places == await dicts(
        store, f"SELECT unit, is_open, lat, lon FROM ikm.v_unit WHERE unit IN (SELECT unit {calendar}) ORDER BY unit"
    )


async def test_a_sample_is_as_large_as_the_core_says(store: Store) -> None:
    people = [*range(500), *(10**power + step for power in range(3, 16) for step in (-1, 0, 1))]
    rows = await store.rows(
        f"SELECT {NEEDED} FROM (SELECT arrayJoin({{people:Array(UInt64)}}) AS people)", {"people": people}
    )
    assert [needed for (needed,) in rows] == [sample_size(number) for number in people]


async def test_a_view_that_was_altered_or_is_of_an_earlier_program_is_mended(store: Store) -> None:
    await store.command("CREATE VIEW ikm.i_part_hour AS SELECT 1")
    await store.command("CREATE OR REPLACE VIEW ikm.v_unit AS SELECT 2 AS unit")
    await prepare(store)
    views = {name for (name,) in await store.rows("SELECT name FROM system.tables WHERE engine = 'View'")}
    assert {name for name in views if name.startswith("i_")} == {"i_made"}
    assert await dicts(store, "SELECT unit FROM ikm.v_unit") == []


def test_a_text_that_makes_no_view_is_refused() -> None:
    with pytest.raises(ValueError, match="'SELECT 1' makes no view"):
        list(inlined(["SELECT 1"]))
