"""The closings of the seeded city: what was due, closed when it was, of what had been received until then."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ikm.closing import Closing
from ikm.due import closes_at_ms, due_periods
from ikm.events import Event, Response
from ikm.freeze import Act, Counted, Share, closing_of
from ikm.index import INDICES
from ikm.members import Members, alone, members_of
from ikm.partition import partition_of
from ikm.period import Period
from ikm.position import Position
from ikm.registry import Unit
from ikm.times import MS_PER_MINUTE
from runtime.closer import scopes_of
from runtime.topics import RESPONSES
from tests.fold import scratch
from tests.grafana.seed_answers import DAY_MS, YEARS_MS

if TYPE_CHECKING:
    from tests.grafana.seed import Seed

CORRECTED: Final = ("pemkot", "dpmptsp", "puskesmas-3", "kec-barat")
"""Their last period but one was closed a second time, by a person."""
AFTER_MS: Final = 20 * DAY_MS
REASON: Final = "Formulir kertas menyusul"


def closings(seed: "Seed") -> list[Closing]:
    """In the order of the log: the sink closes what is due when it is due."""
    found = sorted(_all(seed), key=lambda closing: (closing.closed_at, closing.unit, closing.period))
    assert found, "nothing was due in two years"
    return found


def _all(seed: "Seed") -> Iterator[Closing]:
    received = _by_unit(seed)
    answered = _answered(seed)
    for code, versions in seed.versions.items():
        unit = versions.at(seed.now_ms)
        due = due_periods(unit, seed.now_ms, seed.now_ms - YEARS_MS, answered[code])
        for period in due:
            at_ms = closes_at_ms(unit, period)
            yield from _closed(seed, received, unit, period, Act("sink", at_ms))
            if code in CORRECTED and period in due[-2:-1]:
                later = Act("operator", min(at_ms + AFTER_MS, seed.now_ms), 1, REASON)
                yield from _closed(seed, received, unit, period, later)


def _closed(
    seed: "Seed", received: Mapping[str, Sequence[tuple[int, Event]]], unit: Unit, period: Period, act: Act
) -> Iterator[Closing]:
    def standing(code: str) -> Unit | None:
        return seed.versions[code].at(seed.now_ms) if code in seed.versions else None

    members = members_of(unit, period, seed.tree, standing)
    position = _position(seed, act.at_ms)
    counts = {code: scratch.counted(event for at_ms, event in received[code] if at_ms < act.at_ms) for code in members}
    for index in INDICES:
        counted = Counted(_shares(index, counts, members), position)
        for scope in scopes_of(members):
            own = counted.of(unit.code, partition_of(unit.code, RESPONSES.partitions))
            yield (
                closing_of(unit, index, period, own, act, members=alone(unit, period))
                if scope == "self"
                else closing_of(unit, index, period, counted, act, members=members, scope=scope)
            )


def _shares(index: str, counts: Mapping[str, Sequence[Response]], members: Members) -> Mapping[str, Share]:
    found = {}
    for code, member in members.items():
        inside = [
            response
            for response in counts[code]
            if scratch.counts_in(INDICES[index], response)
            and any(start <= response.submitted_at // MS_PER_MINUTE < end for start, end in member.spans)
        ]
        if inside:
            watermark = max(response.submitted_at // MS_PER_MINUTE for response in inside)
            found[code] = Share(scratch.scorecard(INDICES[index], inside), watermark)
    return found


def _position(seed: "Seed", at_ms: int) -> Position:
    """Everything received before a moment."""
    offsets = {
        partition: sum(record.timestamp < at_ms for record in records) for partition, records in seed.records.items()
    }
    return Position(seed.log, offsets)


def _by_unit(seed: "Seed") -> Mapping[str, Sequence[tuple[int, Event]]]:
    found: dict[str, list[tuple[int, Event]]] = defaultdict(list)
    for received_ms, event in seed.received:
        found[event.unit].append((received_ms, event))
    return found


def _answered(seed: "Seed") -> Mapping[str, list[int]]:
    """Unit -> minutes at which it or a unit below it has a response."""
    found: dict[str, list[int]] = defaultdict(list)
    for response in seed.responses:
        for code in (response.unit, *seed.tree.ancestors(response.unit, response.submitted_at)):
            found[code].append(response.submitted_at // MS_PER_MINUTE)
    return found
