from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.board import words
from api.board.assets import load_assets
from api.board.label import UnknownLabelError
from api.board.listing import Listing
from api.board.pages import Pages
from api.board.reader import Reader
from api.board.scale import scale_of
from api.board.sheet import Sheets
from api.board.viewer import Viewer, viewer_of
from ikm.index import IKM
from runtime.web import Problem

METHODS = ["GET", "HEAD"]


def create_router(reader: Reader) -> APIRouter:
    """The pages `/` and `/board/{unit}` with their static files, in Indonesian or English, for people.

    Args:
        reader: Where the pages get units and figures.
    """
    assets, scale = load_assets(), scale_of(IKM)
    pages = Pages(scale, {name: asset.address for name, asset in assets.items()})
    listing, sheets = Listing(reader, IKM, scale), Sheets(reader, scale)
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=METHODS)
    async def units(request: Request, bagian: str = "", unit: str | None = None) -> Response:
        viewer = viewer_of(request)
        try:
            values = await listing.values(unit, member=reader.is_member(request))
            if values is None:
                answer = _no_unit(pages, unit or "", viewer)
            else:
                answer = pages.page("list", values, viewer, part=bagian)
        except Problem as problem:
            answer = pages.problem(problem, viewer)
        viewer.keep(request, answer)
        return answer

    @router.api_route("/board/{code}", methods=METHODS)
    async def board(
        request: Request, code: str, window: str | None = None, period: str | None = None, bagian: str = ""
    ) -> Response:
        viewer, member = viewer_of(request), reader.is_member(request)
        try:
            unit = await reader.unit(code)
            if unit is None:
                return _no_unit(pages, code, viewer)
            values = await sheets.values(unit, window=window, period=period, member=member)
            answer = pages.page("board", values, viewer, part=bagian)
        except UnknownLabelError as unknown:
            heading = words.say("Rentang tidak dikenal")
            answer = pages.message(HTTPStatus.UNPROCESSABLE_ENTITY, heading, str(unknown), viewer)
        except Problem as problem:
            answer = pages.problem(problem, viewer)
        viewer.keep(request, answer)
        return answer

    @router.api_route("/static/{name}", methods=METHODS)
    async def static(name: str) -> Response:
        asset = assets.get(name)
        if asset is None:
            return Response(f"Tidak ada berkas {name}.\n", HTTPStatus.NOT_FOUND, media_type="text/plain")
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(asset.content, HTTPStatus.OK, headers, asset.media_type)

    return router


def _no_unit(pages: Pages, code: str, viewer: Viewer) -> Response:
    cure = words.say("Tidak ada unit “{code}”. Pilih dari daftar semua unit.", code=code)
    return pages.message(HTTPStatus.NOT_FOUND, words.say("Unit tidak ditemukan"), cure, viewer)
