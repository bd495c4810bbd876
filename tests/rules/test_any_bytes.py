"""Whatever arrives, it is an event or it is refused with published codes: nothing else is ever raised."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ikm.errors import Code, Refused
from ikm.events import Response, Withdrawal, parse_response, parse_withdrawal
from ikm.partition import partition_of
from ikm.wire import HEADERS, decode, encode

from .samples import ITEMS, RECEIVED_MS, body

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(0, 5)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "x" * 300, "a\x00", "\ud800", "\N{GRINNING FACE}", 10**400, -(10**30), 4.0, "4", "2999"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = (*Response.model_fields, "comment", "x", "\N{GRINNING FACE}")
ANSWERS = st.dictionaries(st.sampled_from((*ITEMS, "x")), st.integers(1, 4) | st.none() | SCALARS, max_size=9)
RESPONDENTS = st.dictionaries(st.sampled_from(["usia", "pendidikan", "nik"]), st.just("SD") | SCALARS, max_size=3)
MUTATED = st.builds(
    lambda changes, answers, respondent: body(**{"answers": answers, "respondent": respondent} | changes),
    st.dictionaries(st.sampled_from(FIELDS), JSON | st.just(...), max_size=3),
    ANSWERS,
    RESPONDENTS,
)


@st.composite
def broken_texts(draw):
    """Valid JSON with a slice replaced by arbitrary bytes."""
    whole = json.dumps(draw(MUTATED), ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    begin = draw(st.integers(0, len(whole)))
    end = draw(st.integers(begin, min(len(whole), begin + 30)))
    return whole[:begin] + draw(st.binary(max_size=12)) + whole[end:]


ANY_BYTES = st.binary(max_size=300) | broken_texts() | JSON.map(lambda v: json.dumps(v).encode())


def check_refusal(refused):
    assert refused.faults
    for fault in refused.faults:
        assert isinstance(fault.code, Code)
        assert fault.field
        assert fault.message.isprintable()
        (fault.field + fault.message).encode()


@settings(max_examples=600, deadline=None)
@given(ANY_BYTES, st.integers(-(10**15), 10**15))
@example(b'{"revision":' + b"9" * 4300 + b"}", 0)
def test_parse_response_returns_or_refuses(data, received_ms):
    try:
        response = parse_response(data, received_ms=received_ms)
    except Refused as refused:
        check_refusal(refused)
    else:
        assert response.scores
        assert set(response.scores.values()) <= {1, 2, 3, 4}
        assert all(type(score) is int for score in response.scores.values())


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec=None)) | ANY_BYTES)
def test_parse_withdrawal_returns_or_refuses(data):
    try:
        assert isinstance(parse_withdrawal(data), Withdrawal)
    except Refused as refused:
        check_refusal(refused)


@settings(max_examples=300, deadline=None)
@given(MUTATED)
def test_what_is_accepted_survives_the_wire(value):
    data = json.dumps(value)
    try:
        response = parse_response(data, received_ms=RECEIVED_MS)
    except Refused as refused:
        check_refusal(refused)
        return
    key, body_, headers = encode(response, received_ms=RECEIVED_MS)
    again = decode(
        key=key,
        value=body_,
        headers=headers,
        timestamp_ms=RECEIVED_MS,
        partition=partition_of(response.unit, 8),
        partitions=8,
    )
    assert again == response


HEADER_VALUES = st.none() | st.binary(max_size=30) | st.sampled_from(
    [b"1.0", b"id.ikm.response.submitted.v1", b"id.ikm.response.withdrawn.v1", b"2026-11-23T03:04:06Z",
     b"application/json"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    key=st.none() | st.binary(max_size=10) | st.just(b"dukcapil"),
    value=st.none() | ANY_BYTES | st.just(json.dumps(body()).encode()),
    headers=st.lists(st.tuples(st.sampled_from(HEADERS) | st.text(max_size=5), HEADER_VALUES), max_size=12)
    | st.fixed_dictionaries(dict.fromkeys(HEADERS, HEADER_VALUES)).map(lambda d: list(d.items())),
    timestamp_ms=st.integers(-1, 2**62),
    partition=st.integers(0, 7),
)
def test_decode_returns_or_refuses(key, value, headers, timestamp_ms, partition):
    fields = {"key": key, "value": value, "headers": headers, "timestamp_ms": timestamp_ms, "partition": partition}
    outcomes = []
    for _ in range(2):
        try:
            outcomes.append(decode(**fields, partitions=8))
        except Refused as refused:
            check_refusal(refused)
            outcomes.append(refused.faults)
    assert outcomes[0] == outcomes[1]
