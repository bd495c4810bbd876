import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition

from ikm.wire import decode_record
from runtime import kafka as clients
from runtime.topics import RESPONSES

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ikm(kafka: str, log_epoch: int, tmp_path: Path) -> Run:
    """Runs the program against the run's own Kafka, in a directory of its own."""

    def run(*arguments: str, bootstrap: str = kafka) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-P", "-m", "cli.main", *arguments],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "IKM_KAFKA_BOOTSTRAP": bootstrap, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def log_since(kafka: str, log_epoch: int) -> Callable[..., Any]:
    """`await log_since(offsets)`: the events on the log from given offsets on, and the offsets after them."""

    async def read(since: dict[int, int] | None = None) -> tuple[list[Any], dict[int, int]]:
        consumer = clients.consumer(kafka, client_id="test")
        await consumer.start()
        try:
            places = [TopicPartition(RESPONSES.name, number) for number in range(RESPONSES.partitions)]
            consumer.assign(places)
            ends = {place.partition: end for place, end in (await consumer.end_offsets(places)).items()}
            events = []
            for place in places:
                consumer.seek(place, (since or ends)[place.partition])
            while since and any([await consumer.position(place) < ends[place.partition] for place in places]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    events += [_event(record) for record in records]
        finally:
            await consumer.stop()
        return events, ends

    return read


def _event(record: Any) -> Any:
    return decode_record(record, RESPONSES.partitions)
