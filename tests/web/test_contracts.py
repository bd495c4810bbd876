"""What the HTTP edge puts on the topics is what the contracts say."""

from collections.abc import Callable

from runtime.topics import RESPONSES, UNITS
from tests.contracts.conformity import assert_conforms
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
