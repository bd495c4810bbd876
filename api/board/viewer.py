"""How whoever looks wants the pages: language and theme, from the address and kept in cookies; a wall is its own."""

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from api.board import words

LANG: Final = "lang"
THEME: Final = "tema"
WALL: Final = "tv"
THEMES: Final = {"otomatis": None, "terang": "light", "gelap": "dark"}
"""As an address says them, and as the stylesheet does; None follows the device."""
_KEEP_S: Final = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Switch:
    """A link that changes language or theme of this very page."""

    code: str
    name: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Viewer:
    """Language, theme (None: the device's) and whether a wall shows the page; `switches` lead to the others."""

    lang: words.Language
    theme: Literal["light", "dark"] | None
    wall: bool
    languages: tuple[Switch, ...]
    themes: tuple[Switch, ...]

    def keep(self, request: Request, response: Response) -> None:
        """Put into cookies what the address chose."""
        for name in (LANG, THEME):
            if name in request.query_params:
                response.set_cookie(name, _chosen(request, name), max_age=_KEEP_S, httponly=True, samesite="lax")


def viewer_of(request: Request) -> Viewer:
    """The viewer behind a request; from here on the request's words are in that language."""
    lang: words.Language = "en" if _chosen(request, LANG) == "en" else "id"
    words.speak(lang)
    theme = _chosen(request, THEME)
    return Viewer(
        lang=lang,
        theme="light" if theme == "terang" else "dark" if theme == "gelap" else None,
        wall=WALL in request.query_params,
        languages=tuple(
            Switch(code, name, _with(request, LANG, code), code == lang) for code, name in words.LANGUAGES.items()
        ),
        themes=tuple(
            Switch(code, words.say(code), _with(request, THEME, code), THEMES[theme] == THEMES[code]) for code in THEMES
        ),
    )


def _chosen(request: Request, name: str) -> str:
    known = words.LANGUAGES if name == LANG else THEMES
    for place in (request.query_params, request.cookies):
        if place.get(name) in known:
            return place[name]
    return next(iter(known))


def _with(request: Request, name: str, value: str) -> str:
    """The address of this page with one parameter replaced; the part that moves is never an address of its own."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in {name, "bagian"}]
    return f"?{urlencode([*kept, (name, value)])}"
