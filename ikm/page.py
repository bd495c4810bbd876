"""Pages: how the state of a partition is stored, 64 entries to a page.

Key `unit|writer|n`. Value: format version (1), log epoch (8), refold number (4), source position that the page covers
(8), then entries: id hash (16), kind (1), length of the body (2), body; all big-endian. A writer is one assignment of
one worker: nobody else ever writes its keys, so a zombie can't overwrite what its successor wrote, and whatever it
still writes is joined. Reading pages in any order gives the same state.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ikm.entry import ID_HASH_SIZE

Page = tuple[bytes, bytes | None]
"""Key and value of a page record; a value of None deletes the page."""

ENTRIES_PER_PAGE = 64
CONTENT_KIND = 0

_FORMAT = 1
_HEADER = struct.Struct(">BQIQ")
_ENTRY_HEADER = struct.Struct(f">{ID_HASH_SIZE}sBH")


class PageError(ValueError):
    """A page that this version can't read; the message names the cure."""


class PageKey(NamedTuple):
    """Whose page, by which writer, and its number among that writer's pages of the unit."""

    unit: str
    writer: str
    n: int

    def encode(self) -> bytes:
        """`unit|writer|n`."""
        return f"{self.unit}|{self.writer}|{self.n}".encode()

    @classmethod
    def decode(cls, key: bytes) -> "PageKey":
        """The inverse of `encode`.

        Raises:
            PageError: if it is no page key.
        """
        try:
            unit, writer, n = key.decode().split("|")
            return cls(unit, writer, int(n))
        except ValueError as error:
            raise PageError(f"{key!r} is not a page key `unit|writer|n`; {_CURE}") from error


class PageHeader(NamedTuple):
    """What a page is part of, and the source position that it covers."""

    log: int
    refold: int
    position: int


_CURE = "`ikm replay` builds fresh pages from the log"


def encode_entry(id_hash: bytes, body: bytes) -> bytes:
    """One entry as it stands in a page."""
    return _ENTRY_HEADER.pack(id_hash, CONTENT_KIND, len(body)) + body


def encode_page(header: PageHeader, entries: Iterable[bytes]) -> bytes:
    """A page's value from encoded entries."""
    return _HEADER.pack(_FORMAT, *header) + b"".join(entries)


def read_header(value: bytes) -> PageHeader:
    """The header of a page's value.

    Raises:
        PageError: if the format is another version's.
    """
    if len(value) < _HEADER.size or value[0] != _FORMAT:
        raise PageError(f"page format {value[:1]!r} is not {_FORMAT}, which this version reads; {_CURE}")
    return PageHeader(*_HEADER.unpack_from(value)[1:])


def read_entries(value: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(id hash, body) of each entry of a page's value.

    Raises:
        PageError: if it is cut short or holds a kind that this version doesn't know.
    """
    at, end = _HEADER.size, len(value)
    head, unpack = _ENTRY_HEADER.size, _ENTRY_HEADER.unpack_from
    while at < end:
        if at + head > end:
            raise PageError(f"a page of {end} bytes ends inside an entry at byte {at}; {_CURE}")
        id_hash, kind, size = unpack(value, at)
        at += head
        if kind != CONTENT_KIND or at + size > end:
            raise PageError(f"a page entry of kind {kind} and {size} bytes at byte {at} can't be read; {_CURE}")
        yield id_hash, value[at : at + size]
        at += size
