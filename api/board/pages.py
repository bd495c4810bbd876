"""Draws pages: templates in, HTML answers out, with the headers that keep them harmless."""

from collections.abc import Callable, Hashable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi.responses import Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api.board import words
from api.board.scale import Scale
from api.board.viewer import Viewer
from runtime.web import Problem

FRAGMENT = "isi"
"""`?bagian=isi` asks for the part of a page that moves; the page's script puts it in place."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
RETRY_S = 5
KEPT_DRAWINGS = 256
KEPT_PARTS = 8192


class Pages:
    """The templates of the board."""

    def __init__(self, scale: Scale, addresses: Mapping[str, str]) -> None:
        """Load the templates.

        Args:
            scale: the scale that is drawn.
            addresses: static files by name.
        """
        self._environment = Environment(
            loader=PackageLoader("api.board"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {"decimal": words.decimal, "count": words.count}
        self._environment.globals |= {"scale": scale, "static": addresses.__getitem__, "say": words.say}
        self._environment.globals["remembered"] = self._remembered
        self._drawn: dict[Hashable, tuple[Mapping[str, Any], str]] = {}
        self._parts: dict[tuple[str, Hashable], Markup] = {}

    def page(self, name: str, values: Mapping[str, Any], viewer: Viewer, *, part: str) -> Response:
        """A page, or only the part of it that moves."""
        template = f"_{name}.html" if part == FRAGMENT else f"{name}.html"
        return self._answer(template, values, viewer, HTTPStatus.OK)

    def message(self, status: int, heading: str, cure: str, viewer: Viewer, *, retry_s: int | None = None) -> Response:
        """A page that says what is wrong and what to do; with `retry_s` it asks again by itself."""
        values = {"heading": heading, "cure": cure, "retry_s": retry_s, "member": True}
        return self._answer("message.html", values, viewer, status)

    def problem(self, problem: Problem, viewer: Viewer) -> Response:
        """What the API cannot answer now, as a page."""
        if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
            cure = words.say(
                "Sistem belum siap; halaman ini mencoba lagi setiap {seconds} detik. ({detail})",
                seconds=RETRY_S,
                detail=problem.detail,
            )
            return self.message(problem.status, words.say("Sebentar lagi"), cure, viewer, retry_s=RETRY_S)
        return self.message(problem.status, words.say("Tidak dapat ditampilkan"), problem.detail, viewer)

    def _answer(self, template: str, values: Mapping[str, Any], viewer: Viewer, status: int) -> Response:
        return Response(self._draw(template, {**values, "viewer": viewer}), status, HEADERS, "text/html; charset=utf-8")

    def _draw(self, template: str, values: Mapping[str, Any]) -> str:
        """The template with these values; a hall full of phones asks for the very same drawing, made once."""
        key = template, values["member"], values["viewer"], values.get("fragment")
        kept = self._drawn.get(key)
        if kept is not None and kept[0] == values:
            return kept[1]
        if len(self._drawn) >= KEPT_DRAWINGS:
            self._drawn.clear()
        html = self._environment.get_template(template).render(values)
        self._drawn[key] = values, html
        return html

    def _remembered(self, macro: Callable[[Hashable], Markup], value: Hashable) -> Markup:
        """What a macro draws of a value and nothing else: of many units few have changed since the last drawing."""
        key = words.spoken(), value
        if key not in self._parts:
            if len(self._parts) >= KEPT_PARTS:
                self._parts.clear()
            self._parts[key] = macro(value)
        return self._parts[key]
