"""`/docs`: the addresses and the published codes on one plain page that needs nothing from elsewhere."""

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from ikm.errors import MEANINGS

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;"
    "padding:.35rem .6rem;border-bottom:1px solid #ddd}"
    "code{font-family:ui-monospace,monospace}tr:target{background:#ffc}"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
_METHODS = ("get", "post", "put", "delete")


def docs_router() -> APIRouter:
    """The route of the page; `/openapi.json` says the same to programs."""
    router = APIRouter(include_in_schema=False)

    @router.head("/docs", include_in_schema=False)
    @router.get("/docs")
    async def docs(request: Request) -> Response:
        page = _page(request.app.openapi())
        return Response(page, headers=_HEADERS, media_type="text/html; charset=utf-8")

    return router


def _page(schema: dict[str, Any]) -> str:
    routes = "".join(
        _route(method.upper(), path, operations[method])
        for path, operations in schema["paths"].items()
        for method in _METHODS
        if method in operations
    )
    codes = "".join(
        f'<tr id="{code}"><td><code>{code}</code></td><td>{escape(meaning)}</td></tr>'
        for code, meaning in MEANINGS.items()
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>API IKM</title><style>{_STYLE}</style>"
        "<h1>API IKM</h1>"
        '<p lang="id">Alamat dan kode galat API ini. Untuk program: <a href="/openapi.json">/openapi.json</a>. '
        'Papan untuk orang: <a href="/">/</a>.</p>'
        "<p>Keys: <code>Authorization: Bearer &lt;key&gt;</code>. Without a key a read is the public view. Times are "
        "RFC 3339; every error is <code>application/problem+json</code>.</p>"
        f"<h2>Addresses</h2><table>{routes}</table>"
        f"<h2>Codes</h2><table>{codes}</table></html>"
    )


def _route(method: str, path: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        f"<br><code>{escape(parameter['name'])}</code> {escape(parameter['description'])}"
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query" and "description" in parameter
    )
    text = escape(operation.get("description", "")).replace("\n\n", "<br>")
    return f"<tr><td><code>{method} {escape(path)}</code></td><td>{text}{parameters}</td></tr>"
