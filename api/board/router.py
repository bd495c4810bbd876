from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.board.assets import load_assets
from api.board.label import UnknownLabelError
from api.board.listing import Listing
from api.board.pages import Pages
from api.board.reader import Reader
from api.board.scale import scale_of
from api.board.sheet import sheet
from ikm.index import IKM
from runtime.web import Problem

METHODS = ["GET", "HEAD"]


def create_router(reader: Reader) -> APIRouter:
    """The pages `/` and `/board/{unit}` with their static files, in Indonesian, for people.

    Args:
        reader: Where the pages get units and figures.
    """
    assets, scale = load_assets(), scale_of(IKM)
    pages = Pages(scale, {name: asset.address for name, asset in assets.items()})
    listing = Listing(reader, IKM, scale)
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=METHODS)
    async def units(request: Request, bagian: str = "") -> Response:
        try:
            return pages.page("list", await listing.values(member=reader.is_member(request)), part=bagian)
        except Problem as problem:
            return pages.problem(problem)

    @router.api_route("/board/{code}", methods=METHODS)
    async def board(
        request: Request, code: str, window: str | None = None, period: str | None = None, bagian: str = ""
    ) -> Response:
        member = reader.is_member(request)
        try:
            unit = await reader.unit(code)
            if unit is None:
                cure = f"Tidak ada unit “{code}”. Pilih dari daftar semua unit."
                return pages.message(HTTPStatus.NOT_FOUND, "Unit tidak ditemukan", cure)
            values = await sheet(reader, unit, IKM, scale, window=window, period=period, member=member)
        except UnknownLabelError as unknown:
            return pages.message(HTTPStatus.UNPROCESSABLE_ENTITY, "Rentang tidak dikenal", str(unknown))
        except Problem as problem:
            return pages.problem(problem)
        return pages.page("board", values, part=bagian)

    @router.api_route("/static/{name}", methods=METHODS)
    async def static(name: str) -> Response:
        asset = assets.get(name)
        if asset is None:
            return Response(f"Tidak ada berkas {name}.\n", HTTPStatus.NOT_FOUND, media_type="text/plain")
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(asset.content, HTTPStatus.OK, headers, asset.media_type)

    return router
