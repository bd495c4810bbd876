import re

import pytest

from api.board.figure import figure_view
from api.board.scale import scale_of
from ikm.index import IKM
from tests.board.boards import GOOD, NOW_MS, POOR, City, cards, unit
from tests.board.html import Page
from tests.rules.cards import one


def board(city: City, address: str) -> Page:
    answer = city.client().get(address)
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


def test_shows_the_figure_its_band_interval_n_and_the_elements_worst_first(city: City) -> None:
    city.add(unit("disdukcapil", "Dinas Kependudukan"), cards(*[GOOD] * 30, *[POOR] * 30))

    page = board(city, "/board/disdukcapil")

    assert page.named("html")[0]["lang"] == "id"
    assert "Dinas Kependudukan" in page.text
    assert "IKM · 30 hari terakhir" in page.text
    assert "66,67" in page.text
    assert "Kurang baik" in page.text
    assert "Jawaban (n) 60" in page.text
    assert re.search(r"Selang kepercayaan 95 % \d\d,\d\d \N{EN DASH} \d\d,\d\d Tidak menyatakan apa pun", page.text)
    assert "Terbit" in page.text
    assert "Jawaban terakhir 10.02 WIB" in page.text
    assert "Langsung · diperbarui 10.04.05 WIB" in page.text
    values = [float(v.replace(",", ".")) for v in re.findall(r'<span class="value">([\d,]+)</span>', page.source)]
    assert len(values) == 9
    assert values == sorted(values)
    assert page.values("data-code")[0] == "prosedur"
    assert "NRR 2,0000 · n 60 · skor rendah 50,00 %" in page.text


def test_an_element_that_nobody_answered_comes_last_and_is_named(city: City) -> None:
    without_fee = (3, 3, 3, 0, 3, 3, 3, 3, 3)
    city.add(unit("rsud"), cards(*[without_fee] * 12))

    page = board(city, "/board/rsud")

    assert page.values("data-code")[-1] == "biaya"
    assert "Belum ada jawaban untuk Biaya/Tarif" in page.text
    assert "Sementara" in page.text
    assert "Pembanding" not in page.text


def test_without_any_answer_there_is_no_figure_and_no_letter(city: City) -> None:
    city.add(unit("baru"))

    page = board(city, "/board/baru")

    assert "Belum ada data" in page.text
    assert page.named("data")[0]["value"] == ""
    assert 'class="pointer" visibility="hidden"' in page.source
    assert not re.search(r'<span class="mutu tone-[ABCD]"', page.source)


def test_a_member_sees_few_answers_and_that_they_are_too_few(city: City) -> None:
    city.add(unit("kecil"), cards(*[GOOD] * 9))

    page = board(city, "/board/kecil")

    assert "Data belum cukup" in page.text
    assert "83,33" in page.text
    assert len(page.values("data-code")) == 9


def test_the_public_sees_no_figure_of_few_answers(city: City) -> None:
    city.member = False
    city.add(unit("kecil"), cards(*[GOOD] * 9))

    page = board(city, "/board/kecil")

    assert "Data belum cukup" in page.text
    assert "83,33" not in page.text
    assert "Sangat baik" not in page.text
    assert "Jawaban (n) \N{EN DASH}" in page.text
    assert page.values("data-code") == []


def test_the_public_sees_the_headline_and_no_element(city: City) -> None:
    city.member = False
    city.add(unit("besar"), cards(*[GOOD] * 40))

    page = board(city, "/board/besar")

    assert "83,33" in page.text
    assert page.values("data-code") == []
    assert "NRR" not in page.text
    assert "Pembanding" not in page.text
    assert "tampil mulai 10 jawaban" in page.text


def test_the_public_sees_the_elements_of_a_frame(city: City) -> None:
    city.add(unit("besar"), cards(*[GOOD] * 43))
    city.frames["besar", "30d"] = cards(*[GOOD] * 40)
    shown = board(city, "/board/besar")
    assert "Dari 43 jawaban" not in shown.text

    city.member = False
    shown = board(city, "/board/besar")
    assert len(shown.values("data-code")) == 9
    assert "Dari 40 jawaban" in shown.text
    assert "n 40" in shown.text
    assert "Jawaban (n) 43" in shown.text


def test_without_a_wish_an_empty_month_gives_way_to_the_latest_period(city: City) -> None:
    city.add(unit("sekadau"), cards(*[GOOD] * 49), label="2019-S1")
    city.latest["sekadau"] = "2019-S1"

    page = board(city, "/board/sekadau")

    assert "IKM · Semester I 2019" in page.text
    assert "1 Januari 2019 \N{EN DASH} 30 Juni 2019" in page.text
    assert "83,33" in page.text
    assert "IKM · Semester I 2019 belum ditutup" in page.text
    assert [a["href"] for a in page.named("a") if a.get("aria-current") == "page"] == ["/board/sekadau?period=2019-S1"]


def test_an_explicit_window_stays_even_when_it_is_empty(city: City) -> None:
    city.add(unit("sekadau"), cards(*[GOOD] * 49), label="2019-S1")
    city.latest["sekadau"] = "2019-S1"

    page = board(city, "/board/sekadau?window=30d")

    assert "IKM · 30 hari terakhir" in page.text
    assert "Belum ada data" in page.text


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("window=1h", "1 jam terakhir"),
        ("window=24h", "24 jam terakhir"),
        ("window=7d", "7 hari terakhir"),
        ("period=2026", "Tahun 2026 berjalan"),
        ("period=2026-S2", "Semester II 2026 berjalan"),
        ("period=2026-TW3", "Triwulan III 2026"),
        ("period=2026-11", "November 2026 berjalan"),
    ],
)
def test_every_window_and_period_has_its_name(city: City, query: str, name: str) -> None:
    city.add(unit("a"))

    assert f"IKM · {name}" in board(city, f"/board/a?{query}").text


def test_a_running_range_follows_the_stream_and_a_past_one_does_not(city: City) -> None:
    city.add(unit("a"))

    assert board(city, "/board/a?window=24h").values("data-stream") == ["/v1/units/a/index/stream?window=24h"]
    assert board(city, "/board/a?period=2026").values("data-stream") == ["/v1/units/a/index/stream?window=30d"]
    assert board(city, "/board/a").values("data-stream") == ["/v1/units/a/index/stream?window=30d"]
    assert board(city, "/board/a?period=2019").values("data-stream") == []


def test_the_moving_part_is_what_the_page_says_it_is(city: City) -> None:
    city.add(unit("a"), cards(*[GOOD] * 40))
    page = board(city, "/board/a?window=7d")
    (address,) = page.values("data-fragment")

    part = city.client().get(address).text

    assert part.strip() in page.source
    assert "<html" not in part


@pytest.mark.parametrize("seen_ms", [None, NOW_MS - 21_000])
def test_a_silent_worker_makes_the_board_visibly_stale(city: City, seen_ms: int | None) -> None:
    city.add(unit("a"), cards(*[GOOD] * 40))
    city.seen_ms = seen_ms

    page = board(city, "/board/a")

    assert page.values("class").count("state stale") == 1
    assert "angka mungkin tidak terbaru" in page.text
    assert "diperbarui 10.04.05" not in page.text


@pytest.mark.parametrize("query", ["window=2h", "period=2019-S3", "period=kemarin", "window=1h&period=2026"])
def test_an_unknown_range_is_refused_with_what_to_send(city: City, query: str) -> None:
    city.add(unit("a"))

    answer = city.client().get(f"/board/a?{query}")

    assert answer.status_code == 422
    assert "Rentang tidak dikenal" in answer.text
    assert 'lang="id"' in answer.text


def test_an_unknown_unit_is_a_page_too(city: City) -> None:
    answer = city.client().get("/board/%3Cscript%3Ealert(1)%3C%2Fscript%3E".replace("%2F", ""))

    assert answer.status_code == 404
    assert 'lang="id"' in answer.text
    assert "<script>alert" not in answer.text


def test_a_page_that_cannot_be_read_yet_tries_again_by_itself(city: City) -> None:
    city.unavailable = True

    answer = city.client().get("/board/a")

    assert answer.status_code == 503
    assert {"http-equiv": "refresh", "content": "5"} in Page(answer.text).named("meta")


def test_the_scale_is_drawn_from_the_index_and_nothing_else(city: City) -> None:
    city.add(unit("a"), cards(*[GOOD] * 40))

    page = board(city, "/board/a")

    drawn = [(band["data-mutu"], band["data-from"]) for band in page.named("rect") if "data-mutu" in band]
    assert drawn == [(band.mutu, f"{band.from_hundredths / 100:.2f}") for band in reversed(IKM.bands)]


def test_a_perfect_hundred_lies_at_the_end_of_the_scale(city: City) -> None:
    city.add(unit("a"), cards(*[(4,) * 9] * 40))

    page = board(city, "/board/a")

    assert "number long" in page.values("class")
    assert page.named("circle")[0]["cx"] == "100.0%"


async def test_equal_elements_keep_the_order_of_the_form(city: City) -> None:
    card = one((3,) * 9)
    city.add(unit("a"), card)
    body = await city._index(city.units["a"], IKM, "window", "30d", public=False)

    view = figure_view(body, IKM, scale_of(IKM), "Asia/Jakarta", NOW_MS)

    assert [element.u for element in view.elements] == list(range(1, 10))


def test_a_kept_drawing_is_never_shown_for_other_figures_or_other_eyes(city: City) -> None:
    city.add(unit("a"), cards(*[GOOD] * 9))
    client = city.client()

    assert "83,33" in client.get("/board/a").text
    city.member = False
    assert "83,33" not in client.get("/board/a").text
    city.member = True
    city.figures["a", "30d"] = cards(*[POOR] * 40)
    assert "50,00" in client.get("/board/a").text
    city.now_ms += 1_000
    assert "diperbarui 10.04.06 WIB" in Page(client.get("/board/a").text).text
