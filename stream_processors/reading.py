"""From records of `responses.v1` to what the fold takes: an entry, or what goes to `rejected.v1` in its place."""

from collections.abc import Sequence

from ikm.entry import Entry
from ikm.errors import Refused
from ikm.usual import entry_from
from runtime.topics import RESPONSES
from stream_processors.batches import KafkaRecord
from stream_processors.publication import Record, rejected_record


def read_events(records: Sequence[KafkaRecord]) -> list[Entry | Record]:
    """One of each record, in their order."""
    read: list[Entry | Record] = []
    for record in records:
        try:
            read.append(entry_from(record, RESPONSES.partitions))
        except Refused as refused:
            origin = f"{record.topic}/{record.partition}/{record.offset}"
            read.append(rejected_record(refused, origin, record.key, record.value, list(record.headers)))
    return read
