"""The sections of a board by service, channel and profile."""

from typing import Any

import pytest

from tests.board.boards import GOOD, City, cards, unit
from tests.board.html import Page

SHOWN = {"mutu": "B", "tier": "terbit", "interval": [80.0, 86.0]}
UNSAID = "Tidak disebutkan"
NOTHING = {"value": None, "mutu": None, "interval": None}


def item(cell: str | None, name: str, n: int | None, value: float | None = None) -> dict[str, Any]:
    said = {**SHOWN, "value": value} if value is not None else {**NOTHING, "tier": "kosong" if n == 0 else "tertutup"}
    return {"cell": cell, "name": name, "n": n, **said}


@pytest.fixture
def told(city: City) -> City:
    city.add(unit("a", "Dinas A"), cards(*[GOOD] * 40))
    services = [item("ktp", "KTP", 30, 83.3), item("kk", "Lainnya", 0), item(None, UNSAID, 10, 80)]
    channels = [item("qr", "Kode QR", 0), item(None, UNSAID, 40, 82.5)]
    people = [item("L", "Laki-laki", 35, 84), item("P", "Perempuan", None), item(None, UNSAID, None)]
    kinds = {"service": services, "channel": channels, "jenis_kelamin": people}
    city.cells["a", "30d"] = [{"by": kind, "items": items} for kind, items in kinds.items()]
    return city


def test_each_kind_of_which_something_was_said_is_a_table(told: City) -> None:
    page = Page(told.client().get("/board/a").text)

    assert [table["data-by"] for table in page.named("table") if "data-by" in table] == ["service", "jenis_kelamin"]
    assert "Per layanan dan kanal" in page.text
    assert "KTP 30 83,30 B Tidak disebutkan 10 80,00 B" in page.text
    assert "Laki-laki 35 84,00 B Perempuan – – – Tidak disebutkan – – –" in page.text  # noqa: RUF001
    assert "kurang dari 5 jawaban" not in page.text


def test_the_public_reads_why_groups_are_missing(told: City) -> None:
    told.member = False

    assert "Kelompok dengan kurang dari 5 jawaban tidak ditampilkan" in Page(told.client().get("/board/a").text).text


def test_answers_are_translated_and_services_are_not(told: City) -> None:
    told.cells["a", "30d"][0]["items"][1] = item("kk", "Lainnya", 20, 80)

    page = Page(told.client().get("/board/a?lang=en").text)

    assert "By service and channel" in page.text
    assert "Lainnya 20 80.00 B Not said 10" in page.text
    assert "Male 35 84.00 B Female" in page.text


def test_a_board_without_cells_has_no_such_section(city: City) -> None:
    city.add(unit("a"), cards(*[GOOD] * 40))

    assert "Profil responden" not in Page(city.client().get("/board/a").text).text
