"""Views over single answers, windows and closings, against the core."""

import json
import random
from collections import defaultdict
from typing import Any

import pytest

from ikm.attention import Standing, change
from ikm.cells import scorecards
from ikm.figure import headline, mean_figure
from ikm.frame import SMALL_CELL
from ikm.index import INDICES
from ikm.profile import PROFILE
from ikm.questionnaire import QUESTIONNAIRES
from ikm.registry import Service
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.tally import TALLIES
from runtime.clickhouse import Columns, Store
from sinks.live import COLUMNS as LIVE
from sinks.periods import COLUMNS as PERIODS
from sinks.responses import COLUMNS as RESPONSES
from tests.store.counted import LOG, dicts, put, register
from tests.store.test_views import NOW_HOUR, NOW_MS, card_of, expected, said, unit

UNITS = [
    unit("kota", services=(Service(code="ktp", name="KTP elektronik"),)),
    *(unit(code, parent="kota", population=80) for code in ("a", "b", "c")),
]


def answer(rng: random.Random, number: int) -> dict[str, Any]:
    form = rng.choice([*QUESTIONNAIRES])
    scores = {i.code: rng.choice([*i.levels, None]) for i in QUESTIONNAIRES[form].items}
    said = {q: rng.choice([*spellings]) for q, spellings in PROFILE.items() if rng.random() < 0.7}
    return {
        "unit": rng.choice(["kota", "a", "b", "c"]), "source": "s", "id": str(number), "log": LOG, "state": 1,
        "first_offset": number,
        "withdrawn": int(rng.random() < 0.05), "revision": 1, "submitted_at": NOW_MS - rng.randint(1, 10**10),
        "service": rng.choice(["", "ktp", "kk"]), "questionnaire": form, "channel": rng.choice(["", "qr", "wa"]),
        "answers": TALLIES[form].digits(scores), "respondent": said,
    }  # fmt: skip


@pytest.fixture
async def answers(store: Store) -> list[dict[str, Any]]:
    rng = random.Random(3)
    rows = [answer(rng, number) for number in range(600)]
    older = [{**row, "state": 0, "answers": row["answers"][::-1].replace("0", "1")} for row in rows[:50]]
    await register(store, UNITS, NOW_MS)
    every = [*rows, *older]
    await store.insert("ikm.responses", Columns(RESPONSES, [[row[name] for row in every] for name in RESPONSES]))
    await put(store, {("a", "ikm", NOW_HOUR): card_of("ikm", rng, 3)})
    return rows


def cells(answers: list[dict[str, Any]], units: set[str], index: str, kind: str) -> dict[str, Scorecard]:
    """Cell -> scorecard, by `ikm.cells`."""
    counted = [
        (
            str(row["respondent"].get(kind, "") if kind in PROFILE else row[kind]),
            row["questionnaire"],
            row["answers"],
            1,
        )
        for row in answers
        if row["unit"] in units and not row["withdrawn"]
    ]
    return scorecards(index, kind, counted)


@pytest.mark.parametrize("kind", ["service", "channel", *PROFILE])
async def test_cells_are_those_of_the_core(store: Store, answers: list[dict[str, Any]], kind: str) -> None:
    span = f"from = {NOW_MS // 1000 - 10**7 - 1}, to = {NOW_MS // 1000}"
    for index in INDICES:
        for code, units in (("kota", {"kota", "a", "b", "c"}), ("a", {"a"})):
            rows = await dicts(
                store,
                f"SELECT * FROM ikm.p_unit_cell(unit = '{code}', index = '{index}', dimensions = ['{kind}'], {span})",
            )
            wanted = {}
            for cell, card in cells(answers, units, index, kind).items():
                short = headline(INDICES[index], card)
                shown = (card.n, short.value, short.mutu) if card.n >= SMALL_CELL else (None, None, None)
                wanted[cell] = shown
            assert {r["cell"]: (r["n"], r["value"] and float(r["value"]), r["mutu"]) for r in rows} == wanted
            if kind == "service" and code == "kota":
                assert {r["cell"]: r["name"] for r in rows}["ktp"] == "KTP elektronik"


async def test_cells_by_period_are_the_same(store: Store, answers: list[dict[str, Any]]) -> None:
    rows = await dicts(store, "SELECT * FROM ikm.v_unit_cell WHERE unit = 'kota' AND `index` = 'ikm'")
    assert {row["dimension"] for row in rows} == {"service", "channel", *PROFILE}
    for row in rows:
        span = f"from = {int(row['from'].timestamp())}, to = {int(row['to'].timestamp())}"
        same = await dicts(
            store,
            "SELECT * FROM ikm.p_unit_cell(unit = 'kota', index = 'ikm', dimensions = [{d:String}], "
            f"{span}) WHERE cell = {{c:String}}",
            d=row["dimension"],
            c=row["cell"],
        )
        assert [(one["n"], one["value"], one["name"]) for one in same] == [(row["n"], row["value"], row["name"])]


async def test_services_and_hours_of_the_week_are_those_of_the_core(store: Store) -> None:
    rng = random.Random(9)
    buckets = {
        (rng.choice("abc"), "ikm", NOW_HOUR - rng.randint(0, 400)): card_of("ikm", rng, 6, skipped=0.2)
        for _ in range(90)
    }
    await register(store, UNITS, NOW_MS)
    await put(store, buckets)
    span = f"from = {3600 * (NOW_HOUR - 300)}, to = {3600 * NOW_HOUR}"
    rows = await dicts(store, f"SELECT * FROM ikm.p_unit_hour_of_week(unit = 'kota', index = 'ikm', {span})")
    by_hour: dict[tuple[int, int], list[Scorecard]] = defaultdict(list)
    for (_, _, hour), card in buckets.items():
        if NOW_HOUR - 300 <= hour < NOW_HOUR:
            local = hour + 8
            by_hour[(local // 24 + 3) % 7 + 1, local % 24].append(card)
    totals = {place: headline(INDICES["ikm"], LAYOUTS["ikm"].total(each)) for place, each in by_hour.items()}
    assert {(r["weekday"], r["hour"]): (r["n"], float(r["value"])) for r in rows} == {
        place: (short.n, short.value) for place, short in totals.items()
    }
    (row,) = await dicts(store, f"SELECT * FROM ikm.p_unit_service(unit = 'kota', index = 'ikm', {span})")
    assert row["name"] == "Tidak disebutkan"
    assert row["n"] == sum(short.n for short in totals.values())


async def test_windows_of_a_tree_are_those_of_the_core(store: Store) -> None:
    rng = random.Random(4)
    cards = {code: card_of("ipkp", rng, n) for code, n in (("a", 3), ("b", 40), ("c", 0))}
    rows = [
        (code, "ipkp", "1h", 0, 0, 3600, card.n, card.sum_x, card.sum_xx, list(card.histogram), [], None, None, None,
         True, [], None, None, None, 0, 0, 0, [], [], LOG, 1, 1, 1)
        for code, card in cards.items()
    ]  # fmt: skip
    await register(store, UNITS, NOW_MS)
    await put(store, {("a", "ikm", NOW_HOUR): card_of("ikm", rng, 3)})
    await store.insert("ikm.live", Columns(LIVE, list(zip(*rows, strict=True))))
    found = {r["scope"]: r for r in await dicts(store, "SELECT * FROM ikm.v_unit_live WHERE unit = 'kota'")}
    total = LAYOUTS["ipkp"].total(cards.values())
    assert said(found["pooled"]) == expected(headline(INDICES["ipkp"], total), 240)
    assert said(found["mean"]) == expected(mean_figure(INDICES["ipkp"], cards.values()), 240)


@pytest.mark.parametrize(("before", "now"), [(60, 70), (40, 29), (300, 300)])
async def test_movers_and_periods_are_those_of_the_core(store: Store, before: int, now: int) -> None:
    rng = random.Random(before)
    frozen, running = (
        card_of("ikm", rng, before),
        LAYOUTS["ikm"].total(card_of("ikm", rng, 1, skipped=0.9) for _ in range(now)),
    )
    await register(store, UNITS, NOW_MS)
    await put(store, {("a", "ikm", NOW_HOUR): running})
    closed = headline(INDICES["ikm"], frozen)
    for number, short in enumerate((headline(INDICES["ikm"], card_of("ikm", rng, 5)), closed)):
        figure = {"n": short.n, "value": short.value, "mutu": short.mutu, "kinerja": short.kinerja,
                  "complete": short.complete, "interval": short.interval}  # fmt: skip
        row = (LOG, 0, number, "a", "ikm", "self", "2025-TW4", number, NOW_MS - 10**10, NOW_MS - 10**9, NOW_MS, "sink",
               "", "p", 1, 80, ["a"], None, "{}", json.dumps(figure))  # fmt: skip
        await store.insert("ikm.periods", Columns(PERIODS, [[value] for value in row]))
    live = headline(INDICES["ikm"], running)
    (mover,) = await dicts(store, "SELECT * FROM ikm.v_mover WHERE unit = 'a' AND `index` = 'ikm'")
    wanted = change(_standing(closed), _standing(live))
    shown = tuple(None if mover[name] is None else float(mover[name]) for name in ("difference", "lo", "hi"))
    assert shown == ((None,) * 3 if wanted is None else (wanted.difference, *wanted.interval))
    assert mover["moved"] == (None if wanted is None else wanted.moved)
    rows = await dicts(store, "SELECT * FROM ikm.v_period WHERE unit = 'a' AND `index` = 'ikm' AND scope = 'self'")
    assert {(r["status"], r["number"], r["is_latest"]) for r in rows} == {
        ("beku", 0, 0), ("beku", 1, 1), ("berjalan", None, 1),
    }  # fmt: skip
    assert said(next(r for r in rows if r["number"] == 1)) == expected(closed, 80)
    assert said(next(r for r in rows if r["number"] is None)) == expected(live, 80)


def _standing(short: Any) -> Standing:
    return Standing(short.n, short.value, short.interval, short.mutu)
