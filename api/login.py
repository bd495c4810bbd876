"""`GET /login?token=`: exchanges the token of the link that `ikm up` prints for a cookie, as notebooks do."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from runtime.keys import COOKIE, KeyRing
from runtime.web import Problem

DAYS_30_S = 30 * 86_400


def login_router(keys: KeyRing) -> APIRouter:
    """The route that logs a browser in; the cookie lets it read everything and write nothing."""
    router = APIRouter(tags=["pages"])

    @router.get("/login", status_code=303)
    async def login(request: Request, token: str = "") -> Response:
        """Set the session cookie and go to the first page."""
        session = keys.session(token)
        if session is None:
            raise Problem(
                401,
                "tautan masuk ini tidak dikenal: pakai tautan yang terakhir dicetak oleh `ikm up` "
                "(the token in this link is not known: take the link that `ikm up` printed last)",
            )
        response = RedirectResponse("/", status_code=303, headers={"Cache-Control": "no-store"})
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, session, max_age=DAYS_30_S, httponly=True, samesite="lax", secure=secure)
        return response

    return router
