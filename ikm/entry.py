"""What the fold keeps of a response: an id hash and a body whose byte order is the join order.

Body of a withdrawal: one byte 0x01. Body of a content, big-endian so that bytes compare as their fields do:
0x00, revision (2), first 8 bytes of the payload's SHA-256, submitted-at minute (4), questionnaire number (1),
length of the service (1), service, then a nibble per item in form order (0 = not answered).

The state of a response is `max` over the bodies ever seen: withdrawn is terminal, otherwise the content with the
greatest (revision, payload hash) counts.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from ikm.canonical import digest
from ikm.events import Event, Response
from ikm.questionnaire import QUESTIONNAIRES, Questionnaire
from ikm.scorecard import ELEMENT_CODES, increment

ID_HASH_SIZE = 16
WITHDRAWN = b"\x01"

_MINUTE = slice(11, 15)
_TAIL = slice(15, None)
_MS_PER_MINUTE = 60_000
_TAILS_KEPT = 200_000


class Entry(NamedTuple):
    """One event as the fold sees it."""

    unit: str
    id_hash: bytes
    body: bytes


class Counted(NamedTuple):
    """What a content adds and where: `card` is a packed scorecard."""

    minute: int
    service: str
    card: int


def entry_of(event: Event) -> Entry:
    """The entry of a valid event."""
    id_hash = sha256(f"{event.source}\0{event.id}".encode()).digest()[:ID_HASH_SIZE]
    if isinstance(event, Response):
        return Entry(event.unit, id_hash, _content(event))
    return Entry(event.unit, id_hash, WITHDRAWN)


def is_content(body: bytes) -> bool:
    """Whether a body counts (it is not a withdrawal)."""
    return body[0] == 0


def counted(body: bytes) -> Counted:
    """Minute, service and packed scorecard of a content body.

    Raises:
        KeyError: if the body names a questionnaire that this version doesn't know.
    """
    tail = body[_TAIL]
    known = _TAILS.get(tail)
    if known is None:
        known = _read_tail(tail)
    return Counted(int.from_bytes(body[_MINUTE], "big"), *known)


_TAILS: dict[bytes, tuple[str, int]] = {}
"""Service and packed scorecard by body tail: answers repeat far more often than not."""

_BY_NUMBER: Mapping[int, Questionnaire] = {form.number: form for form in QUESTIONNAIRES.values()}
_CODES: Mapping[str, tuple[str, ...]] = {
    form.id: tuple(item.code for item in sorted(form.items, key=lambda item: item.order))
    for form in QUESTIONNAIRES.values()
}


def _content(response: Response) -> bytes:
    form = QUESTIONNAIRES[response.questionnaire]
    service = (response.service or "").encode()
    answers = response.answers
    scores = [answers.get(code) or 0 for code in _CODES[form.id]]
    if len(scores) % 2:
        scores.append(0)
    return b"".join(
        (
            b"\x00",
            response.revision.to_bytes(2, "big"),
            digest(response)[:8],
            (response.submitted_at // _MS_PER_MINUTE).to_bytes(4, "big"),
            bytes((form.number, len(service))),
            service,
            bytes([high << 4 | low for high, low in zip(scores[::2], scores[1::2], strict=True)]),
        )
    )


def _read_tail(tail: bytes) -> tuple[str, int]:
    form = _BY_NUMBER[tail[0]]
    service_end = 2 + tail[1]
    nibbles = [nibble for byte in tail[service_end:] for nibble in (byte >> 4, byte & 15)]
    scores = dict(zip(_CODES[form.id], nibbles, strict=False))
    element_of = {item.element: item.code for item in form.items}
    card = increment([scores.get(element_of[element], 0) for element in ELEMENT_CODES])
    if len(_TAILS) >= _TAILS_KEPT:
        _TAILS.clear()
    known = _TAILS[tail] = (tail[2:service_end].decode(), card)
    return known
