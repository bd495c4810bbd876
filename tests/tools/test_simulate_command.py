from collections import Counter
from typing import Any

from ikm.events import Response
from producers.city import city


async def test_many_at_once_are_the_same_at_every_run(ikm: Any, log_since: Any) -> None:
    _, before = await log_since()
    arguments = ["simulate", "--fast", "--count", "3000", "--seed", "11", "--start", "2025-03-01T00:00:00+08:00"]
    first = ikm(*arguments)
    assert first.returncode == 0, first.stderr
    assert "3000 events of seed 11" in first.stdout
    events, between = await log_since(before)
    assert len(events) == 3000
    assert {event.unit for event in events} <= {place.unit.code for place in city()}
    assert ikm(*arguments).returncode == 0
    repeated, _ = await log_since(between)
    assert Counter(map(repr, repeated)) == Counter(map(repr, events))


async def test_live_goes_at_its_rate_and_a_first_run_has_a_past(ikm: Any, log_since: Any) -> None:
    _, before = await log_since()
    done = ikm("simulate", "--rate", "50", "--count", "100", "--seed", "12", "--history-days", "3")
    assert done.returncode == 0, done.stderr
    events, _ = await log_since(before)
    live = [event for event in events if event.id.startswith("12-live-")]
    assert len(live) == 100
    times = [event.submitted_at for event in live if isinstance(event, Response)]
    assert max(times) - min(times) > 1_000


def test_says_what_it_needs(ikm: Any) -> None:
    done = ikm("simulate", "--fast")
    assert done.returncode == 2
    assert "--fast needs --count" in done.stderr
    done = ikm("simulate", "--fast", "--count", "5", "--start", "2001-01-01T00:00:00Z")
    assert done.returncode == 2
    assert "2004-01-05" in done.stderr
