import json
from dataclasses import dataclass, field

from sinks.buckets import BatchCutter
from sinks.lane import MAX_ROWS, MAX_UNCUT_S, AnyRecord, Lane

LOG = 77


@dataclass
class Record:
    offset: int
    key: bytes = b""
    value: bytes = b""
    headers: tuple = field(default_factory=tuple)


def bucket(offset: int, position: int, log: int = LOG) -> Record:
    return Record(offset, b"unit|ikm||1", json.dumps({"sequence": [log, 1, position, 60]}).encode())


def progress(offset: int, next_offset: int, log: int = LOG) -> Record:
    said = {"partition": 0, "log": log, "next_offset": next_offset, "at": "2026-11-23T03:04:05.678Z"}
    return Record(offset, b"progress", json.dumps(said).encode())


def offsets(lane: Lane) -> list[int] | None:
    taken = lane.take()
    return None if taken is None else [record.offset for record in taken.records]


def test_events_are_cut_at_ten_thousand() -> None:
    lane = Lane(5, AnyRecord())
    lane.add(Record(offset) for offset in range(5, MAX_ROWS + 10))
    first, second = lane.take(), lane.take()
    assert first is not None
    assert second is not None
    assert (first.first, first.last, second.first, second.last) == (5, MAX_ROWS + 4, MAX_ROWS + 5, MAX_ROWS + 9)
    assert lane.take() is None


def test_a_planned_range_is_cut_exactly_there() -> None:
    lane = Lane(5, AnyRecord(), planned_last=8)
    lane.add([Record(5), Record(6)])
    assert lane.take() is None
    lane.add([Record(7), Record(8), Record(9)])
    taken = lane.take()
    assert taken is not None
    assert (taken.first, taken.last, taken.is_repeated) == (5, 8, True)
    assert offsets(lane) == [9]


def test_buckets_are_cut_after_progress_only() -> None:
    lane = Lane(0, BatchCutter(LOG))
    lane.add([bucket(0, 10), bucket(1, 10)])
    assert lane.take() is None
    lane.add([progress(2, 10), bucket(3, 20)])
    assert offsets(lane) == [0, 1, 2]
    assert lane.take() is None


def test_another_workers_progress_does_not_cut_an_unfinished_batch() -> None:
    lane = Lane(0, BatchCutter(LOG))
    lane.add([bucket(0, 20), bucket(1, 12), progress(2, 12)])
    assert lane.take() is None
    lane.add([bucket(3, 20), progress(4, 20)])
    assert offsets(lane) == [0, 1, 2, 3, 4]


def test_rows_and_progress_of_another_log_decide_nothing() -> None:
    lane = Lane(0, BatchCutter(LOG))
    lane.add([bucket(0, 10), progress(1, 99, log=LOG - 1)])
    assert lane.take() is None
    lane.add([bucket(2, 99, log=LOG - 1), progress(3, 10)])
    assert offsets(lane) == [0, 1, 2, 3]


def test_a_batch_that_never_ends_is_let_through_in_the_end() -> None:
    lane = Lane(0, BatchCutter(LOG))
    lane.add([bucket(0, 10**15), progress(1, 10), bucket(2, 11)])
    assert lane.take() is None
    lane.uncut_since -= MAX_UNCUT_S + 1
    assert offsets(lane) == [0, 1]
    assert lane.take() is None
