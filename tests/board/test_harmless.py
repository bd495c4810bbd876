"""What holds for every page: nothing from elsewhere, nothing inline, readable in light and in dark."""

import re
from importlib.resources import files

import pytest

from api.board.assets import load_assets
from ikm.index import IKM, NO_COLOUR
from tests.board.boards import GOOD, City, cards, unit
from tests.board.html import Page

STATIC = files("api.board") / "static"
CSS = load_assets()["board.css"].content.decode()
ADDRESSES = ["/", "/board/a", "/board/a?period=2019", "/board/nothing", "/board/a?window=9h"]
ELSEWHERE = re.compile(r"(https?:)?//[a-z0-9.-]+\.[a-z]{2,}", re.IGNORECASE)
NAMESPACE = "http://www.w3.org/2000/svg"


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("member", [True, False])
def test_pages_are_indonesian_and_need_nothing_from_elsewhere(city: City, address: str, member: bool) -> None:
    city.member = member
    city.add(unit("a"), cards(*[GOOD] * 40))

    answer = city.client().get(address)
    page = Page(answer.text)

    assert page.named("html") == [{"lang": "id"}]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert not ELSEWHERE.search(answer.text)
    assert len(page.named("h1")) == 1
    assert len(page.named("main")) == 1


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_carry_a_strict_policy_and_keep_it(city: City, address: str) -> None:
    city.add(unit("a"), cards(*[GOOD] * 40))

    answer = city.client().get(address)
    page = Page(answer.text)

    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert page.named("style") == []
    assert page.values("style") == []
    assert all("src" in script for script in page.named("script"))
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_static_files_are_served_under_the_addresses_that_pages_name(city: City) -> None:
    client = city.client()
    page = Page(client.get("/").text)
    addresses = [link["href"] for link in page.named("link")] + [script["src"] for script in page.named("script")]

    for address in addresses:
        answer = client.get(str(address))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert not ELSEWHERE.search(answer.text.replace(NAMESPACE, ""))
    assert client.get("/static/nothing.js").status_code == 404
    assert client.get("/static/..%2Frouter.py").status_code == 404


def test_pages_answer_head(city: City) -> None:
    city.add(unit("a"))

    assert [city.client().head(address).status_code for address in ("/", "/board/a")] == [200, 200]


def test_the_script_never_writes_markup() -> None:
    script = (STATIC / "board.js").read_text("utf-8")

    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)


def colours(theme: int) -> dict[str, str]:
    """Each token's colour: the first of a pair is the light one, the second the dark one."""
    pairs = re.findall(
        r"--([A-Za-z-]+): (?:light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)|(#[0-9a-fA-F]{6}));", CSS.split("* {")[0]
    )
    return {name: both[theme] or both[2] for name, *both in pairs}


LIGHT, DARK = colours(0), colours(1)


def luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "soft", "link", "bad", "good"])
@pytest.mark.parametrize("ground", ["page", "sheet"])
def test_text_stands_out(theme: dict[str, str], ink: str, ground: str) -> None:
    assert contrast(theme[ink], theme[ground]) >= 4.5


def test_letters_stand_out_on_their_colours() -> None:
    expected = {band.mutu: band.colour for band in IKM.bands} | {"none": NO_COLOUR}
    for tone, colour in expected.items():
        found = re.search(rf"\.tone-{tone} {{ background: var\(--tone-(\w+)\); color: (#\w+);", CSS)
        assert found is not None
        assert LIGHT[f"tone-{found[1]}"] == colour
        assert contrast(found[2].replace("#000", "#000000").replace("#fff", "#ffffff"), colour) >= 4.5


def test_the_alarm_and_a_stale_letter_stand_out() -> None:
    assert contrast(LIGHT["alarm-ink"], LIGHT["alarm"]) >= 4.5
    assert contrast("#000000", LIGHT["tone-none"]) >= 4.5
