"""A seeded mix of everything that may happen to responses, shuffled: the input of the exactness and fault tests."""

import random
from typing import Any

from ikm.events import Event, Response, Withdrawal
from ikm.questionnaire import QUESTIONNAIRES

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def mixed_events(seed: int, count: int, now_ms: int, units: int = 40) -> list[Event]:
    """About `count` events: 10 % duplicates, 5 % revisions (some moved, some first), 2 % withdrawals (some first).

    Returns:
        Events in the order of their arrival, which is not that of their submission.
    """
    rng = random.Random(seed)
    submissions = [_response(rng, f"r{seed}-{i}", now_ms, units) for i in range(int(count * 0.83))]
    events: list[tuple[float, Event]] = [(i + rng.random() * 50, event) for i, event in enumerate(submissions)]
    events += [(rng.uniform(0, count), event) for event in rng.choices(submissions, k=int(count * 0.10))]
    for event in rng.choices(submissions, k=int(count * 0.05)):
        moved = event.submitted_at - rng.choice((0, HOUR_MS, 3 * DAY_MS)) if rng.random() < 0.5 else event.submitted_at
        change = {**_answers(rng), "submitted_at": moved, "revision": rng.randint(2, 5)}
        events.append((rng.uniform(0, count), event.model_copy(update=change)))
    for event in rng.choices(submissions, k=int(count * 0.02)):
        gone = Withdrawal(unit=event.unit, source=event.source, id=event.id)
        events.append((rng.uniform(0, count), gone))
    return [event for _, event in sorted(events, key=lambda pair: pair[0])]


def _response(rng: random.Random, name: str, now_ms: int, units: int) -> Response:
    age = rng.choice((0, rng.randint(0, HOUR_MS), rng.randint(0, DAY_MS), rng.randint(0, 40 * DAY_MS)))
    return Response(
        id=name,
        source=rng.choice(("qr", "kiosk")),
        unit=f"unit-{rng.randrange(units)}",
        service=rng.choice((None, "ktp", "kk")),
        submitted_at=now_ms - age,
        **_answers(rng),
        revision=1,
    )


def _answers(rng: random.Random) -> dict[str, Any]:
    """Mostly the nine elements, at times one of the other forms."""
    form = QUESTIONNAIRES[rng.choice(("skm", "skm", "skm", "lengkap", "ipkp", "ipak"))]
    answers: dict[str, int | None] = {item.code: rng.choice((None, *item.levels)) for item in form.items}
    sure = rng.choice(form.items)
    answers[sure.code] = rng.choice(sure.levels)
    return {"questionnaire": form.name, "answers": answers}
