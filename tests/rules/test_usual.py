"""The fast way through a record says what the careful way says, or nothing."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from ikm.entry import Entry, entry_of
from ikm.errors import Refused
from ikm.events import Response, Withdrawal
from ikm.meaning import CHANNELS
from ikm.partition import partition_of
from ikm.profile import PROFILE
from ikm.questionnaire import QUESTIONNAIRES
from ikm.usual import entry_from, usual_entry
from ikm.wire import HEADERS, decode_record, encode

PARTITIONS = 8
RECEIVED_MS = 1_763_900_000_000


@dataclass(frozen=True)
class Given:
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    timestamp: int = RECEIVED_MS
    partition: int = 0


@st.composite
def responses(draw: st.DrawFn) -> Response:
    """Any valid response; fields that may be left out are sometimes left out, sometimes null, sometimes told."""
    form = QUESTIONNAIRES[draw(st.sampled_from(sorted(QUESTIONNAIRES)))]
    scores = st.sampled_from(form.items).flatmap(
        lambda item: st.tuples(st.just(item.code), st.integers(item.scale_min, item.scale_max) | st.none())
    )
    fields: dict[str, Any] = {
        "service": draw(st.none() | st.sampled_from(("ktp", "K.K-1_"))),
        "questionnaire": form.id,
        "channel": draw(st.none() | st.sampled_from(sorted(CHANNELS))),
        "respondent": draw(
            st.none() | st.fixed_dictionaries({}, optional={q: st.sampled_from(sorted(PROFILE[q])) for q in PROFILE})
        ),
    }
    left_out = draw(st.sets(st.sampled_from(sorted(fields)))) - ({"questionnaire"} if form.id != "skm" else set())
    return Response(
        id=draw(st.from_regex(r"[A-Za-z0-9._:-]{1,128}", fullmatch=True)),
        source=draw(st.sampled_from(("qr", "K:1"))),
        unit=draw(st.sampled_from(("a", "unit-b", "9"))),
        submitted_at=RECEIVED_MS + draw(st.integers(-(10**12) // 2, 300_000)),
        answers=draw(st.lists(scores, min_size=1).map(dict).filter(lambda answers: any(answers.values()))),
        revision=draw(st.sampled_from((1, 1, 2, 65_535))),
        **{name: value for name, value in fields.items() if name not in left_out},
    )


def written(event: Response | Withdrawal) -> Given:
    key, value, headers = encode(event, received_ms=RECEIVED_MS)
    return Given(key, value, headers, partition=partition_of(event.unit, PARTITIONS))


def carefully(record: Given, partitions: int) -> Entry:
    return entry_of(decode_record(record, partitions))


def outcome(record: Given, read: Callable[[Given, int], Entry] = carefully) -> object:
    try:
        return read(record, PARTITIONS)
    except Refused as refused:
        return refused.faults


def both_ways_agree(record: Given) -> None:
    fast, careful = usual_entry(record, PARTITIONS), outcome(record)
    assert fast is None or fast == careful
    assert outcome(record, entry_from) == careful


odd = st.sampled_from(
    (None, True, False, 0, 1, 4, 5, -1, 2.5, 4.0, 65_536, 2**70, "", "4", "skm", "SKM", "ä", "a b", "\0", "😀", [], {},
     [1], {"x": 1}, {"biaya": 4, "x": 1}, {"biaya": None}, {"usia": None}, {"usia": ""}, {"usia": "SD"}, "a" * 129,
     "2025-11-23T10:00:00.000Z", "2025-11-23T10:00:00+07:00", "2025-11-23t10:00:00.9999z", "2025-11-23T10:00:00",
     "2025-13-23T10:00:00.000Z", "2025-11-23T24:00:00.000Z", "2999-01-01T00:00:00.000Z", "1900-01-01T00:00:00.000Z")
)  # fmt: skip
FIELDS = tuple(Response.model_fields)


@given(responses())
def test_what_ikm_writes_itself_is_usual(response: Response) -> None:
    record = written(response)
    assert usual_entry(record, PARTITIONS) == outcome(record) != []


def test_a_withdrawal_takes_the_careful_way() -> None:
    record = written(Withdrawal(unit="a", source="qr", id="1"))
    assert usual_entry(record, PARTITIONS) is None
    both_ways_agree(record)


@given(responses(), st.sampled_from((*FIELDS, "comment", "x")), odd)
@example(
    Response(id="1", source="qr", unit="a", submitted_at=RECEIVED_MS, answers={"biaya": 4}, revision=1),
    "questionnaire",
    "",
)
def test_with_an_odd_field(response: Response, field: str, value: object) -> None:
    record = written(response)
    assert record.value is not None
    both_ways_agree(replace(record, value=json.dumps({**json.loads(record.value), field: value}).encode()))


@given(responses(), st.sampled_from(FIELDS))
def test_without_a_field(response: Response, field: str) -> None:
    record = written(response)
    assert record.value is not None
    rest = {name: value for name, value in json.loads(record.value).items() if name != field}
    both_ways_agree(replace(record, value=json.dumps(rest).encode()))


@given(responses(), st.sampled_from(sorted(QUESTIONNAIRES["skm"].by_code)), odd)
def test_with_an_odd_answer(response: Response, item: str, score: object) -> None:
    record = written(response)
    assert record.value is not None
    value = json.loads(record.value)
    value["answers"][item] = score
    both_ways_agree(replace(record, value=json.dumps(value, ensure_ascii=False).encode()))


@given(responses(), st.data())
def test_with_something_said_twice(response: Response, data: st.DataObject) -> None:
    record = written(response)
    assert record.value is not None
    value = json.loads(record.value)
    inside = data.draw(st.sampled_from([value, value["answers"], value.get("respondent") or value]))
    field = data.draw(st.sampled_from(sorted(inside)))
    pair = f'"{field}":{json.dumps(inside[field], separators=(",", ":"), ensure_ascii=False)}'.encode()
    assert pair in record.value
    twice = record.value.replace(pair, pair + b"," + pair, 1)
    both_ways_agree(replace(record, value=twice))
    assert usual_entry(replace(record, value=twice), PARTITIONS) is None


@given(responses(), st.permutations(FIELDS), st.sampled_from((None, 1)), st.booleans())
def test_in_another_layout(response: Response, order: list[str], indent: int | None, escaped: bool) -> None:
    record = written(response)
    assert record.value is not None
    value = json.loads(record.value)
    text = json.dumps({name: value[name] for name in order if name in value}, indent=indent)
    both_ways_agree(replace(record, value=(text.replace("a", "\\u0061") if escaped else text).encode()))


@given(responses(), st.data())
def test_with_any_bytes_changed(response: Response, data: st.DataObject) -> None:
    record = written(response)
    assert record.value is not None
    at = data.draw(st.integers(0, len(record.value)))
    length = data.draw(st.integers(0, 3))
    other = data.draw(
        st.binary(max_size=3) | st.sampled_from((b'"', b",", b"{", b" ", b"\\", b"\xff", b"0", b".0", b"[" * 2000))
    )
    both_ways_agree(replace(record, value=record.value[:at] + other + record.value[at + length :]))


@given(responses(), st.integers(0, len(HEADERS) - 1), st.data())
def test_with_an_odd_header(response: Response, at: int, data: st.DataObject) -> None:
    record = written(response)
    name, value = record.headers[at]
    others = st.sampled_from((
        (name, b""), (name, None), (name, value + b"x"), (name.upper(), value), (name, b"2025-11-23T10:00:00Z"),
        (name, b"2999-01-01T00:00:00.000Z"), (name, b"id.ikm.response.withdrawn.v1"),
        (name, b"id.ikm.response.revised.v1"),
        ("content-type", b"text/plain"),
    ))  # fmt: skip
    change: Any = data.draw(others)
    headers = [*record.headers[:at], *([change] if data.draw(st.booleans()) else []), *record.headers[at + 1 :]]
    both_ways_agree(replace(record, headers=headers + data.draw(st.sampled_from(([], [change])))))


@given(
    responses(),
    st.sampled_from((None, b"", b"a", b"b", b"\xff", "ä".encode())),
    st.integers(-1, 8),
    st.integers(-(10**6), 10**6),
)
def test_with_another_key_place_or_time(response: Response, key: bytes | None, partition: int, later: int) -> None:
    record = written(response)
    both_ways_agree(replace(record, key=key))
    both_ways_agree(replace(record, partition=partition))
    both_ways_agree(replace(record, timestamp=RECEIVED_MS + later))
    both_ways_agree(replace(record, value=None))
