"""What the HTTP edge puts on the topics is what the contracts say, and who may call what.

Each answer that any test of this folder gets is held against the contract by its client (`tests.web.serving`).
"""

import re
from collections.abc import Callable

import pytest

from runtime.topics import RESPONSES, UNITS
from tests.contracts.conformity import assert_conforms
from tests.contracts.http import document_of
from tests.stream.topics import read_all
from tests.web.answers import answer
from tests.web.serving import Served


async def test_every_kind_of_record_that_the_edge_writes(
    served: Served, kafka: str, unique: Callable[[str], str]
) -> None:
    unit = unique("loket")
    services = [{"code": "ktp", "name": "KTP"}]
    await served.register(unit, type="kelurahan", services=services, population=1000, location={"lat": 0.1})
    more = {"service": "ktp", "channel": "qr", "respondent": {"usia": "<20"}}
    zi = {"questionnaire": "lengkap", "answers": {"waktu": 4, "ipkp.tarif": 6, "ipak.pungli": None}}
    posted = await served.source.post(
        "/v1/responses", json=[answer(unit, "a", **more), answer(unit, "b", **zi), answer(unit, "c", channel=None)]
    )
    assert posted.status_code == 202, posted.text
    place = f"/v1/units/{unit}/responses/kiosk/a"
    assert (await served.source.put(place, json={**answer(unit, "a"), "revision": 2})).status_code == 202
    assert (await served.source.delete(place)).status_code == 202
    found = [r for r in await read_all(kafka, RESPONSES.name) if r.key == unit.encode()]
    kinds = [assert_conforms(RESPONSES.name, record) for record in found]
    submitted, revised, withdrawn = (f"response.{kind}.v1" for kind in ("submitted", "revised", "withdrawn"))
    assert kinds == [submitted] * 3 + [revised, withdrawn]
    [version] = [r for r in await read_all(kafka, UNITS.name) if r.key.startswith(f"{unit}@".encode())]
    assert assert_conforms(UNITS.name, version) == "units.v1"


ROUTES = [
    (method.upper(), path, {name for way in operation.get("security", [{}]) for name in way or ["nothing"]})
    for path, operations in document_of()["paths"].items()
    for method, operation in operations.items()
    if path != "/login"
]


@pytest.mark.parametrize(("method", "path", "keys"), ROUTES)
async def test_who_may_call_a_route_is_as_described(
    method: str, path: str, keys: set[str], served: Served, unique: Callable[[str], str]
) -> None:
    unit = unique("loket")
    await served.register(unit)
    place = re.sub(r"\{\w+\}", "kiosk", path.replace("{unit}", unit))
    async with (
        served.public.stream(method, place, json={}) as without_key,
        served.source.stream(method, place, json={}) as with_key,
    ):
        assert (without_key.status_code == 401) is ("nothing" not in keys)
        assert (with_key.status_code == 403) is (keys == {"adminKey"})
