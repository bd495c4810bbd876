import json

import pytest

from ikm.errors import Code, Refused
from ikm.events import EventType, Withdrawal, parse_response
from ikm.partition import partition_of
from ikm.wire import HEADERS, decode, encode, received_ms

from .samples import RECEIVED_MS, raw

RESPONSE = parse_response(raw(), received_ms=RECEIVED_MS)
WITHDRAWAL = Withdrawal(unit="dukcapil", source="kiosk", id="r-1")


def record(event=RESPONSE, **changes):
    """A valid record of an event, with changes; `headers` changes single headers, None leaves one out."""
    key, value, headers = encode(event, received_ms=RECEIVED_MS)
    altered = {**dict(headers), **changes.pop("headers", {})}
    return {
        "key": key,
        "value": value,
        "headers": [(name, text) for name, text in altered.items() if text is not None],
        "timestamp_ms": RECEIVED_MS,
        "partition": partition_of("dukcapil", 8),
        "partitions": 8,
        **changes,
    }


def refused(**fields):
    with pytest.raises(Refused) as caught:
        decode(**fields)
    return [(fault.field, fault.code.value) for fault in caught.value.faults]


def test_a_record_is_cloudevents_in_binary_mode():
    key, value, headers = encode(RESPONSE, received_ms=RECEIVED_MS)
    assert key == b"dukcapil"
    assert json.loads(value) == json.loads(raw()) | {"submitted_at": "2026-11-23T03:04:05.000Z"}
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"r-1/1",
        "ce_source": b"/units/dukcapil/sources/kiosk",
        "ce_type": b"id.ikm.response.submitted.v1",
        "ce_time": b"2026-11-23T03:04:06.000Z",
        "content-type": b"application/json",
    }
    assert tuple(dict(headers)) == HEADERS
    assert received_ms(dict(headers)) == RECEIVED_MS


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (RESPONSE, EventType.SUBMITTED),
        (RESPONSE.model_copy(update={"revision": 2}), EventType.REVISED),
        (WITHDRAWAL, EventType.WITHDRAWN),
    ],
)
def test_events_come_back_as_they_went(event, kind):
    fields = record(event)
    assert dict(fields["headers"])["ce_type"] == kind.encode()
    assert decode(**fields) == event


def test_a_withdrawal_says_only_which_response():
    assert json.loads(record(WITHDRAWAL)["value"]) == {"unit": "dukcapil", "source": "kiosk", "id": "r-1"}


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("text", [None, b""])
def test_every_header_is_required(name, text):
    assert refused(**record(headers={name: text})) == [(name, "missing_header")]


def test_all_missing_headers_are_told():
    assert refused(**record() | {"headers": []}) == [(name, "missing_header") for name in HEADERS]
    assert refused(**record() | {"headers": [(name, None) for name in HEADERS]})[0] == (HEADERS[0], "missing_header")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"value": None}, "value", Code.TOMBSTONE),
        ({"value": None, "headers": [], "key": None}, "value", Code.TOMBSTONE),
        ({"value": b""}, "body", Code.MALFORMED_JSON),
        ({"value": b"not json"}, "body", Code.MALFORMED_JSON),
        ({"key": None}, "key", Code.KEY_MISMATCH),
        ({"key": b""}, "key", Code.KEY_MISMATCH),
        ({"key": b"other"}, "key", Code.KEY_MISMATCH),
        ({"key": b"\xff"}, "key", Code.KEY_MISMATCH),
        ({"partition": (partition_of("dukcapil", 8) + 1) % 8}, "partition", Code.WRONG_PARTITION),
        ({"headers": {"ce_specversion": b"0.3"}}, "ce_specversion", Code.UNKNOWN_TYPE),
        ({"headers": {"ce_type": b"id.ikm.response.submitted.v2"}}, "ce_type", Code.UNKNOWN_TYPE),
        ({"headers": {"ce_type": b"\xff"}}, "ce_type", Code.UNKNOWN_TYPE),
        ({"headers": {"ce_type": b"id.ikm.response.revised.v1"}}, "revision", Code.CONTRADICTION),
        ({"headers": {"content-type": b"text/plain"}}, "content-type", Code.UNSUPPORTED_MEDIA_TYPE),
        ({"headers": {"ce_time": b"yesterday"}}, "ce_time", Code.WRONG_TYPE),
        ({"headers": {"ce_time": b"\xff"}}, "ce_time", Code.WRONG_TYPE),
        ({"headers": {"ce_time": b"2026-11-23T03:04:06"}}, "ce_time", Code.TIME_WITHOUT_OFFSET),
        ({"headers": {"ce_time": b"2026-11-23T03:09:06.001Z"}}, "ce_time", Code.TIME_OUT_OF_RANGE),
        ({"headers": {"ce_time": b"1900-01-01T00:00:00Z"}}, "ce_time", Code.TIME_OUT_OF_RANGE),
        ({"headers": {"ce_time": b"2026-11-22T03:04:06Z"}}, "submitted_at", Code.TIME_OUT_OF_RANGE),
        ({"timestamp_ms": -1}, "ce_time", Code.TIME_OUT_OF_RANGE),
    ],
)
def test_poison_on_the_topic(changes, field, code):
    fields = record(**{k: v for k, v in changes.items() if k != "headers" or isinstance(v, dict)})
    if isinstance(changes.get("headers"), list):
        fields["headers"] = changes["headers"]
    assert refused(**fields) == [(field, code.value)]


def test_a_submission_is_revision_1_and_a_revision_is_not():
    revised = RESPONSE.model_copy(update={"revision": 2})
    submitted = {"ce_type": b"id.ikm.response.submitted.v1"}
    assert refused(**record(revised, headers=submitted)) == [("revision", "contradiction")]


def test_a_withdrawal_is_no_submission():
    assert ("answers", "missing_field") in refused(
        **record(WITHDRAWAL, headers={"ce_type": b"id.ikm.response.submitted.v1"})
    )
    assert ("answers", "unknown_field") in refused(
        **record(RESPONSE, headers={"ce_type": b"id.ikm.response.withdrawn.v1"})
    )


def test_a_content_type_may_name_its_charset():
    assert decode(**record(headers={"content-type": b"Application/JSON; charset=utf-8"})) == RESPONSE


def test_received_as_late_as_the_clocks_may_differ():
    assert decode(**record(headers={"ce_time": b"2026-11-23T03:09:06Z"})) == RESPONSE


def test_the_past_of_a_replay_is_judged_by_its_own_time():
    assert decode(**record(timestamp_ms=RECEIVED_MS + 10**12)) == RESPONSE
