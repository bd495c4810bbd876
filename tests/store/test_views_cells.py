"""Views over single answers, windows and closings, against the core."""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from ikm.attention import Standing, change
from ikm.cells import named, scorecards
from ikm.figure import headline, mean_figure
from ikm.frame import hide_small_cells
from ikm.index import INDICES
from ikm.period import period_of
from ikm.profile import PROFILE
from ikm.questionnaire import QUESTIONNAIRES
from ikm.registry import Service, Zone
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.tally import TALLIES
from ikm.times import MS_PER_HOUR, ZONES, local_day, midnight_ms
from ikm.tree import Tree
from runtime.clickhouse import Columns, Store
from sinks.cells import Cells
from sinks.live import COLUMNS as LIVE
from sinks.periods import COLUMNS as PERIODS
from sinks.responses import COLUMNS as RESPONSES
from tests.store.counted import LOG, dicts, put, register
from tests.store.registered import Register
from tests.store.test_views import NOW_HOUR, NOW_MS, card_of, expected, said, unit

UNITS = [
    unit("kota", services=(Service(code="ktp", name="KTP elektronik"),)),
    *(unit(code, parent="kota", population=80) for code in ("a", "b", "c")),
]
KTP = Service(code="ktp", name="KTP")
MOVED, MERGED = (local_day(NOW_MS - days * 86_400_000, "Asia/Makassar") for days in (30, 60))
CITY = [
    unit("kota", services=(Service(code="ktp", name="KTP elektronik"),)),
    unit("barat", parent="kota", zone="Asia/Jakarta", services=(KTP,)),
    unit("timur", parent="kota", zone="Asia/Jayapura", services=(KTP,)),
    unit("loket", parent="barat", zone="Asia/Jakarta", services=(KTP,)),
    unit("loket", parent="timur", zone="Asia/Jakarta", services=(KTP,), valid_from=MOVED),
    unit("gerai", parent="timur", zone="Asia/Jayapura",
         services=(Service(code="ktp", name="KTP di gerai"), Service(code="kk", name="Kartu keluarga"))),
    unit("pos", parent="gerai", valid_to=MERGED, merged_into="loket"),
]  # fmt: skip
"""In all zones, one of which moves and one is merged into another; pos has none below it."""
CODES = [*dict.fromkeys(one.code for one in CITY)]
ZONE = {one.code: one.zone for one in CITY}
TREE = Tree(CITY)
KINDS = ["service", "channel", *PROFILE]


def answer(rng: random.Random, number: int) -> dict[str, Any]:
    form = rng.choice([*QUESTIONNAIRES])
    scores = {i.code: rng.choice([*i.levels, None]) for i in QUESTIONNAIRES[form].items}
    said = {q: rng.choice([*spellings]) for q, spellings in PROFILE.items() if rng.random() < 0.7}
    return {
        "unit": rng.choice(CODES), "source": "s", "id": str(number), "log": LOG, "state": 1, "first_offset": number,
        "withdrawn": int(rng.random() < 0.05), "revision": 1,
        "submitted_at": NOW_MS - rng.choice((rng.randint(1, 10**10), rng.randint(1, 10**8))),
        "service": rng.choice(["", "ktp", "kk", "sim"]), "questionnaire": form, "channel": rng.choice(["", "qr", "wa"]),
        "answers": TALLIES[form].digits(scores), "respondent": said,
    }  # fmt: skip


@pytest.fixture
async def answers(store: Store) -> list[dict[str, Any]]:
    """Counted as they come, the first of them in what they said before too."""
    rng = random.Random(3)
    rows = [answer(rng, number) for number in range(900)]
    older = [{**row, "state": 0, "withdrawn": 0, "service": "paspor", "channel": "link"} for row in rows[:200]]
    await register(store, CITY, NOW_MS)
    await put(store, {("loket", "ikm", NOW_HOUR): card_of("ikm", rng, 3)})
    counting = Cells(store, LOG, Register(CITY), 3)
    for some in (older, rows):
        await store.insert("ikm.responses", Columns(RESPONSES, [[row[name] for row in some] for name in RESPONSES]))
        for partition in range(3):
            await counting.count_anew(partition, len(rows))
    return [row for row in rows if not row["withdrawn"]]


def of_tree(answers: list[dict[str, Any]], code: str) -> list[dict[str, Any]]:
    """Of the unit and those that stood below it when it was said."""
    return [row for row in answers if code in {row["unit"], *TREE.ancestors(row["unit"], row["submitted_at"])}]


def cells(answers: list[dict[str, Any]], index: str, kind: str) -> dict[str, Scorecard]:
    """Cell -> scorecard, by `ikm.cells`."""
    counted = [
        (
            str(row["respondent"].get(kind, "") if kind in PROFILE else row[kind]),
            row["questionnaire"],
            row["answers"],
            1,
        )
        for row in answers
    ]
    return scorecards(index, kind, counted)


def hidden(of_kinds: Mapping[tuple[str, str], Scorecard]) -> set[tuple[str, str]]:
    """Kind and cell of those that are not shown."""
    said = {
        kind: hide_small_cells({cell: card.n for (of, cell), card in sorted(of_kinds.items()) if of == kind})
        for kind in KINDS
    }
    return {(kind, cell) for kind, cells in said.items() for cell, n in cells.items() if n is None}


def by(answers: list[dict[str, Any]], index: str, place: Callable[[int], Any]) -> dict[Any, Scorecard]:
    """Scorecards by something of the time at which it was said, UTC epoch ms."""
    found = defaultdict(list)
    for row in answers:
        found[place(row["submitted_at"])].append(row)
    totals = {key: LAYOUTS[index].total(cells(rows, index, "channel").values()) for key, rows in found.items()}
    return {key: card for key, card in totals.items() if card.n}


def spans(rng: random.Random, zone: Zone) -> list[tuple[int, int]]:
    """[from, to) in seconds: of any seconds, of whole local days, within a day, of a while without answers."""
    ends = [sorted(NOW_MS // 1000 - rng.randint(-90_000, 10**7 + 90_000) for _ in range(2)) for _ in range(3)]
    midnights = [[midnight_ms(local_day(1000 * at, zone), zone) // 1000 for at in span] for span in ends[:2]]
    moment = NOW_MS // 1000 - rng.randint(0, 90_000)
    found = [*ends, *midnights, (moment, moment + 5 * 3600), (moment, moment + 1), (0, 2**32 - 1), (86_400, 10**9)]
    return [(start, end) for start, end in found if start < end]


def whole_days(answers: list[dict[str, Any]], zone: Zone, start: int, end: int) -> list[dict[str, Any]]:
    """What was said on the local days that [start, end) touches, seconds."""
    first, last = local_day(1000 * start, zone), local_day(1000 * end - 1, zone)
    return [row for row in answers if first <= local_day(row["submitted_at"], zone) <= last]


def begun_in(found: dict[int, Scorecard], start: int, end: int) -> dict[int, Scorecard]:
    return {ms: card for ms, card in found.items() if 1000 * start <= ms < 1000 * end}


def plain(card: Scorecard, index: str) -> tuple[Any, ...]:
    short = headline(INDICES[index], card)
    return short.n, short.value, short.mutu


def shown(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["n"], row["value"] and float(row["value"]), row["mutu"]


def course(rows: Iterable[dict[str, Any]]) -> dict[int, tuple[Any, ...]]:
    return {
        int(row["from"].timestamp() * 1000): (*shown(row), *(row[end] and float(row[end]) for end in ("lo", "hi")))
        for row in rows
    }


def wanted_course(found: dict[int, Scorecard], index: str) -> dict[int, tuple[Any, ...]]:
    return {
        ms: (*plain(card, index), *(headline(INDICES[index], card).interval or (None, None)))
        for ms, card in found.items()
    }


@pytest.mark.parametrize(("code", "index"), [*((code, "ikm") for code in CODES), ("kota", "ipkp"), ("timur", "ipak")])
async def test_each_view_of_any_range_is_that_of_the_core(
    store: Store, answers: list[dict[str, Any]], code: str, index: str
) -> None:
    zone = ZONE[code]
    ahead_ms, tree = ZONES[zone] * MS_PER_HOUR, of_tree(answers, code)

    def weekday_and_hour(ms: int) -> tuple[int, int]:
        days, rest = divmod(ms + ahead_ms, 24 * MS_PER_HOUR)
        return (days + 3) % 7 + 1, rest // MS_PER_HOUR

    hours = by(tree, index, lambda ms: ms - ms % MS_PER_HOUR)
    days = by(tree, index, lambda ms: midnight_ms(local_day(ms, zone), zone))
    assert hours
    for start, end in spans(random.Random(f"{code}{index}"), zone):

        async def view(name: str, more: str = "", span: str = f"from = {start}, to = {end}") -> list[dict[str, Any]]:
            return await dicts(store, f"SELECT * FROM ikm.{name}(unit = '{code}', index = '{index}', {more}{span})")

        inside = whole_days(tree, zone, start, end)
        found = {
            (row["dimension"], row["cell"]): shown(row) for row in await view("p_unit_cell", f"dimensions = {KINDS}, ")
        }
        of_kinds = {(kind, cell): card for kind in KINDS for cell, card in cells(inside, index, kind).items()}
        unseen = hidden(of_kinds)
        assert found == {key: (None,) * 3 if key in unseen else plain(card, index) for key, card in of_kinds.items()}
        services = {row["service"]: shown(row) for row in await view("p_unit_service")}
        assert services == {cell: plain(card, index) for (kind, cell), card in of_kinds.items() if kind == "service"}
        week = {(row["weekday"], row["hour"]): shown(row) for row in await view("p_unit_hour_of_week")}
        assert week == {place: plain(card, index) for place, card in by(inside, index, weekday_and_hour).items()}
        assert course(await view("p_unit_index_hour")) == wanted_course(begun_in(hours, start, end), index)
        assert course(await view("p_unit_index_day")) == wanted_course(begun_in(days, start, end), index)


async def test_cells_by_period_are_the_same(store: Store, answers: list[dict[str, Any]]) -> None:
    for code in ("kota", "loket", "pos"):
        rows = await dicts(store, f"SELECT * FROM ikm.v_unit_cell WHERE unit = '{code}'")
        places = {(row["period"], row["index"], row["from"], row["to"]) for row in rows}
        assert {(period, index) for period, index, *_ in places} == {
            (period_of("triwulan", row["submitted_at"] // 60_000, ZONE[code]).code, index)
            for row in of_tree(answers, code)
            for index in INDICES
            if by([row], index, int)
        }
        for period, index, start, end in places:
            span = f"from = {int(start.timestamp())}, to = {int(end.timestamp())}"
            same = await dicts(
                store,
                f"SELECT * FROM ikm.p_unit_cell(unit = '{code}', index = '{index}', dimensions = {KINDS}, {span})",
            )
            columns = ("dimension", "cell", "place", "is_hidden", "n", "value", "mutu")
            of_period = [row for row in rows if (row["period"], row["index"]) == (period, index)]
            assert _rows(of_period, columns) == _rows(same, columns)


def _rows(rows: Iterable[dict[str, Any]], columns: Iterable[str]) -> list[str]:
    return sorted(str([row[name] for name in columns]) for row in rows)


async def test_cells_are_called_as_the_register_and_the_form_call_them(
    store: Store, answers: list[dict[str, Any]]
) -> None:
    for code, names in (
        ("kota", {"ktp": "KTP elektronik", "kk": "Kartu keluarga", "sim": "sim"}),
        ("timur", {"ktp": "KTP", "kk": "Kartu keluarga", "sim": "sim"}),
        ("gerai", {"ktp": "KTP di gerai", "kk": "Kartu keluarga", "sim": "sim"}),
    ):
        asked = f"unit = '{code}', index = 'ikm', from = 0, to = {NOW_MS // 1000}"
        rows = await dicts(store, f"SELECT * FROM ikm.p_unit_cell({asked}, dimensions = {KINDS})")
        services = await dicts(store, f"SELECT * FROM ikm.p_unit_service({asked})")
        assert {row["service"]: row["name"] for row in services} == {**names, "": "Tidak disebutkan"}
        for kind in KINDS:
            of_kind = {row["cell"]: (row["place"], row["name"]) for row in rows if row["dimension"] == kind}
            assert {cell: name for cell, (_, name) in of_kind.items()} == {
                cell: {**named(kind, of_kind, names)}[cell] for cell in of_kind
            }
            if kind != "service":
                in_order = [cell for cell in named(kind, of_kind, {}) if cell in of_kind]
                assert sorted(of_kind, key=lambda cell: of_kind[cell]) == in_order


async def test_of_a_unit_that_nobody_registered_nothing_is_shown(store: Store, answers: list[dict[str, Any]]) -> None:
    stranger = {**next(row for row in answers if by([row], "ikm", int)), "unit": "asing", "id": "asing"}
    await store.insert("ikm.responses", Columns(RESPONSES, [[stranger[name]] for name in RESPONSES]))
    for partition in range(3):
        await Cells(store, LOG, Register(CITY), 3).count_anew(partition, 901)
    assert (await store.rows("SELECT sum(n) FROM ikm.cells FINAL WHERE unit = 'asing' AND `index` = 'ikm'"))[0][0]
    for code in ("asing", ""):
        asked = f"unit = '{code}', index = 'ikm', from = 0, to = {NOW_MS // 1000}"
        assert not await dicts(store, f"SELECT * FROM ikm.p_unit_service({asked})")
    assert not await dicts(store, "SELECT * FROM ikm.v_unit_cell WHERE unit = 'asing'")


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
    (own,) = await dicts(store, "SELECT * EXCEPT is_open FROM ikm.v_mover_self WHERE unit = 'a' AND `index` = 'ikm'")
    assert own == mover
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
