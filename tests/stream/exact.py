"""Holds what was published against a fold from scratch: every publication at its own position, and the last ones."""

import json
from collections import defaultdict
from datetime import datetime
from typing import Any

from ikm import wire
from ikm.errors import Refused
from ikm.events import Event, Response
from ikm.frame import near
from ikm.index import INDICES
from ikm.position import Sequence
from ikm.scorecard import LAYOUTS, Scorecard
from runtime.topics import INDEX, RESPONSES, SCORECARDS
from tests.fold import scratch
from tests.stream.topics import read_all


class Published:
    """The log and what was published of it, read whole."""

    def __init__(self, log: list[Any], figures: list[Any], buckets: list[Any]) -> None:
        self.events: dict[str, list[tuple[int, Event]]] = defaultdict(list)
        for record in log:
            event = decoded(record)
            if event is not None:
                self.events[event.unit].append((record.offset, event))
        self._prefixes: dict[tuple[str, int], list[Response]] = {}
        self.figures = [value for record in figures if (value := _value(record))]
        self.buckets = [value for record in buckets if (value := _value(record))]

    def prefix(self, unit: str, position: int) -> list[Response]:
        """What counts of a unit after the log's events before a position."""
        key = unit, position
        if key not in self._prefixes:
            events = [event for offset, event in self.events[unit] if offset < position]
            self._prefixes[key] = scratch.counted(events)
        return self._prefixes[key]

    def assert_each_equals_its_prefix(self, every: int = 1) -> int:
        """Each n-th publication equals the fold of the log's prefix at its sequence; returns how many were held."""
        held = 0
        for value in self.buckets[::every]:
            held += 1
            sequence = Sequence(*value["sequence"])
            index, layout = value["index"], LAYOUTS[value["index"]]
            place = (minute(value["hour"]) // 60, value["service"])
            counted = self.prefix(value["unit"], sequence.offset)
            inside = [r for r in counted if (r.submitted_at // 3_600_000, r.service or "") == place]
            assert layout.from_json(value["scorecard"]) == scratch.scorecard(INDICES[index], inside), value
        for value in self.figures[::every]:
            held += 1
            self._assert_windows(value, Sequence(*value["sequence"]).offset)
        return held

    def assert_last_equal_everything(self) -> None:
        """For every unit, the greatest figure and the greatest of each bucket equal the fold of the whole log."""
        figures, buckets = (
            greatest(self.figures, "index", "unit"),
            greatest(self.buckets, "index", "unit", "hour", "service"),
        )
        expected: scratch.Counted = {}
        for unit, events in self.events.items():
            of_unit = scratch.buckets(event for _, event in events)
            expected |= of_unit
            for index in {place[0] for place in of_unit}:
                self._assert_windows(figures[index, unit], 1 << 62)
        found = {
            (index, unit, minute(hour) // 60, service): LAYOUTS[index].from_json(value["scorecard"])
            for (index, unit, hour, service), value in buckets.items()
        }
        assert {place: card for place, card in found.items() if card.n} == expected

    def assert_frames_are_apart(self) -> int:
        """Of the public frames that a reader sees one after the other, all windows, no two are near; returns how many
        were seen."""
        seen: dict[tuple[str, str], list[Scorecard]] = {}
        newest: dict[tuple[str, str], tuple[int, ...]] = {}
        changes = 0
        for value in self.figures:
            key, layout = (value["unit"], value["index"]), LAYOUTS[value["index"]]
            sequence = tuple(value["sequence"])
            if sequence <= newest.get(key, ()):
                continue
            newest[key] = sequence
            frames = [layout.from_json(w["frame"]) for w in value["windows"].values() if w["frame"]]
            for before in seen.get(key, []):
                for frame in frames:
                    assert frame == before or not near(layout, before, frame), (before, value)
            changes += sum(frame not in seen.get(key, []) for frame in frames)
            seen[key] = frames
        return changes

    def _assert_windows(self, value: dict[str, Any], position: int) -> None:
        for window in value["windows"].values():
            card, watermark = scratch.span(
                self.prefix(value["unit"], position),
                value["index"],
                value["unit"],
                minute(window["from"]),
                minute(window["to"]),
            )
            assert LAYOUTS[value["index"]].from_json(window["scorecard"]) == card, value
            assert (window["watermark"] and minute(window["watermark"])) == watermark, value
            assert window["figure"]["n"] == card.n


async def published(bootstrap: str) -> Published:
    """Read the three topics to their ends."""
    return Published(*[await read_all(bootstrap, topic.name) for topic in (RESPONSES, INDEX, SCORECARDS)])


def decoded(record: Any) -> Event | None:
    """The event of a record, None if it can't be processed."""
    try:
        return wire.decode_record(record, RESPONSES.partitions)
    except Refused:
        return None


def greatest(values: list[dict[str, Any]], *key: str) -> dict[tuple[str, ...], dict[str, Any]]:
    """The value with the greatest sequence by key."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for value in values:
        identity = tuple(value[part] for part in key)
        if identity not in found or tuple(value["sequence"]) > tuple(found[identity]["sequence"]):
            found[identity] = value
    return found


def minute(text: str) -> int:
    """RFC 3339 to epoch minutes."""
    return int(datetime.fromisoformat(text).timestamp()) // 60


def _value(record: Any) -> dict[str, Any] | None:
    if record.key == b"progress" or record.value is None:
        return None
    value: dict[str, Any] = json.loads(record.value)
    return value
