"""Whatever is sent, the answer is a problem with a published code, and a valid neighbour is kept."""

import gzip
import json
from collections.abc import AsyncIterator

import pytest

from ikm.errors import Code
from tests.web.answers import answer
from tests.web.problems import problem
from tests.web.serving import Served

JSON = {"Content-Type": "application/json"}


def scored(value: str) -> str:
    """An item, as text, whose score for waktu is spelt like this."""
    item = answer("UNIT", "bad", answers={"waktu": "HERE"})
    return json.dumps(item).replace('"HERE"', value)


NOT_JSON = [
    b"",
    b"{",
    b"[1,]",
    b'{"id":"a",}',
    b"nope",
    b"\xff\xfe",
    b'{"id":"\xc3\x28"}',
    scored("NaN").encode(),
    scored("Infinity").encode(),
    scored("-Infinity").encode(),
    b'{"id":"a","id":"b"}',
    b"[" * 100_000,
    b'{"id":"a"} {"id":"b"}',
]

ITEMS = [
    (scored("0"), "answers.waktu", "out_of_scale"),
    (scored("5"), "answers.waktu", "out_of_scale"),
    (scored("-1"), "answers.waktu", "out_of_scale"),
    (scored("1" + "0" * 400), "answers.waktu", "out_of_scale"),
    (scored("2.5"), "answers.waktu", "wrong_type"),
    (scored("4.0"), "answers.waktu", "wrong_type"),
    (scored("1e400"), "answers.waktu", "wrong_type"),
    (scored('"4"'), "answers.waktu", "wrong_type"),
    (scored("true"), "answers.waktu", "wrong_type"),
    (scored("[4]"), "answers.waktu", "wrong_type"),
    (scored("{}"), "answers.waktu", "wrong_type"),
]

FIELDS = [
    ({"answers": {"parkir": 4}}, "answers.parkir", "unknown_item"),
    ({"answers": {"waktu": None}}, "answers", "no_answer"),
    ({"answers": {}}, "answers", "no_answer"),
    ({"answers": [1, 2]}, "answers", "wrong_type"),
    ({"unit": "tidak-ada-di-mana-pun"}, "unit", "unknown_unit"),
    ({"unit": "Huruf Besar"}, "unit", "invalid_name"),
    ({"unit": 7}, "unit", "wrong_type"),
    ({"questionnaire": "lain"}, "questionnaire", "unknown_questionnaire"),
    ({"submitted_at": "1900-01-01T00:00:00Z"}, "submitted_at", "time_out_of_range"),
    ({"submitted_at": "2999-01-01T00:00:00Z"}, "submitted_at", "time_out_of_range"),
    ({"submitted_at": "2026-01-01T00:00:00"}, "submitted_at", "time_without_offset"),
    ({"submitted_at": 1_700_000_000}, "submitted_at", "wrong_type"),
    ({"submitted_at": "kemarin"}, "submitted_at", "wrong_type"),
    ({"id": "a\x00b"}, "id", "invalid_name"),
    ({"id": "😀"}, "id", "invalid_name"),
    ({"id": ""}, "id", "invalid_name"),
    ({"id": "x" * 129}, "id", "invalid_name"),
    ({"source": "a b"}, "source", "invalid_name"),
    ({"service": "\x00"}, "service", "invalid_name"),
    ({"comment": "bagus"}, "comment", "not_supported_yet"),
    ({"revision": 1}, "revision", "unknown_field"),
    ({"extra": 1}, "extra", "unknown_field"),
    ({"channel": "telegram"}, "channel", "out_of_scale"),
]


@pytest.fixture(scope="module")
async def unit(served: Served) -> str:
    await served.register("unit-poison")
    return "unit-poison"


@pytest.mark.parametrize("body", NOT_JSON, ids=lambda body: repr(body[:24]))
async def test_what_is_no_json_is_400(served: Served, unit: str, body: bytes):
    problem(await served.admin.post("/v1/responses", content=body, headers=JSON), 400, "malformed_json")


@pytest.mark.parametrize("body", [b"null", b"7", b'"text"', b"true"])
async def test_json_that_is_no_answer(served: Served, body: bytes):
    problem(await served.admin.post("/v1/responses", content=body, headers=JSON), 422, "wrong_type")


async def test_an_empty_list(served: Served):
    problem(await served.admin.post("/v1/responses", json=[]), 422, "missing_field")


async def refused(served: Served, unit: str, item: str, field: str, code: str) -> None:
    """By itself it is 422; between two neighbours it is named and they are kept."""
    body = problem(await served.admin.post("/v1/responses", content=item.encode(), headers=JSON), 422, code)
    assert [(error["field"], error["code"]) for error in body["errors"]] == [(field, code)], body
    neighbour = json.dumps(answer(unit, "neighbour"))
    listed = f"[{neighbour},{item},{neighbour}]"
    reply = await served.admin.post("/v1/responses", content=listed.encode(), headers=JSON)
    assert (reply.status_code, reply.json()["accepted"]) == (202, 2), reply.text
    assert [(entry["index"], entry["code"]) for entry in reply.json()["rejected"]] == [(1, code)]


@pytest.mark.parametrize(("item", "field", "code"), ITEMS, ids=lambda value: value.rpartition('"answers": ')[2])
async def test_a_poisonous_score(served: Served, unit: str, item: str, field: str, code: str):
    await refused(served, unit, item.replace("UNIT", unit), field, code)


@pytest.mark.parametrize(("changes", "field", "code"), FIELDS, ids=lambda value: str(value)[:40])
async def test_a_poisonous_field(served: Served, unit: str, changes: dict, field: str, code: str):
    await refused(served, unit, json.dumps(answer(unit, "bad") | changes), field, code)


@pytest.mark.parametrize("field", ["id", "unit", "submitted_at", "answers"])
async def test_a_missing_field(served: Served, unit: str, field: str):
    item = answer(unit, "bad")
    del item[field]
    await refused(served, unit, json.dumps(item), field, "missing_field")


async def test_half_a_surrogate_pair(served: Served, unit: str):
    item = json.dumps(answer(unit, "bad")).replace('"bad"', '"\\ud800"')
    reply = await served.admin.post("/v1/responses", content=item.encode(), headers=JSON)
    assert reply.status_code == 422
    assert reply.json()["code"] in set(Code)


async def test_more_than_a_thousand_items(served: Served, unit: str):
    problem(await served.admin.post("/v1/responses", json=[{}] * 1_001), 413, "too_large")
    assert (await served.admin.post("/v1/responses", json=[answer(unit, "a")] * 1_000)).status_code == 202


async def test_ten_megabytes(served: Served):
    body = b"[" + b" " * 10_000_000 + b"]"
    problem(await served.admin.post("/v1/responses", content=body, headers=JSON), 413, "too_large")


async def test_ten_megabytes_in_chunks(served: Served):
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b" " * 65_536

    problem(await served.admin.post("/v1/responses", content=chunks(), headers=JSON), 413, "too_large")


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
async def test_another_content_type(served: Served, unit: str, content_type: str | None):
    headers = {"Content-Type": content_type} if content_type else {}
    body = json.dumps(answer(unit, "a")).encode()
    problem(await served.admin.post("/v1/responses", content=body, headers=headers), 415, "unsupported_media_type")


async def test_a_content_type_with_a_charset(served: Served, unit: str):
    headers = {"Content-Type": "application/JSON; charset=utf-8"}
    body = json.dumps(answer(unit, "a")).encode()
    assert (await served.admin.post("/v1/responses", content=body, headers=headers)).status_code == 202


async def test_an_encoded_body(served: Served, unit: str):
    headers = {**JSON, "Content-Encoding": "gzip"}
    body = gzip.compress(json.dumps(answer(unit, "a")).encode())
    problem(await served.admin.post("/v1/responses", content=body, headers=headers), 415, "unsupported_media_type")
    headers["Content-Encoding"] = "identity"
    plain = json.dumps(answer(unit, "a")).encode()
    assert (await served.admin.post("/v1/responses", content=plain, headers=headers)).status_code == 202
