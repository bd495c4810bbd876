import asyncio
import re
import time
from dataclasses import replace

import pytest

from api.board.listing import KEEP_PERIOD_MS, WAIT_PERIOD_MS, Listing
from api.board.reader import Rhythm
from api.board.scale import scale_of
from ikm.index import IKM
from runtime.web import Problem
from tests.board.boards import GOOD, NOW_MS, POOR, City, cards, unit
from tests.board.html import Page


def listed(city: City) -> Page:
    answer = city.client().get("/")
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


def test_units_stand_worst_first_and_those_without_a_figure_last(city: City) -> None:
    city.add(unit("baik"), cards(*[GOOD] * 40))
    city.add(unit("kosong"))
    city.add(unit("buruk"), cards(*[POOR] * 12))

    page = listed(city)

    assert page.values("data-unit") == ["buruk", "baik", "kosong"]
    assert [letter for letter in page.values("data-tone") if letter in "ABCD"][-2:] == ["D", "B"]
    assert "50,00" in page.text
    assert "n 12 · sementara" in page.text
    assert "n 40" in page.text
    assert "jawaban terakhir 10.02 WIB" in page.text
    assert "belum ada data" in page.text


def test_letters_are_counted(city: City) -> None:
    city.add(unit("baik"), cards(*[GOOD] * 40))
    city.add(unit("kosong"))

    page = listed(city)

    counts = re.findall(r"<b>(.)</b> <span>[^<]*</span></span> <strong>(\d+)</strong>", page.source)
    assert counts == [("D", "0"), ("C", "0"), ("B", "1"), ("A", "0"), ("\N{EN DASH}", "1")]


def test_a_unit_with_old_answers_only_shows_them_labelled(city: City) -> None:
    city.add(unit("sekadau"), cards(*[GOOD] * 49), label="2019-S1")
    city.latest["sekadau"] = "2019-S1"

    page = listed(city)

    assert "83,33" in page.text
    assert "Semester I 2019" in page.text


def test_the_public_sees_no_figure_of_few_answers(city: City) -> None:
    city.member = False
    city.add(unit("kecil"), cards(*[GOOD] * 9))
    city.add(unit("besar"), cards(*[POOR] * 30))

    page = listed(city)

    assert page.values("data-unit") == ["besar", "kecil"]
    assert "50,00" in page.text
    assert "83,33" not in page.text
    assert "n 9" not in page.text
    assert "data belum cukup" in page.text


def test_members_and_the_public_never_share_a_list(city: City) -> None:
    city.add(unit("kecil"), cards(*[GOOD] * 9))
    client = city.client()

    assert "83,33" in client.get("/").text
    city.member = False
    assert "83,33" not in client.get("/").text


def test_a_name_is_text_whatever_it_holds(city: City) -> None:
    name = "<script>alert('x')</script>\"><img src=x onerror=alert(1)> & Co"
    city.add(unit("jahat", name), cards(*[GOOD] * 40))

    for address in ("/", "/?bagian=isi", "/board/jahat", "/board/jahat?bagian=isi"):
        page = Page(city.client().get(address).text)
        assert page.named("img") == [], address
        assert all(script.get("src", "").startswith("/static/board.js") for script in page.named("script")), address
    assert name.lower() + " jahat" in listed(city).values("data-find")
    assert name in listed(city).text


def test_a_silent_worker_marks_its_units(city: City) -> None:
    city.add(unit("a"), cards(*[GOOD] * 40))
    city.seen_ms = NOW_MS - 60_000

    page = listed(city)

    assert "1 dari 1 unit mungkin tidak terbaru" in page.text
    assert "tidak diperbarui" in page.text
    assert "late" in page.values("class")


def test_an_empty_register_says_how_to_fill_it(city: City) -> None:
    assert "PUT /v1/units/" in listed(city).text


def test_many_watchers_cost_one_list_a_second(city: City) -> None:
    for number in range(156):
        city.add(unit(f"unit-{number}"), cards(*[GOOD] * 40))
    client = city.client()

    started = time.perf_counter()
    pages = [client.get("/?bagian=isi").text for _ in range(5)]
    spent = time.perf_counter() - started

    assert city.reads == 156
    assert all(page.count("data-unit=") == 156 for page in pages)
    assert spent < 5
    city.now_ms += 2_000
    client.get("/?bagian=isi")
    assert city.reads == 312


def test_the_list_is_not_ready_before_the_register_is(city: City) -> None:
    city.unavailable = True

    assert city.client().get("/").status_code == 503


def test_what_was_drawn_before_is_drawn_again_only_while_it_is_the_same(city: City) -> None:
    """Whoever saw the page before sees the very same as who comes first."""
    for number in range(12):
        city.add(unit(f"u{number}"), cards(*[GOOD] * (10 + number)))
    watching = city.client()
    watching.get("/")
    for change in ("figure", "name", "late", "language", "day", "member"):
        city.now_ms += 1_100
        match change:
            case "figure":
                city.add(unit("u3"), cards(*[POOR] * 40))
            case "name":
                city.add(unit("u4", "Nama baru"))
            case "late":
                city.seen_ms = None
            case "day":
                city.now_ms += 86_400_000
            case "member":
                city.member = False
        address = "/?lang=en" if change == "language" else "/"
        assert watching.get(address).text == city.client().get(address).text, change


async def test_a_page_does_not_wait_while_the_past_is_read_again(city: City) -> None:
    may_read, read = asyncio.Event(), 0
    may_read.set()

    async def rhythms() -> dict[str, Rhythm]:
        nonlocal read
        await may_read.wait()
        read += 1
        return {code: Rhythm(city.now_ms - 9 * 86_400_000 - read, None) for code in city.units}

    city.add(unit("baik"), cards(*[GOOD] * 40))
    listing = Listing(replace(city.reader(), rhythms=rhythms), IKM, scale_of(IKM))
    await listing.values(None, member=True)
    may_read.clear()
    for _ in range(2):
        city.now_ms += KEEP_PERIOD_MS + 1
        async with asyncio.timeout(10):
            await listing.values(None, member=True)
    assert read == 1
    may_read.set()
    city.now_ms += WAIT_PERIOD_MS
    values = await listing.values(None, member=True)
    assert read >= 2
    assert values is not None
    assert values["rows"][0].silent is not None


async def test_a_past_that_cannot_be_read_again_is_told_when_it_is_too_old(city: City) -> None:
    async def rhythms() -> dict[str, Rhythm]:
        if city.now_ms > NOW_MS:
            raise Problem(503, "the store is away")
        return {}

    city.add(unit("baik"), cards(*[GOOD] * 40))
    listing = Listing(replace(city.reader(), rhythms=rhythms), IKM, scale_of(IKM))
    await listing.values(None, member=True)
    city.now_ms += KEEP_PERIOD_MS + 1
    assert await listing.values(None, member=True) is not None
    city.now_ms += WAIT_PERIOD_MS
    with pytest.raises(Problem, match="the store is away"):
        await listing.values(None, member=True)
