"""The usual record, read fast: straight from its bytes to its entry, without an event in between.

`entry_from` is what the stream calls for each record. Nothing is decided here: a record that does not obviously have
the form in which ikm itself writes it goes the whole way through `ikm.wire` and `ikm.entry`, where the rules stand and
refusals are worded. What is obvious comes from the questionnaires, patterns and profile answers that those modules
use, and a test holds both ways side by side on any bytes.
"""

from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, Literal, NamedTuple

from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, defstruct
from msgspec.json import Decoder
from msgspec.structs import astuple

from ikm.canonical import respondent_text
from ikm.entry import Entry, content_body, entry_of, id_hash_of
from ikm.errors import Refused
from ikm.events import MOST_REVISIONS, EventType
from ikm.meaning import CHANNELS
from ikm.names import SERVICE, SOURCE, UNIT
from ikm.partition import partition_of
from ikm.profile import PROFILE
from ikm.questionnaire import DEFAULT_FORM, QUESTIONNAIRES, Questionnaire
from ikm.tally import TALLIES
from ikm.times import EARLIEST_MS, FUTURE_MS, MS_PER_MINUTE, parse_rfc3339
from ikm.wire import HEADERS, JSON, LONGEST_VALUE, SPEC, Record, decode_record

_MOST_REMEMBERED: Final = 65_536
_ABSENT: Final = -1
_RUN: Final = 5
_REVISED: Final = {EventType.SUBMITTED.value.encode(): False, EventType.REVISED.value.encode(): True}
_KEYS_AND_TEXTS: Final = 4 * len(("id", "source", "unit", "submitted_at")) + 2 * len(("answers", "revision"))
"""Quotation marks of the fields that every response has, the insides of `answers` not among them."""

_is_id = SOURCE.fullmatch


def entry_from(record: Record, partitions: int) -> Entry:
    """What the fold keeps of a record of a topic with so many partitions: `entry_of(decode_record(…))`.

    Raises:
        Refused: With one fault per problem; nothing else is raised, whatever the bytes.
    """
    return usual_entry(record, partitions) or entry_of(decode_record(record, partitions))


def usual_entry(record: Record, partitions: int) -> Entry | None:  # noqa: PLR0911  one pass without a call to spare
    """The entry of a valid response in the usual form, or None for anything else, valid or not."""
    value, headers = record.value, record.headers
    if value is None or len(value) > LONGEST_VALUE or len(headers) != len(HEADERS):
        return None
    (h0, spec), (h1, event_id), (h2, event_source), (h3, kind), (h4, time), (h5, content) = headers
    if (h0, h1, h2, h3, h4, h5) != HEADERS or spec != SPEC or content != JSON:
        return None
    revised = _REVISED.get(kind)
    if revised is None or not (event_id and event_source and time):
        return None
    try:
        given = _decode(value)
        received, submitted = parse_rfc3339(time.decode("ascii")), parse_rfc3339(given.submitted_at)
        context = _context(given.source, given.service, given.questionnaire, given.channel)
        if context is None:
            return None
        form = context.form
        scores = astuple(form.decode(given.answers))
    except (DecodeError, Refused, UnicodeDecodeError, RecursionError):
        return None
    unit, revision = given.unit, given.revision
    if not (
        _home(record.key, partitions) == (unit, record.partition)
        and EARLIEST_MS <= received <= record.timestamp + FUTURE_MS
        and EARLIEST_MS <= submitted <= received + FUTURE_MS
        and (1 < revision <= MOST_REVISIONS if revised else revision == 1)
        and _is_id(given.id)
    ):
        return None
    marks = cells = 0
    text = ""
    for cut, run in form.runs:
        more_marks, more_text, more_cells = run[scores[cut]]
        marks += more_marks
        text += more_text
        cells += more_cells
    told_quotes, told = _told(given.respondent)
    if not cells or value.count(b'"') != context.quotes + told_quotes + (marks & _QUOTES):
        return None
    payload_hash = sha256(f"{submitted}{context.text}{text[:-1]}|{told}".encode()).digest()
    nibbles = (marks >> _QUOTES_BITS).to_bytes(form.size, "big")
    body = content_body(revision, payload_hash, submitted, form.number, context.service, nibbles)
    counts = submitted // MS_PER_MINUTE, context.service_name, form.cards(cells)
    return Entry(unit, id_hash_of(given.source, given.id), body, counts)


_QUOTES_BITS: Final = 8
_QUOTES: Final = (1 << _QUOTES_BITS) - 1


class _Run(dict[tuple[int | None, ...], tuple[int, str, int]]):
    """What the scores of some items come to, in the order of their codes; worked out when first seen.

    Nibbles with the number of quotation marks below them; canonical text, each pair with a comma after it; cells.
    """

    def __init__(self, form: str, codes: tuple[str, ...]) -> None:
        super().__init__()
        self._tally, self._codes = TALLIES[form], codes

    def __missing__(self, scores: tuple[int | None, ...]) -> tuple[int, str, int]:
        given = {code: score for code, score in zip(self._codes, scores, strict=True) if score != _ABSENT}
        nibbles = self._tally.nibbles(given)
        marks = int.from_bytes(nibbles, "big") << _QUOTES_BITS | 2 * len(given)
        text = "".join(f"{code}={score}," for code, score in given.items() if score is not None)
        found = self[scores] = marks, text, self._tally.cells(nibbles)
        return found


class _Form:
    """How the answers of one questionnaire are read."""

    def __init__(self, form: Questionnaire) -> None:
        items = [form.by_code[code] for code in sorted(form.by_code)]
        codes = tuple(item.code for item in items)
        names = {f"item_{at}": item.code for at, item in enumerate(items)}  # a code need not be a name in Python
        fields: list[tuple[str, Any, int]] = [
            (name, Literal[tuple(item.levels)] | None, _ABSENT) for name, item in zip(names, items, strict=True)
        ]
        if 2 * len(fields) > _QUOTES:
            raise ValueError(f"questionnaire {form.name} has {len(fields)} items: more than can be counted in a byte")
        tally = TALLIES[form.name]
        self.number, self.size, self.cards = form.number, tally.size, tally.cards
        self.decode = Decoder(defstruct("_Answers", fields, rename=names, forbid_unknown_fields=True, gc=False)).decode
        starts = range(0, len(codes), _RUN)
        self.runs = [(slice(at, at + _RUN), _Run(form.name, codes[at : at + _RUN])) for at in starts]


class _Context(NamedTuple):
    """What many responses share: by whom and how they were given."""

    form: _Form
    quotes: int
    text: str
    service: bytes
    service_name: str


_Profile = defstruct(
    "_Profile",
    [(question, Literal[tuple(known)], "") for question, known in PROFILE.items()],
    forbid_unknown_fields=True,
    gc=False,
)


class _Response(Struct, forbid_unknown_fields=True, gc=False):
    id: str
    source: str
    unit: str
    submitted_at: str
    answers: Raw
    revision: int
    service: str | UnsetType | None = UNSET
    questionnaire: str | UnsetType = UNSET
    channel: str | UnsetType | None = UNSET
    respondent: _Profile | UnsetType | None = UNSET  # type: ignore[valid-type]


_decode = Decoder(_Response).decode
_FORMS: Final = {name: _Form(form) for name, form in QUESTIONNAIRES.items()}


@lru_cache(maxsize=_MOST_REMEMBERED)
def _home(key: bytes | None, partitions: int) -> tuple[str, int] | None:
    """The unit that a key names, and the partition in which its records lie."""
    unit = "" if key is None else key.decode("ascii", "replace")
    return (unit, partition_of(unit, partitions)) if UNIT.fullmatch(unit) else None


@lru_cache(maxsize=_MOST_REMEMBERED)
def _context(
    source: str, service: str | UnsetType | None, questionnaire: str | UnsetType, channel: str | UnsetType | None
) -> _Context | None:
    name = DEFAULT_FORM if questionnaire is UNSET else questionnaire
    form = _FORMS.get(name)
    if (
        form is None
        or SOURCE.fullmatch(source) is None
        or not (channel is UNSET or channel is None or channel in CHANNELS)
        or not (service is UNSET or service is None or SERVICE.fullmatch(service))
    ):
        return None
    quotes = _KEYS_AND_TEXTS + sum(
        0 if field is UNSET else 2 if field is None else 4 for field in (service, questionnaire, channel)
    )
    text = f"|{service or ''}|{name}|{channel or ''}|"
    return _Context(form, quotes, text, (service or "").encode(), service or "")


def _told(respondent: Any) -> tuple[int, str]:
    """Quotation marks and canonical text of what a respondent says about themself."""
    if respondent is UNSET:
        return 0, ""
    return (2, "") if respondent is None else _profile(astuple(respondent))


@lru_cache(maxsize=_MOST_REMEMBERED)
def _profile(answers: tuple[str, ...]) -> tuple[int, str]:
    told = {question: answer for question, answer in zip(PROFILE, answers, strict=True) if answer}
    return 2 + 4 * len(told), respondent_text(told)
