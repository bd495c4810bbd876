"""The fold from scratch, as plainly as it can be written: what every live figure must equal."""

from collections import defaultdict
from collections.abc import Iterable

from ikm.canonical import digest
from ikm.events import Event, Response
from ikm.scorecard import ELEMENT_CODES, LCM, SCORES, Scorecard

Counted = dict[tuple[str, int, str], Scorecard]


def counted(events: Iterable[Event]) -> list[Response]:
    """The responses that count after all events, whatever their order."""
    contents: dict[tuple[str, str, str], Response] = {}
    withdrawn: set[tuple[str, str, str]] = set()
    for event in events:
        identity = (event.unit, event.source, event.id)
        if not isinstance(event, Response):
            withdrawn.add(identity)
            continue
        old = contents.get(identity)
        if old is None or (event.revision, digest(event)) > (old.revision, digest(old)):
            contents[identity] = event
    return [response for identity, response in contents.items() if identity not in withdrawn]


def scorecard(responses: Iterable[Response]) -> Scorecard:
    """Counts and sums, one response after the other."""
    n = sum_x = sum_xx = 0
    histogram = dict.fromkeys(((code, score) for code in ELEMENT_CODES for score in SCORES), 0)
    for response in responses:
        scores = response.scores
        x = LCM * sum(scores.values()) // len(scores)
        n, sum_x, sum_xx = n + 1, sum_x + x, sum_xx + x * x
        for code, score in scores.items():
            histogram[code, score] += 1
    return Scorecard(n, sum_x, sum_xx, tuple(histogram.values()))


def buckets(events: Iterable[Event]) -> Counted:
    """Scorecard by (unit, hour, service)."""
    places: dict[tuple[str, int, str], list[Response]] = defaultdict(list)
    for response in counted(events):
        places[response.unit, response.submitted_at // 3_600_000, response.service or ""].append(response)
    return {place: scorecard(responses) for place, responses in places.items()}


def window(events: Iterable[Event], unit: str, start: int, end: int) -> tuple[Scorecard, int | None]:
    """Scorecard and watermark (minute) of a unit between two minutes, [start, end)."""
    inside = [r for r in counted(events) if r.unit == unit and start <= r.submitted_at // 60_000 < end]
    return scorecard(inside), max((r.submitted_at // 60_000 for r in inside), default=None)
