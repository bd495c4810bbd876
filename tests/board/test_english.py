"""Every word of the pages has its English, and every English one is used."""

import re
from importlib.resources import files

from api.board import words
from api.board.english import ENGLISH
from api.board.viewer import THEMES
from ikm.cells import KINDS, UNSAID_NAME
from ikm.figure import TIER_NAMES
from ikm.index import IKM, INDICES
from ikm.meaning import CHANNELS
from ikm.profile import NAMES
from ikm.window import STRETCHES
from tests.board.boards import GOOD, City, cards, unit
from tests.board.html import Page

SAID = re.compile(r"""say\(\s*["']([^"']+)["']""")
PLACE = re.compile(r"\{\w+\}")


def said() -> set[str]:
    board = files("api.board")
    sources = [*board.iterdir(), *(board / "templates").iterdir()]
    texts = [entry.read_text("utf-8") for entry in sources if entry.name.endswith((".py", ".html"))]
    fixed = {*words.MONTHS, *TIER_NAMES.values(), *words.TIER_NOTES.values(), *THEMES, *STRETCHES.values()}
    names = {band.kinerja for band in IKM.bands} | {element.name for element in IKM.elements}
    titles = {index.title for index in INDICES.values() if index is not IKM}
    cells = {
        *KINDS.values(),
        UNSAID_NAME,
        *CHANNELS.values(),
        *(name for each in NAMES.values() for name in each.values()),
    }
    return cells | {text for source in texts for text in SAID.findall(source)} | fixed | names | titles


def test_the_catalogue_is_complete_and_has_no_leftovers() -> None:
    assert ENGLISH.keys() == said()


def test_both_languages_fill_in_the_same_values() -> None:
    for indonesian, english in ENGLISH.items():
        assert sorted(PLACE.findall(indonesian)) == sorted(PLACE.findall(english)), indonesian


def test_english_is_asked_for_by_address_and_kept(city: City) -> None:
    city.add(unit("a", "Dinas A"), cards(*[GOOD] * 40))
    client = city.client()

    answer = client.get("/board/a?lang=en&tema=gelap")

    page = Page(answer.text)
    assert page.named("html") == [{"lang": "en", "data-theme": "dark"}]
    assert "83.33" in page.text
    assert "last 30 days" in page.text
    assert "Live · updated 10:04:05 WIB" in page.text
    kept = {cookie.partition(";")[0] for cookie in answer.headers.get_list("set-cookie")}
    assert kept == {"lang=en", "tema=gelap"}
    assert "83,33" in client.get("/board/a").text


def test_an_unknown_language_is_indonesian(city: City) -> None:
    city.add(unit("a"))

    assert Page(city.client().get("/?lang=fr&tema=ungu").text).named("html") == [{"lang": "id"}]
