"""What the pages add to the figures: movers, silence, rank, the whole, the trend, lines, walls."""

import re
import time

import pytest

from api.board.reader import PeriodStep, Rhythm
from ikm.attention import Standing
from tests.board.boards import GOOD, NOW_MS, POOR, City, cards, unit
from tests.board.html import Page

DAY_MS = 86_400_000


def page(city: City, address: str = "/") -> Page:
    answer = city.client().get(address)
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


def test_who_fell_or_fell_silent_stands_before_who_is_well(city: City) -> None:
    for code in ("tenang", "turun", "sunyi"):
        city.add(unit(code), cards(*[(4,) * 9] * 40))
    high, low = Standing(40, 95.0, (93.0, 97.0), "A"), Standing(40, 90.0, (88.5, 91.5), "A")
    city.steps["turun"] = PeriodStep("2026-S1", True, high), PeriodStep("2026-S2", False, low)
    city.rhythms["sunyi"] = Rhythm(NOW_MS - 6 * DAY_MS, 1.0)

    shown = page(city)

    assert shown.values("data-unit") == ["sunyi", "turun", "tenang"]
    assert "▼ \N{MINUS SIGN}5,00 dari Semester I 2026 (beku)" in shown.text
    assert "tanpa jawaban sejak 17 November 2026" in shown.text
    assert "1 turun, 0 naik, 1 tanpa kabar" in shown.text


def test_the_public_does_not_learn_when_few_answers_came(city: City) -> None:
    city.add(unit("kecil"), cards(*[GOOD] * 9))
    city.rhythms["kecil"] = Rhythm(NOW_MS - 6 * DAY_MS, 1.0)

    assert "tanpa jawaban sejak" in page(city).text
    city.member = False
    assert "tanpa jawaban sejak" not in page(city).text


def test_units_whose_intervals_overlap_share_a_rank(city: City) -> None:
    city.add(unit("baik"), cards(*[GOOD] * 40, (4,) * 9))
    city.add(unit("sama"), cards(*[GOOD] * 41))
    city.add(unit("buruk"), cards(*[POOR] * 40, (2,) * 9))

    assert re.findall(r"peringkat (\d)", page(city).source) == ["3", "1", "1"]


def test_the_organisation_stands_above_its_units(city: City) -> None:
    city.add(unit("kota", "Kota"))
    city.add(unit("a", parent="kota"), cards(*[GOOD] * 20))
    city.add(unit("lain"), cards(*[POOR] * 20))
    month = {"n": 20, "value": 83.33, "mutu": "B", "interval": [80.0, 86.0], "tier": "sementara"}
    city.trends["kota"] = [
        {**month, "period": "2026-09", "mutu": "C"},
        *({**month, "period": f"2026-{m}"} for m in (10, 11)),
    ]

    shown = page(city)

    assert "Kota gabungan 1 unit · 30 hari terakhir" in shown.text
    assert "Mutu ini sejak Oktober 2026" in shown.text
    assert page(city, "/?unit=kota").values("data-unit") == ["a", "kota"]
    assert city.client().get("/?unit=tiada").status_code == 404
    city.member = False
    assert "Mutu ini sejak" not in page(city).text


def test_a_unit_shows_its_answers_by_score_and_its_months(city: City) -> None:
    city.add(unit("a"), cards(*[GOOD] * 30, *[POOR] * 10))
    city.trends["a"] = [
        {"period": "2026-10", "n": 0, "value": None, "mutu": None, "interval": None},
        {"period": "2026-11", "n": 40, "value": 75.0, "mutu": "C", "interval": [70.0, 80.0]},
    ]

    shown = page(city, "/board/a")

    assert "Sebaran jawaban: 1: 0, 2: 10, 3: 30, 4: 0" in shown.values("aria-label")
    assert "November 2026 75,00 C 70,00 \N{EN DASH} 80,00 40" in shown.text
    assert "Oktober 2026 \N{EN DASH} \N{EN DASH} \N{EN DASH} 0" in shown.text
    city.member = False
    assert "November 2026 75,00 C" in page(city, "/board/a").text
    city.now_ms += 11_000
    city.trends["a"][1] |= {"n": None, "value": None, "mutu": None, "interval": None}
    assert "Tren per bulan" not in page(city, "/board/a").text


def test_a_mover_is_judged_by_its_last_frozen_number(city: City) -> None:
    city.add(unit("a"), cards(*[GOOD] * 40))
    high, low = Standing(40, 95.0, (93.0, 97.0), "A"), Standing(40, 85.0, (83.5, 86.5), "B")
    city.steps["a"] = (
        PeriodStep("2025-S2", True, high),
        PeriodStep("2026-S1", False, low),
        PeriodStep("2026-S2", False, low),
    )

    shown = page(city).text

    assert "▼ \N{MINUS SIGN}10,00 dari Semester II 2025 (beku)" in shown
    assert "Semester I 2026 belum ditutup pada 1 unit" in shown
    assert "mutu sejak Semester I 2026" in shown
    assert "Mutu ini sejak Semester I 2026" in page(city, "/board/a").text


@pytest.mark.parametrize(
    ("letters", "said"),
    [("AB", "mutu sejak Semester II 2026"), ("BB", "mutu setidaknya sejak Semester I 2026"), ("BA", "mutu baru dalam")],
)
def test_a_unit_says_since_when_its_letter_holds(city: City, letters: str, said: str) -> None:
    city.add(unit("a"), cards(*[GOOD] * 40))
    before, now = (Standing(10, 85.0, (80.0, 90.0), letter) for letter in letters)
    city.steps["a"] = PeriodStep("2026-S1", True, before), PeriodStep("2026-S2", False, now)

    assert said in page(city).text
    few = Standing(9, 85.0, (80.0, 90.0), letters[1])
    city.steps["a"] = PeriodStep("2026-S1", True, few), PeriodStep("2026-S2", False, few)
    city.now_ms += 11_000
    assert "mutu" not in page(city).text


def test_sample_and_target_stand_beside_a_unit_and_in_its_periods(city: City) -> None:
    aim = {"period": "2026-S2", "index": "ikm", "n": 80, "value": 88.31}
    city.add(unit("a", population=100, targets=(aim,)), cards(*[GOOD] * 40))
    city.figures["a", "2026-S2"] = cards(*[GOOD] * 40)
    city.steps["a"] = (PeriodStep("2026-S2", False, Standing(40, 83.33, (80.0, 90.0), "B")),)

    assert "sampel 50,00 % · target 88,31 (\N{MINUS SIGN}4,98) · target n 80 (50,00 %)" in page(city).text
    shown = page(city, "/board/a").text
    assert "Ukuran sampel (Krejcie & Morgan): 50,00 % dari 80 jawaban" in shown
    assert "Target: 88,31 · belum tercapai (\N{MINUS SIGN}4,98) 50,00 % dari 80 jawaban" in shown


def test_a_board_says_what_is_frozen_and_what_came_later(city: City) -> None:
    city.add(unit("a"), cards(*[GOOD] * 40))
    city.figures["a", "2026-S1"] = cards(*[GOOD] * 30)

    assert "Semester I 2026 belum ditutup" in page(city, "/board/a").text
    city.frozen["a", "2026-S1"] = {
        "status": "beku",
        "number": 1,
        "frozen_at": "2026-07-08T01:00:00Z",
        "late": {"n": -2, "value": 0.25},
    }
    city.now_ms += 11_000
    shown = page(city, "/board/a").text
    assert "Semester II 2026 berjalan" in shown
    assert "Semester I 2026 beku, koreksi ke-1, 8 Juli 2026; sesudahnya n \N{MINUS SIGN}2, indeks +0,25" in shown
    assert "IKM · Semester I 2026 beku, koreksi ke-1" in page(city, "/board/a?period=2026-S1").text


def test_what_is_read_aloud_does_not_tick(city: City) -> None:
    city.add(unit("a"), cards(*[GOOD] * 30))
    spoken = re.compile(r'<p class="sr" role="status">([^<]*)</p>')

    for address, said in (("/", "0 turun, 0 naik, 0 tanpa kabar"), ("/board/a", "Skala IKM: 83,33")):
        (before,) = spoken.findall(page(city, address).source)
        assert said in before
        city.now_ms += 2_000
        assert spoken.findall(page(city, address).source) == [before]
        city.seen_ms, seen_ms = None, city.seen_ms
        city.now_ms += 2_000
        (warned,) = spoken.findall(page(city, address).source)
        assert "mungkin tidak terbaru" in warned
        city.seen_ms = seen_ms


def test_a_wall_is_the_same_page_without_its_handles(city: City) -> None:
    city.add(unit("a"), cards(*[GOOD] * 30))

    assert page(city, "/board/a?tv").named("body") == [{"class": "board tv"}]
    assert page(city, "/board/a").named("body") == [{"class": "board"}]


def test_a_thousand_units_are_drawn_in_time(city: City) -> None:
    for number in range(1000):
        city.add(unit(f"u{number}"), cards(*[GOOD] * (10 + number % 90)))
    client = city.client()
    client.get("/")
    spent = []
    for _ in range(5):
        city.now_ms += 2_000
        started = time.perf_counter()
        client.get("/")
        spent.append(time.perf_counter() - started)

    assert min(spent) < 2
