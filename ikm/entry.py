"""What the fold keeps of a response: an id hash and a body whose byte order is the join order.

Body of a withdrawal: one byte 0x01. Body of a content, big-endian so that bytes compare as their fields do:
0x00, revision (2), first 8 bytes of the payload's SHA-256, submitted-at minute (4), questionnaire number (1),
length of the service (1), service, then a nibble per item in form order (0 = not answered).

The state of a response is `max` over the bodies ever seen: withdrawn is terminal, otherwise the content with the
greatest (revision, payload hash) counts.
"""

import struct
from hashlib import sha256

from msgspec import Struct

from ikm.canonical import digest
from ikm.events import Event, Response
from ikm.questionnaire import QUESTIONNAIRES
from ikm.tally import TALLIES, TALLIES_BY_NUMBER, Cards

ID_HASH_SIZE = 16
WITHDRAWN = b"\x01"

_HEAD = struct.Struct(">BH8sIBB")
_ORDERED = 11
_MINUTE = slice(_ORDERED, 15)
_NUMBER, _SERVICE_SIZE = 15, 16
_MS_PER_MINUTE = 60_000
_NUMBERS = {name: form.number for name, form in QUESTIONNAIRES.items()}


Counts = tuple[int, str, Cards]
"""What a content adds and where: its minute, its service, its packed scorecard in each index that it counts in."""


class Entry(Struct, frozen=True, gc=False):
    """One event as the fold sees it; `counts` is None for a withdrawal."""

    unit: str
    id_hash: bytes
    body: bytes
    counts: Counts | None


def entry_of(event: Event) -> Entry:
    """The entry of a valid event."""
    id_hash = id_hash_of(event.source, event.id)
    if isinstance(event, Response):
        name, tally = event.questionnaire, TALLIES[event.questionnaire]
        service = event.service.encode() if event.service else b""
        body = content_body(
            event.revision, digest(event), event.submitted_at, _NUMBERS[name], service, tally.nibbles(event.answers)
        )
        return Entry(event.unit, id_hash, body, counted(body))
    return Entry(event.unit, id_hash, WITHDRAWN, None)


def id_hash_of(source: str, response_id: str) -> bytes:
    """What stands for a response inside its unit."""
    return sha256(f"{source}\0{response_id}".encode()).digest()[:ID_HASH_SIZE]


def content_body(  # noqa: PLR0917  in the order in which they stand in it
    revision: int, payload_hash: bytes, submitted_ms: int, form: int, service: bytes, nibbles: bytes
) -> bytes:
    """The body of a content from its fields; `form` is the questionnaire's number."""
    head = _HEAD.pack(0, revision, payload_hash[:8], submitted_ms // _MS_PER_MINUTE, form, len(service))
    return head + service + nibbles


def state_of(event: Event) -> int:
    """Where an event stands in the order of the join: the state of a response is its event with the greatest number.

    Below 2**88: the head of its body, up to the payload's hash.
    """
    head = WITHDRAWN
    if isinstance(event, Response):
        head = content_body(event.revision, digest(event), 0, 0, b"", b"")[:_ORDERED]
    return int.from_bytes(head.ljust(_ORDERED, b"\0"), "big")


def is_content(body: bytes) -> bool:
    """Whether a body counts (it is not a withdrawal)."""
    return body[0] == 0


def counted(body: bytes) -> Counts:
    """What a content body counts.

    Raises:
        KeyError: if the body names a questionnaire that this version doesn't know.
    """
    end = _HEAD.size + body[_SERVICE_SIZE]
    tally = TALLIES_BY_NUMBER[body[_NUMBER]]
    cards = tally.cards(tally.cells(body[end:]))
    return int.from_bytes(body[_MINUTE], "big"), body[_HEAD.size : end].decode(), cards
