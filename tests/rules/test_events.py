import json

import pytest
from pydantic import ValidationError

from ikm.errors import Code, Refused
from ikm.events import Response, parse_response, parse_withdrawal
from ikm.meaning import CHANNELS
from ikm.profile import PROFILE

from .samples import ITEMS, RECEIVED_MS, body, raw


def parse(data):
    return parse_response(data, received_ms=RECEIVED_MS)


def refused(data):
    with pytest.raises(Refused) as caught:
        parse(data)
    for fault in caught.value.faults:
        assert fault.message.startswith(fault.field) or fault.field == "body"
        assert fault.message.isprintable()
        assert len(fault.message) < 500
    return [(fault.field, fault.code.value) for fault in caught.value.faults]


def test_a_response():
    response = parse(raw(service="ktp", channel="qr", answers={"waktu": 4, "biaya": None}))
    assert (response.unit, response.service, response.channel, response.questionnaire) == (
        "dukcapil",
        "ktp",
        "qr",
        "skm",
    )
    assert response.submitted_at == RECEIVED_MS - 1000
    assert response.scores == {"waktu": 4}
    assert parse(raw().decode()) == parse(raw())


def test_a_response_is_frozen_and_strict():
    response = parse(raw())
    with pytest.raises(ValidationError):
        response.unit = "other"
    with pytest.raises(ValidationError):
        Response(**{**response.__dict__, "submitted_at": "2026-11-23T10:04:05+07:00"})
    assert Response(**response.__dict__) == response
    assert parse(response.model_dump_json()) == response


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_every_channel(channel):
    assert parse(raw(channel=channel)).channel == channel


@pytest.mark.parametrize(("question", "spelling"), [(q, s) for q, known in PROFILE.items() for s in sorted(known)])
def test_every_spelling_of_a_profile_is_kept_as_sent(question, spelling):
    assert parse(raw(respondent={question: spelling})).respondent == {question: spelling}


def test_the_codes_of_a_profile():
    codes = {question: list(dict.fromkeys(known.values())) for question, known in PROFILE.items()}
    assert codes["jenis_kelamin"] == ["L", "P"]
    assert codes["usia"] == ["<20", "20-29", "30-39", "40-49", ">=50"]
    assert codes["pendidikan"] == ["tidak sekolah", "SD", "SMP", "SMA", "D1-D3", "S1", "S2", "S3"]
    assert len(codes["pekerjaan"]) == 10
    assert PROFILE["usia"]["20\N{EN DASH}29"] == "20-29"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"answers": {"waktu": 0}}, "answers.waktu", Code.OUT_OF_SCALE),
        ({"answers": {"waktu": 5}}, "answers.waktu", Code.OUT_OF_SCALE),
        ({"answers": {"waktu": -1}}, "answers.waktu", Code.OUT_OF_SCALE),
        ({"answers": {"waktu": 10**400}}, "answers.waktu", Code.OUT_OF_SCALE),
        ({"answers": {"waktu": 2.5}}, "answers.waktu", Code.WRONG_TYPE),
        ({"answers": {"waktu": 4.0}}, "answers.waktu", Code.WRONG_TYPE),
        ({"answers": {"waktu": "4"}}, "answers.waktu", Code.WRONG_TYPE),
        ({"answers": {"waktu": True}}, "answers.waktu", Code.WRONG_TYPE),
        ({"answers": {"waktu": [4]}}, "answers.waktu", Code.WRONG_TYPE),
        ({"answers": [4] * 9}, "answers", Code.WRONG_TYPE),
        ({"answers": None}, "answers", Code.WRONG_TYPE),
        ({"answers": {}}, "answers", Code.NO_ANSWER),
        ({"answers": {"waktu": None}}, "answers", Code.NO_ANSWER),
        ({"answers": {"waktu": 4, "cuaca": 4}}, "answers.cuaca", Code.UNKNOWN_ITEM),
        ({"answers": {"waktu": 4, "u3": None}}, "answers.u3", Code.UNKNOWN_ITEM),
        ({"answers": {"waktu": 4, "\N{GRINNING FACE}": 4}}, "answers.'\N{GRINNING FACE}'", Code.UNKNOWN_ITEM),
        ({"answers": {"waktu": 4, "": 4}}, "answers.''", Code.UNKNOWN_ITEM),
        ({"answers": ...}, "answers", Code.MISSING_FIELD),
        ({"unit": ...}, "unit", Code.MISSING_FIELD),
        ({"id": ...}, "id", Code.MISSING_FIELD),
        ({"source": ...}, "source", Code.MISSING_FIELD),
        ({"submitted_at": ...}, "submitted_at", Code.MISSING_FIELD),
        ({"revision": ...}, "revision", Code.MISSING_FIELD),
        ({"revision": 0}, "revision", Code.OUT_OF_SCALE),
        ({"revision": 65_536}, "revision", Code.OUT_OF_SCALE),
        ({"revision": 1.0}, "revision", Code.WRONG_TYPE),
        ({"revision": "1"}, "revision", Code.WRONG_TYPE),
        ({"id": ""}, "id", Code.INVALID_NAME),
        ({"id": 7}, "id", Code.WRONG_TYPE),
        ({"id": "a\x00"}, "id", Code.INVALID_NAME),
        ({"id": "\N{GRINNING FACE}"}, "id", Code.INVALID_NAME),
        ({"id": "x" * 129}, "id", Code.INVALID_NAME),
        ({"source": "a|b"}, "source", Code.INVALID_NAME),
        ({"unit": "Dukcapil"}, "unit", Code.INVALID_NAME),
        ({"unit": None}, "unit", Code.WRONG_TYPE),
        ({"service": "a:b"}, "service", Code.INVALID_NAME),
        ({"service": 3}, "service", Code.WRONG_TYPE),
        ({"questionnaire": "spkp"}, "questionnaire", Code.UNKNOWN_QUESTIONNAIRE),
        ({"questionnaire": None}, "questionnaire", Code.WRONG_TYPE),
        ({"channel": "telepati"}, "channel", Code.OUT_OF_SCALE),
        ({"channel": 1}, "channel", Code.WRONG_TYPE),
        ({"respondent": {"nik": "3171234567890123"}}, "respondent.nik", Code.UNKNOWN_FIELD),
        ({"respondent": {"usia": "25"}}, "respondent.usia", Code.OUT_OF_SCALE),
        ({"respondent": {"usia": 25}}, "respondent.usia", Code.WRONG_TYPE),
        ({"respondent": "P"}, "respondent", Code.WRONG_TYPE),
        ({"comment": "bagus"}, "comment", Code.NOT_SUPPORTED_YET),
        ({"comment": None}, "comment", Code.NOT_SUPPORTED_YET),
        ({"colour": "red"}, "colour", Code.UNKNOWN_FIELD),
        ({"submitted_at": "1900-01-01T00:00:00Z"}, "submitted_at", Code.TIME_OUT_OF_RANGE),
        ({"submitted_at": "2999-01-01T00:00:00Z"}, "submitted_at", Code.TIME_OUT_OF_RANGE),
        ({"submitted_at": "2003-12-31T23:59:59.999Z"}, "submitted_at", Code.TIME_OUT_OF_RANGE),
        ({"submitted_at": "2026-11-23T03:09:06.001Z"}, "submitted_at", Code.TIME_OUT_OF_RANGE),
        ({"submitted_at": "2026-11-23T10:04:05"}, "submitted_at", Code.TIME_WITHOUT_OFFSET),
        ({"submitted_at": "2026-11-23T24:00:00Z"}, "submitted_at", Code.WRONG_TYPE),
        ({"submitted_at": "2026-12-31T23:59:60Z"}, "submitted_at", Code.WRONG_TYPE),
        ({"submitted_at": 1_795_403_045_000}, "submitted_at", Code.WRONG_TYPE),
        ({"submitted_at": None}, "submitted_at", Code.WRONG_TYPE),
        ({"submitted_at": "{x}"}, "submitted_at", Code.WRONG_TYPE),
    ],
)
def test_poison(changes, field, code):
    assert refused(raw(**changes)) == [(field, code.value)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"not json",
        b"\xff\xfe",
        b"\xef\xbb\xbf" + raw(),
        raw() + b" x",
        raw().replace(b": 3", b": NaN", 1),
        raw().replace(b": 3", b": Infinity", 1),
        raw().replace(b": 3", b": -Infinity", 1),
        raw(colour=float("nan")),
        raw().replace(b": 3", b": 03", 1),
        raw().replace(b": 3", b": 1" + b"0" * 5000, 1),
        raw().replace(b"r-1", b"r\xff1"),
        raw().replace(b"r-1", b"r\x001"),
        raw().replace(b"r-1", b"r\\ud8001"),
        raw().decode().replace("r-1", "r\ud8001"),
        raw().replace(b"'", b"'").replace(b'"', b"'"),
        b"[" * 100_000,
        raw(colour=...).replace(b'"revision"', b'"deep": ' + b"[" * 5000 + b"]" * 5000 + b', "revision"'),
    ],
)
def test_what_is_not_json(data):
    assert refused(data) == [("body", "malformed_json")]


@pytest.mark.parametrize("data", [b"null", b"[]", b"4", b'"x"', b"[" + raw() + b"]"])
def test_json_that_is_no_object(data):
    assert refused(data) == [("body", "wrong_type")]


def test_the_bounds_of_time_are_inclusive():
    assert parse(raw(submitted_at="2004-01-01T00:00:00Z"))
    assert parse(raw(submitted_at="2026-11-23T03:09:06Z"))


def test_nothing_stands_twice():
    twice = raw().replace(b'"waktu": 3', b'"waktu": 3, "waktu": 4')
    assert refused(twice) == [("waktu", "contradiction")]
    assert refused(raw().replace(b'"revision"', b'"unit": "other", "revision"')) == [("unit", "contradiction")]
    respondent = raw(respondent={"usia": "<20"}).replace(b'"usia"', b'"usia": "<20", "usia"')
    assert refused(respondent) == [("usia", "contradiction")]
    assert parse(raw(id="r\u002d2").replace(b"r-2", b"r\\u002d2")).id == "r-2"


def test_all_problems_are_told_at_once():
    value = body(unit="A", submitted_at="1900-01-01T00:00:00Z", answers={"waktu": 9, "x": 1}, comment="?", channel="x")
    found = refused(json.dumps(value))
    assert found == [
        ("unit", "invalid_name"),
        ("comment", "not_supported_yet"),
        ("submitted_at", "time_out_of_range"),
        ("answers.waktu", "out_of_scale"),
        ("answers.x", "unknown_item"),
        ("channel", "out_of_scale"),
    ]


def test_a_flood_of_problems_is_cut():
    assert len(refused(raw(answers={f"x{n}": 1 for n in range(5000)}))) == 100
    assert len(refused(raw(answers={f"x{n}": "1" for n in range(5000)}))) == 100


def test_messages_do_not_repeat_what_was_not_asked_for():
    secret = "3171234567890123"
    for changes in ({"comment": secret}, {"nik": secret}, {"respondent": {"nik": secret}}):
        with pytest.raises(Refused) as caught:
            parse(raw(**changes))
        assert secret not in str(caught.value)


def test_a_withdrawal():
    withdrawal = parse_withdrawal('{"unit": "u", "source": "s", "id": "r"}')
    assert (withdrawal.unit, withdrawal.source, withdrawal.id) == ("u", "s", "r")


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        (b"{}", "unit", Code.MISSING_FIELD),
        (b'{"unit":"u","source":"s","id":"r","revision":1}', "revision", Code.UNKNOWN_FIELD),
        (b'{"unit":"u","source":"s","id":7}', "id", Code.WRONG_TYPE),
        (b'{"unit":"U","source":"s","id":"r"}', "unit", Code.INVALID_NAME),
        (b'{"unit":"u","source":"s","id":"r","id":"q"}', "id", Code.CONTRADICTION),
        (b'{"unit":"u","source":"s","id":"r"', "body", Code.MALFORMED_JSON),
        (b'{"unit":"u","source":"s","id":NaN}', "body", Code.MALFORMED_JSON),
        ('{"unit":"\ud800"}', "body", Code.MALFORMED_JSON),
    ],
)
def test_what_is_no_withdrawal(data, field, code):
    with pytest.raises(Refused) as caught:
        parse_withdrawal(data)
    assert (caught.value.faults[0].field, caught.value.faults[0].code) == (field, code)


def test_every_item_may_be_skipped_but_one():
    for item in ITEMS:
        assert parse(raw(answers={**dict.fromkeys(ITEMS), item: 1})).scores == {item: 1}
