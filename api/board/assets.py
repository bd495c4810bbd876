"""The static files of the pages, read once and addressed by their content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file; `address` changes with its content, so it may be cached for ever."""

    content: bytes
    media_type: str
    address: str


def load_assets() -> Mapping[str, Asset]:
    """Every file of `static/`, by name."""
    return {entry.name: _asset(entry.name, entry.read_bytes()) for entry in (files("api.board") / "static").iterdir()}


def _asset(name: str, content: bytes) -> Asset:
    version = hashlib.sha256(content).hexdigest()[:12]
    return Asset(content, MEDIA_TYPES[name.rpartition(".")[2]], f"/static/{name}?v={version}")
