"""The static files of the pages, read once and addressed by their content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from api.board.figure import NO_TONE
from ikm.index import IKM, NO_COLOUR

MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

_TONES: Final = {band.mutu: band.colour for band in IKM.bands} | {NO_TONE: NO_COLOUR}
_BEFORE: Final = {
    "board.css": ":root {" + "".join(f" --tone-{tone}: {colour};" for tone, colour in _TONES.items()) + " }\n"
}
"""What stands before a file's own text: the colours of the letters are the index's data."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file; `address` changes with its content, so it may be cached for ever."""

    content: bytes
    media_type: str
    address: str


def load_assets() -> Mapping[str, Asset]:
    """Every file of `static/`, by name."""
    entries = (files("api.board") / "static").iterdir()
    return {one.name: _asset(one.name, _BEFORE.get(one.name, "").encode() + one.read_bytes()) for one in entries}


def _asset(name: str, content: bytes) -> Asset:
    version = hashlib.sha256(content).hexdigest()[:12]
    return Asset(content, MEDIA_TYPES[name.rpartition(".")[2]], f"/static/{name}?v={version}")
