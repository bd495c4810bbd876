"""Records are read in the thread that fetches them, in small groups; a batch is what many fetches brought."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import CorruptRecordException
from aiokafka.structs import ConsumerRecord
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types import TP

from stream_processors.consumer_thread import BatchConsumerThread

HERE, THERE = TP("t", 0), TP("t", 1)


def records(tp: TP, *offsets: int) -> list[Any]:
    return [
        ConsumerRecord(tp.topic, tp.partition, offset, 1_000 + offset, 0, None, b"", None, 0, 0, ())
        for offset in offsets
    ]


class Fetches:
    """What aiokafka's fetcher answers, one after the other, and then nothing."""

    def __init__(self, *answers: dict[TP, list[Any]] | Exception, reassigning_after: int = 99) -> None:
        self._answers = iter(answers)
        self.timeouts: list[float | None] = []
        self.asked: list[int] = []
        self._reassigning_after = reassigning_after

    async def answer(self, *_: Any, **asked: Any) -> dict[TP, list[Any]]:
        self.timeouts.append(asked["timeout"])
        self.asked.append(asked["max_records"])
        found = next(self._answers, {})
        if isinstance(found, Exception):
            raise found
        return found

    @property
    def reassignment_in_progress(self) -> bool:
        return len(self.timeouts) >= self._reassigning_after


@pytest.fixture
def fetch(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(AIOKafkaConsumerThread, "__init__", lambda self: None)
    thread = BatchConsumerThread({"t": lambda found: [record.offset for record in found]})

    def run(fetches: Fetches, at_most: int = 5000) -> dict[TP, Any]:
        monkeypatch.setattr(AIOKafkaConsumerThread, "_fetch_records", fetches.answer)
        consumer = SimpleNamespace(_fetcher=SimpleNamespace(_subscriptions=fetches))
        return asyncio.run(thread._fetch_records(consumer, {HERE, THERE}, timeout=0.25, max_records=at_most))

    return run


def test_one_batch_per_partition_of_all_that_is_there_waiting_only_for_the_first(fetch: Any) -> None:
    fetches = Fetches({HERE: records(HERE, 5, 6)}, {HERE: records(HERE, 7), THERE: records(THERE, 0, 1)})
    found = fetch(fetches)
    assert {tp: (b.first_offset, b.next_offset, b.timestamp_ms, b.items) for tp, b in found.items()} == {
        HERE: (5, 8, 1_007, [5, 6, 7]),
        THERE: (0, 2, 1_001, [0, 1]),
    }
    assert fetches.timeouts == [0.25, 0, 0]


def test_no_more_than_asked_for_is_fetched(fetch: Any) -> None:
    fetches = Fetches({HERE: records(HERE, 5, 6)}, {HERE: records(HERE, 7, 8)})
    assert fetch(fetches, at_most=2)[HERE].next_offset == 7
    assert fetches.asked == [2]
    many = Fetches({HERE: records(HERE, *range(128))}, {HERE: records(HERE, 128, 129)})
    assert fetch(many, at_most=130)[HERE].next_offset == 130
    assert many.asked == [128, 2]


def test_what_came_before_an_error_is_handed_out_and_the_error_raised_next(fetch: Any) -> None:
    found = fetch(Fetches({HERE: records(HERE, 5)}, CorruptRecordException("crc")))
    assert found[HERE].items == [5]
    with pytest.raises(CorruptRecordException, match="crc"):
        fetch(Fetches({HERE: records(HERE, 6)}))
    assert fetch(Fetches({HERE: records(HERE, 6)}))[HERE].items == [6]


def test_a_reassignment_ends_the_batch(fetch: Any) -> None:
    fetches = Fetches({HERE: records(HERE, 5)}, {HERE: records(HERE, 0)}, reassigning_after=1)
    assert fetch(fetches)[HERE].items == [5]
