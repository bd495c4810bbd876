"""What the fold keeps of a response: an id hash and a body whose byte order is the join order.

Body of a withdrawal: one byte 0x01. Body of a content, big-endian so that bytes compare as their fields do:
0x00, revision (2), first 8 bytes of the payload's SHA-256, submitted-at minute (4), questionnaire number (1),
length of the service (1), service, then a nibble per item in form order (0 = not answered).

The state of a response is `max` over the bodies ever seen: withdrawn is terminal, otherwise the content with the
greatest (revision, payload hash) counts.
"""

import struct
from hashlib import sha256
from typing import NamedTuple

from ikm.canonical import digest
from ikm.events import Event, Response
from ikm.questionnaire import QUESTIONNAIRES
from ikm.tally import TALLIES, TALLIES_BY_NUMBER

ID_HASH_SIZE = 16
WITHDRAWN = b"\x01"

_HEAD = struct.Struct(">BH8sIBB")
_MINUTE = slice(11, 15)
_NUMBER, _SERVICE_SIZE = 15, 16
_MS_PER_MINUTE = 60_000
_NUMBERS = {form.id: form.number for form in QUESTIONNAIRES.values()}


class Entry(NamedTuple):
    """One event as the fold sees it."""

    unit: str
    id_hash: bytes
    body: bytes


def entry_of(event: Event) -> Entry:
    """The entry of a valid event."""
    id_hash = sha256(f"{event.source}\0{event.id}".encode()).digest()[:ID_HASH_SIZE]
    if isinstance(event, Response):
        return Entry(event.unit, id_hash, _content(event))
    return Entry(event.unit, id_hash, WITHDRAWN)


def is_content(body: bytes) -> bool:
    """Whether a body counts (it is not a withdrawal)."""
    return body[0] == 0


def counted(body: bytes) -> tuple[int, str, int]:
    """What a content adds and where: its minute, its service, its packed scorecard.

    Raises:
        KeyError: if the body names a questionnaire that this version doesn't know.
    """
    end = _HEAD.size + body[_SERVICE_SIZE]
    card = TALLIES_BY_NUMBER[body[_NUMBER]].card(body[end:])
    return int.from_bytes(body[_MINUTE], "big"), body[_HEAD.size : end].decode(), card


def moment(body: bytes) -> tuple[int, str]:
    """The minute and the service of a content body."""
    return int.from_bytes(body[_MINUTE], "big"), body[_HEAD.size : _HEAD.size + body[_SERVICE_SIZE]].decode()


def _content(response: Response) -> bytes:
    service = response.service.encode() if response.service else b""
    name = response.questionnaire
    minute = response.submitted_at // _MS_PER_MINUTE
    head = _HEAD.pack(0, response.revision, digest(response)[:8], minute, _NUMBERS[name], len(service))
    return head + service + TALLIES[name].nibbles(response.answers)
