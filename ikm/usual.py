"""The usual record, read fast: straight from its bytes to its entry, without an event in between.

`entry_from` is what the stream calls for each record. Nothing is decided here: a record that does not obviously have
the form in which ikm itself writes it goes the whole way through `ikm.wire` and `ikm.entry`, where the rules stand and
refusals are worded. What is obvious comes from the questionnaires, patterns and profile answers that those modules
use, and a test holds both ways side by side.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, Literal, NamedTuple

from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, defstruct
from msgspec.json import Decoder
from msgspec.structs import astuple


from ikm.entry import Entry, content_body, entry_of, id_hash_of
from ikm.errors import Refused
from ikm.events import EventType
from ikm.meaning import CHANNELS
from ikm.names import SERVICE, SOURCE, UNIT
from ikm.partition import partition_of
from ikm.profile import PROFILE
from ikm.questionnaire import QUESTIONNAIRES, Questionnaire
from ikm.tally import TALLIES, complete
from ikm.times import EARLIEST_MS, FUTURE_MS, MS_PER_MINUTE, parse_rfc3339
from ikm.wire import HEADERS, JSON, LONGEST_VALUE, SPEC, Record, decode_record

_MOST_REMEMBERED = 65_536
_ABSENT = -1
_CHUNK = 5
_ID_LIKE = SOURCE.fullmatch


def entry_from(record: Record, partitions: int) -> Entry:
    """What the fold keeps of a record of a topic with so many partitions: `entry_of(decode_record(…))`.

    Raises:
        Refused: With one fault per problem; nothing else is raised, whatever the bytes.
    """
    return _usual(record, partitions) or entry_of(decode_record(record, partitions))


_Respondent = defstruct(
    "_Respondent",
    [(question, Literal[tuple(known)], "") for question, known in PROFILE.items()],  # type: ignore[valid-type]
    forbid_unknown_fields=True,
    gc=False,
)


class _Submitted(Struct, forbid_unknown_fields=True, gc=False):
    id: str
    source: str
    unit: str
    submitted_at: str
    answers: Raw
    revision: int
    service: str | None | UnsetType = UNSET
    questionnaire: str | UnsetType = UNSET
    channel: str | None | UnsetType = UNSET
    respondent: _Respondent | None | UnsetType = UNSET  # type: ignore[valid-type]


class _Context(NamedTuple):
    """What is the same in many responses: where and how they were given."""

    quotes: int
    form: "_Form"
    text: str
    service: bytes
    service_name: str


class _Form:
    """The answers of one questionnaire, by runs of items, each combination of scores worked out when first seen."""

    def __init__(self, form: Questionnaire) -> None:
        self.number = form.number
        codes = sorted(form.by_code)
        items = [form.by_code[code] for code in codes]
        scores = [Literal[(None, *range(item.scale_min, item.scale_max + 1))] for item in items]
        fields = [(code, score, _ABSENT) for code, score in zip(codes, scores, strict=True)]
        self.decode = Decoder(defstruct("_Answers", fields, forbid_unknown_fields=True, gc=False)).decode
        self.size = TALLIES[form.id].size
        self.runs = [
            (slice(at, at + _CHUNK), _Run(form.id, tuple(codes[at : at + _CHUNK])))
            for at in range(0, len(codes), _CHUNK)
        ]


class _Run(dict[tuple[int | None, ...], tuple[int, str, int]]):
    """By the scores of some items, in the order of their codes: nibbles, above a count of quotation marks; text."""

    def __init__(self, form: str, codes: tuple[str, ...]) -> None:
        super().__init__()
        self._tally, self._codes = TALLIES[form], codes

    def __missing__(self, scores: tuple[int | None, ...]) -> tuple[int, str, int]:
        given = {code: score for code, score in zip(self._codes, scores, strict=True) if score != _ABSENT}
        nibbles = self._tally.nibbles(given)
        text = "".join(f"{code}={score}," for code, score in given.items() if score is not None)
        marks = int.from_bytes(nibbles, "big") << 8 | 2 * len(given)
        found = self[scores] = marks, text, self._tally.cells(nibbles)
        return found


_FORMS: Final = {name: _Form(form) for name, form in QUESTIONNAIRES.items()}
_submitted = Decoder(_Submitted).decode
_KINDS: Final = {EventType.SUBMITTED.value.encode(): False, EventType.REVISED.value.encode(): True}


def _usual(record: Record, partitions: int) -> Entry | None:
    value, headers = record.value, record.headers
    if value is None or len(value) > LONGEST_VALUE or len(headers) != 6:
        return None
    (h0, spec), (h1, event_id), (h2, source), (h3, kind), (h4, time), (h5, content) = headers
    revised = _KINDS.get(kind)
    if (
        (h0, h1, h2, h3, h4, h5) != HEADERS
        or revised is None
        or spec != SPEC
        or content != JSON
        or not event_id
        or not source
    ):
        return None
    try:
        given = _submitted(value)
        received, submitted = parse_rfc3339(time.decode("ascii")), parse_rfc3339(given.submitted_at)
    except (DecodeError, Refused, UnicodeDecodeError, AttributeError):
        return None
    unit = given.unit
    context = _context(given.source, given.service, given.questionnaire, given.channel)
    if (
        context is None
        or _home(record.key, partitions) != (unit, record.partition)
        or not EARLIEST_MS <= received <= record.timestamp + FUTURE_MS
        or not EARLIEST_MS <= submitted <= received + FUTURE_MS
        or not (1 < given.revision <= 65535 if revised else given.revision == 1)
        or _ID_LIKE(given.id) is None
    ):
        return None
    form = context.form
    try:
        scores = astuple(form.decode(given.answers))
    except DecodeError:
        return None
    marks = cells = 0
    text = ""
    for cut, run in form.runs:
        more_marks, more_text, more_cells = run[scores[cut]]
        marks += more_marks
        text += more_text
        cells += more_cells
    told_quotes, told = _told(given.respondent)
    if not text or value.count(b'"') != context.quotes + told_quotes + (marks & 255):
        return None
    payload = f"{submitted}{context.text}{text[:-1]}|{told}".encode()
    body = content_body(given.revision, sha256(payload).digest(), submitted, form.number, context.service, (marks >> 8).to_bytes(form.size,"big"))
    counts = submitted // MS_PER_MINUTE, context.service_name, complete(cells)
    return Entry(unit, id_hash_of(given.source, given.id), body, counts)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _home(key: bytes | None, partitions: int) -> tuple[str, int] | None:
    unit = "" if key is None else key.decode("ascii", "replace")
    return (unit, partition_of(unit, partitions)) if UNIT.fullmatch(unit) else None


@lru_cache(maxsize=_MOST_REMEMBERED)
def _context(source, service, questionnaire, channel) -> _Context | None:
    name = "skm" if questionnaire is UNSET else questionnaire
    form = _FORMS.get(name)
    if form is None or SOURCE.fullmatch(source) is None or not (channel is None or channel is UNSET or channel in CHANNELS):
        return None
    if not(service is None or service is UNSET or SERVICE.fullmatch(service)):
        return None
    quotes=12+6
    quotes+=0 if service is UNSET else 2 if service is None else 4
    quotes+=0 if channel is UNSET else 2 if channel is None else 4
    quotes+=0 if questionnaire is UNSET else 4
    quotes+=2
    return _Context(quotes,form,f"|{service or ''}|{name}|{channel or ''}|",service.encode() if service else b"", service or "")


def _told(respondent):
    if not respondent:
        return (0 if respondent is UNSET else 2),""
    return _profile(astuple(respondent))

@lru_cache(maxsize=_MOST_REMEMBERED)
def _profile(answers):
    told={q:a for q,a in zip(PROFILE,answers) if a}
    return 2+4*len(told), ",".join(f"{k}={told[k]}" for k in sorted(told))
