"""The figures of the common minute, whatever workers publish in whatever order it comes in."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.minutes import Minutes
from ikm.position import Sequence

PARTITIONS = 3
UNITS = 3


class Worker:
    """What publishes one partition, in the way of `stream_processors.processor`."""

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.log: list[str] = []
        self.minute = 100
        self.waiting: set[str] = set()
        self.aged: set[str] = set()
        self.done = 0
        self.records: list[tuple[Any, ...]] = []

    def fold(self, unit: int) -> None:
        self.log.append(f"{self.partition}-{unit}")
        self.waiting.add(self.log[-1])

    def advance(self) -> None:
        self.minute += 1
        self.aged = set(self.log)

    def publish(self, at_most: int) -> None:
        due = sorted(self.waiting | self.aged)[:at_most]
        counts = Counter(self.log)
        for unit in due:
            sequence = Sequence(1, 1, len(self.log), self.minute)
            self.records.append(("value", unit, (sequence, {"count": counts[unit]})))
        self.waiting -= set(due)
        self.aged -= set(due)
        if not self.waiting:
            self.done = len(self.log)
        self.records.append(("progress", self.done, None if self.aged else self.minute))


actions = st.lists(
    st.one_of(
        st.tuples(st.just("fold"), st.integers(0, PARTITIONS - 1), st.integers(0, UNITS - 1)),
        st.tuples(st.just("advance"), st.integers(0, PARTITIONS - 1), st.just(0)),
        st.tuples(st.just("publish"), st.integers(0, PARTITIONS - 1), st.integers(0, UNITS)),
        st.tuples(st.just("deliver"), st.integers(0, PARTITIONS - 1), st.integers(1, 5)),
    ),
    max_size=120,
)


@given(actions)
def test_what_is_pooled_ends_in_one_minute_and_counts_what_it_says(steps: list[tuple[str, int, int]]) -> None:
    workers = [Worker(partition) for partition in range(PARTITIONS)]
    minutes, taken = Minutes(PARTITIONS), [0] * PARTITIONS
    whole: dict[tuple[int, int], set[str]] = {}
    for what, partition, number in steps:
        worker = workers[partition]
        if what == "fold":
            worker.fold(number)
        elif what == "advance":
            worker.advance()
        elif what == "publish":
            worker.publish(number)
        for record in worker.records[taken[partition] :][: number if what == "deliver" else 0]:
            taken[partition] += 1
            if record[0] == "value":
                minutes.take(record[1], "ikm", record[2])
            elif record[2] is not None:
                minutes.reach(partition, record[2], record[1])
                whole[partition, record[2]] = set(worker.log[: record[1]])
        check(minutes, workers, whole)


def check(minutes: Minutes, workers: list[Worker], whole: dict[tuple[int, int], set[str]]) -> None:
    common = minutes.common
    if common is None:
        return
    for worker in workers:
        values = minutes.at(common, set(worker.log), "ikm")
        assert {value[0].to for value in values.values()} <= {common}
        claimed = max(offset for offset in range(len(worker.log) + 1) if minutes.includes({worker.partition: offset}))
        counted = Counter(worker.log[:claimed])
        assert all(values[unit][1]["count"] >= count for unit, count in counted.items())
        if (worker.partition, common) in whole and claimed:
            assert whole[worker.partition, common] <= set(values)


def test_a_minute_is_common_once_every_partition_has_reached_it() -> None:
    minutes = Minutes(2)
    minutes.take("a", "ikm", (Sequence(1, 1, 3, 100), {"count": 1}))
    minutes.reach(0, 100, 3)
    assert (minutes.common, minutes.includes({})) == (None, True)
    minutes.reach(1, 99, 0)
    minutes.take("a", "ikm", (Sequence(1, 1, 4, 101), {"count": 2}))
    minutes.reach(0, 101, 4)
    assert (minutes.common, minutes.at(99, ["a"], "ikm")) == (99, {})
    minutes.reach(1, 100, 0)
    assert minutes.common == 100
    assert minutes.at(100, ["a", "b"], "ikm")["a"][1] == {"count": 1}
    assert minutes.includes({0: 3})
    assert not minutes.includes({0: 4})
    minutes.reach(1, 101, 0)
    assert minutes.includes({0: 4})
    assert minutes.at(101, ["a"], "ikm")["a"][1] == {"count": 2}
