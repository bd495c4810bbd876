"""What the public views hold is what the API answers without a key, and they move in the same steps."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from ikm.closing import SCOPES
from ikm.events import Event, Response, Withdrawal
from ikm.index import INDICES
from ikm.period import period_of
from ikm.questionnaire import QUESTIONNAIRES
from ikm.window import WINDOWS
from runtime.clock import system_clock
from tests.web.hall import Hall
from tests.web.hall import hall as open_hall

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
INDEX = """
SELECT unit, `index`, scope, kind, period, n, value, mutu, kinerja, tier, lo, hi FROM ikm.v_public_index
WHERE unit IN {units:Array(String)}"""
ELEMENTS = """
SELECT unit, `index`, scope, kind, period, elements_n, code, u, name, nrr, value, mutu FROM ikm.v_public_element
WHERE unit IN {units:Array(String)} ORDER BY unit, `index`, scope, kind, period, u"""

Place = tuple[str, str, str, str, str]
"""Unit, index, scope, kind, period."""
Seen = dict[Place, tuple[Any, ...]]
NO_ANSWER = (0, None, None, None, "kosong", None, None)
"""Of a window of a unit that never had an answer there is no row."""
OWN = ("ikm", "self")


@pytest.fixture(scope="module")
async def hall(kafka: str, log_epoch: int, tmp_path_factory) -> AsyncIterator[Hall]:
    async with open_hall(kafka, tmp_path_factory.mktemp("hall")) as opened:
        yield opened


@pytest.fixture
async def tree(hall: Hall, unique) -> list[str]:
    """An agency, a branch with an office below it, and a small counter."""
    agency, branch, office, counter = (unique("unit") for _ in range(4))
    for code, parent in ((agency, None), (branch, agency), (office, branch), (counter, agency)):
        people = {"population": 40} if code == office else {}
        await hall.served.register(code, parent=parent, period="bulanan", **people)
    return [agency, branch, office, counter]


def decimal(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number)).quantize(Decimal("0.01"))


async def views(hall: Hall, units: list[str]) -> tuple[Seen, Seen]:
    """The headline and the elements of every index, scope, window and period."""
    heads = {row[:5]: row[5:] for row in await hall.rows(INDEX, units=units)}
    elements: dict[Place, list[Any]] = {}
    for *place, n, code, u, name, nrr, value, mutu in await hall.rows(ELEMENTS, units=units):
        elements.setdefault(tuple(place), [n]).append((code, u, name, nrr, value, mutu))
    return heads, {place: tuple(said) for place, said in elements.items()}


async def without_a_key(hall: Hall, places: list[Place]) -> tuple[Seen, Seen]:
    """The same, as the API answers it."""
    heads, elements = {}, {}
    for place in places:
        unit, index, scope, kind, period = place
        time = {"period": period} if period else {"window": kind}
        asked = {"index": index, "scope": scope, **time}
        reply = await hall.served.public.get(f"/v1/units/{unit}/index", params=asked)
        assert reply.status_code == 200, reply.text
        body = reply.json()
        value, low, high = map(decimal, [body["value"], *(body["interval"] or (None, None))])
        heads[place] = (body["n"], value, body["mutu"], body["kinerja"], body["tier"], low, high)
        if body["elements"]:
            elements[place] = (body["elements_n"], *map(_element, body["elements"]))
    return heads, elements


def _element(said: dict[str, Any]) -> tuple[Any, ...]:
    nrr = None if said["nrr"] is None else Decimal(str(said["nrr"])).quantize(Decimal("0.0001"))
    return said["code"], said["u"], said["name"], nrr, decimal(said["value"]), said["mutu"]


async def assert_same(hall: Hall, units: list[str]) -> int:
    """The views say of these units what the API says, once the frames that it takes of periods are stored."""
    found = list((await views(hall, units))[0])
    assert {place[:3] for place in found if place[4]} == set(product(units, INDICES, SCOPES))
    await without_a_key(hall, [place for place in found if place[4]])
    await hall.frames_stored()
    places = list({*found, *product(units, INDICES, SCOPES, WINDOWS, [""])})
    heads, elements = await views(hall, units)
    told_heads, told_elements = await without_a_key(hall, places)
    assert {place: heads.get(place, NO_ANSWER) for place in places} == told_heads
    assert elements == told_elements
    return len(elements)


class Answers:
    """A seeded course of answers about units: of this hour, of earlier days and months, revised and withdrawn."""

    def __init__(self, seed: int, units: list[str]) -> None:
        self._rng, self._units, self._given = random.Random(seed), units, list[Response]()

    def some(self, count: int) -> list[Event]:
        return [self._one() for _ in range(count)]

    def _one(self) -> Event:
        rng = self._rng
        if self._given and rng.random() < 0.15:
            old = rng.choice(self._given)
            if rng.random() < 0.5:
                return Withdrawal(unit=old.unit, source=old.source, id=old.id)
            return old.model_copy(update={**self._answers(), "revision": old.revision + rng.randint(1, 3)})
        age = rng.choice((0, 0, rng.randint(0, 2 * DAY_MS), rng.randint(0, 45 * DAY_MS)))
        unit = rng.choices(self._units, (2, 5, 6, 1))[0]
        given = Response(
            id=f"r{len(self._given)}", source="kiosk", unit=unit, submitted_at=system_clock() - age, revision=1,
            **self._answers(),
        )  # fmt: skip
        self._given.append(given)
        return given

    def _answers(self) -> dict[str, Any]:
        rng = self._rng
        form = QUESTIONNAIRES[rng.choice(("skm", "skm", "lengkap"))]
        answers: dict[str, int | None] = {item.code: rng.choice((None, *item.levels)) for item in form.items}
        answers[form.items[0].code] = form.items[0].levels[-1]
        return {"questionnaire": form.name, "answers": answers}


@pytest.mark.parametrize("seed", range(2))
async def test_the_views_say_what_a_read_without_a_key_says(hall: Hall, tree: list[str], seed: int) -> None:
    answers, shown = Answers(seed, tree), 0
    for count in (40, 4, 90):
        await hall.take(answers.some(count))
        shown += await assert_same(hall, tree)
    assert shown > 30


async def test_a_closed_period_is_shown_as_it_was_frozen(hall: Hall, tree: list[str]) -> None:
    answers = Answers(7, tree)
    await hall.take(answers.some(150))
    last = period_of("bulanan", (system_clock() - 32 * DAY_MS) // 60_000, "Asia/Jakarta").code
    for unit in tree:
        reply = await hall.served.admin.post(f"/v1/units/{unit}/periods/{last}/close")
        assert reply.status_code == 200, reply.text
    for count in (2, 30):
        await assert_same(hall, tree)
        await hall.take(answers.some(count))
    assert await assert_same(hall, tree)


async def test_a_window_that_comes_near_a_period_shows_the_periods_frame(hall: Hall, unique) -> None:
    """Twelve answers lie in a period, eight beside it in the window; six of those go, which leaves two between them."""
    unit, now = unique("unit"), datetime.now(UTC)
    days = [(now - timedelta(days=back)).date().isoformat() for back in (20, 10)]
    await hall.served.register(
        unit, periods=[{"code": "pekan-raya", "from": days[0], "to": days[1], "grace_days": 300}]
    )
    given = [_simple(unit, number, now - timedelta(days=15 if number < 12 else 2)) for number in range(20)]
    period, window = (unit, "ikm", "self", "period", "pekan-raya"), (unit, "ikm", "self", "30d", "")
    await hall.take(given)
    _, told = await without_a_key(hall, [period, window])
    assert [said[0] for said in told.values()] == [12, 20]
    await hall.take([Withdrawal(unit=unit, source="kiosk", id=f"r{number}") for number in range(14, 20)])
    await hall.frames_stored()
    (held,) = await hall.rows(
        "SELECT frame_n FROM ikm.live FINAL WHERE unit = {u:String} AND `index` = 'ikm' AND window = '30d'", u=unit
    )
    assert held == (14,), "the worker knows nothing of periods"
    heads, elements = await views(hall, [unit])
    assert (heads[window][0], elements[window][0], elements[period][0]) == (14, 12, 12)
    assert elements[window] == (await without_a_key(hall, [window]))[1][window]


def _simple(unit: str, number: int, at: datetime) -> Response:
    answers = {item.code: 1 + (number + place) % 4 for place, item in enumerate(QUESTIONNAIRES["skm"].items)}
    return Response(
        id=f"r{number}", source="kiosk", unit=unit, submitted_at=int(1000 * at.timestamp()), questionnaire="skm",
        answers=answers, revision=1,
    )  # fmt: skip


async def test_single_answers_seen_by_who_watches_the_views(hall: Hall, tree: list[str]) -> None:
    """And the API between them, at times; a period's frames come only from there."""
    unit, rng, seen = tree[1], random.Random(4), set[tuple[Any, ...]]()
    answers = [_simple(unit, rng.randrange(1 << 20), datetime.now(UTC)) for _ in range(21)]
    for n in range(9, 22):
        await hall.take(answers[:9] if n == 9 else [answers[n - 1]])
        heads, elements = await views(hall, [unit])
        assert {head[0] for place, head in heads.items() if place[1:3] == OWN} <= {n if n >= 10 else None, 0}
        seen |= {said for place, said in elements.items() if place[1:3] == OWN}
        if n % 3 == 0:
            _, told = await without_a_key(hall, [place for place in heads if place[1:3] == OWN])
            seen |= set(told.values())
    frames = sorted(said[0] for said in seen)
    assert frames == [10, 15, 20], frames
    assert any(place[4] for place in elements)
