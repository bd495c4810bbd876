"""The alert rules over the seeded city, where they read the views themselves."""

from ikm.index import IKM
from tests.grafana.alerting import evaluate, firing, rules
from tests.grafana.conftest import City
from tests.grafana.seed_city import FALLING

_ORDER = [band.mutu for band in IKM.bands]
MOVERS = """
SELECT unit, scope, mutu, base_mutu, value, difference, fell FROM ikm.v_mover
WHERE `index` = 'ikm' AND fell IS NOT NULL"""


def now_s(city: City) -> int:
    return city.seed.now_ms // 1000


async def test_every_rule_gives_what_grafana_takes(city: City) -> None:
    counts = {uid: len(await evaluate(city.store, uid, now_s(city))) for uid in rules()}
    assert min(counts.values()) > 0, counts


async def test_a_rule_bears_a_moment_before_everything(city: City) -> None:
    for uid in rules():
        await evaluate(city.store, uid, now_s(city) - 5 * 365 * 86_400)


async def test_those_fire_whose_letter_has_really_fallen(city: City) -> None:
    above = {parent for version in city.seed.units if (parent := version.parent)}
    rows = await city.store.rows(MOVERS)
    fallen = {
        (unit, scope): (float(-difference), float(value), mutu)
        for unit, scope, mutu, base_mutu, value, difference, fell in rows
        if fell and _ORDER.index(mutu) > _ORDER.index(base_mutu)
        and (scope == "self" or (scope == "pooled" and unit in above))
    }  # fmt: skip
    instances = [one for one in await evaluate(city.store, "ikm-kepuasan-turun", now_s(city)) if one.fires]
    assert {(one.labels["unit"], one.labels["scope"]) for one in instances} == fallen.keys()
    assert (FALLING, "self") in fallen
    for one in instances:
        drop, value, mutu = fallen[one.labels["unit"], one.labels["scope"]]
        assert (one.values["A"], one.values["B"]) == (drop, value)
        letter = next(band.mutu for band in IKM.bands if round(one.values["B"] * 100) >= band.from_hundredths)
        assert letter == mutu


async def test_a_city_at_rest_is_verified_and_refuses_little(city: City) -> None:
    assert await firing(city.store, "ikm-angka-berbeda", now_s(city)) == []
    assert await firing(city.store, "ikm-jawaban-ditolak", now_s(city)) == []
