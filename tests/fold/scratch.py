"""The fold from scratch, as plainly as it can be written: what every live figure must equal."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from statistics import mean

from ikm.canonical import digest
from ikm.events import Event, Response
from ikm.index import INDICES, Index
from ikm.questionnaire import Item
from ikm.scorecard import LAYOUTS, Scorecard

Counted = dict[tuple[str, str, int, str], Scorecard]
"""By index, unit, hour and service."""


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


def scorecard(index: Index, responses: Iterable[Response]) -> Scorecard:
    """Counts and sums: the fields of one response after the other, added up."""
    total = [0] * len(_one(index.code, ()))
    for response in responses:
        total = [a + b for a, b in zip(total, _one(index.code, tuple(sorted(response.scores.items()))), strict=True)]
    cells = sum(len(item.levels) for item in index.items)
    return Scorecard(*total[:3], tuple(total[3 : 3 + cells]), tuple(total[3 + cells :]))


@cache
def _one(code: str, answers: tuple[tuple[str, int], ...]) -> list[int]:
    """What some answers add: n, sum of x and of x², histogram, parts."""
    index, scores = INDICES[code], dict(answers)
    histogram = {(item.code, score): 0 for item in index.items for score in item.levels}
    parts = {field: Fraction(0) for field in LAYOUTS[code].part_fields}
    means, part_unit = [], LAYOUTS[code].part_unit
    for element in index.elements:
        given = [item for item in element.items if item.code in scores]
        if not given:
            continue
        means.append(mean(converted(index, item, scores[item.code]) for item in given))
        for item in given:
            histogram[item.code, scores[item.code]] += 1
        if len(element.items) > 1:
            parts[element.code, None, "n"] += 1
            for item in given:
                scale = item.scale_min, item.scale_max
                parts[element.code, scale, "share"] += Fraction(part_unit, len(given))
                parts[element.code, scale, "sum"] += Fraction(part_unit * good(item, scores[item.code]), len(given))
    x = LAYOUTS[code].x_unit * mean(means) if means else Fraction(0)
    return [int(bool(means)), whole(x), whole(x * x), *histogram.values(), *map(whole, parts.values())]


def good(item: Item, score: int) -> int:
    """The score with the best answer highest."""
    return item.scale_min + item.scale_max - score if item.reversed else score


def converted(index: Index, item: Item, score: int) -> Fraction:
    """The score on the index's scale."""
    if (item.scale_min, item.scale_max) == (1, 4):
        return Fraction(good(item, score))
    assert (item.scale_min, item.scale_max, index.conversions[0].name) == (1, 6, "linear")
    return good(item, score) * Fraction(4, 6)


def whole(number: Fraction) -> int:
    assert number.denominator == 1
    return number.numerator


def counts_in(index: Index, response: Response) -> bool:
    """Whether it answered one of the index's items."""
    return any(item.code in response.scores for item in index.items)


def buckets(events: Iterable[Event]) -> Counted:
    """Scorecard by (index, unit, hour, service)."""
    places: dict[tuple[str, str, int, str], list[Response]] = defaultdict(list)
    for response in counted(events):
        for index in INDICES.values():
            if counts_in(index, response):
                hour = response.submitted_at // 3_600_000
                places[index.code, response.unit, hour, response.service or ""].append(response)
    return {place: scorecard(INDICES[place[0]], responses) for place, responses in places.items()}


def window(events: Iterable[Event], index: str, unit: str, start: int, end: int) -> tuple[Scorecard, int | None]:
    """Scorecard and watermark (minute) of a unit in an index between two minutes, [start, end)."""
    return span(counted(events), index, unit, start, end)


def span(responses: Iterable[Response], index: str, unit: str, start: int, end: int) -> tuple[Scorecard, int | None]:
    """`window`, of the responses that count."""
    inside = [
        r
        for r in responses
        if r.unit == unit and start <= r.submitted_at // 60_000 < end and counts_in(INDICES[index], r)
    ]
    return scorecard(INDICES[index], inside), max((r.submitted_at // 60_000 for r in inside), default=None)
