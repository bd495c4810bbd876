"""Events as Kafka records: CloudEvents 1.0 in binary mode."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Protocol

from ikm.errors import Code, Fault, Refused
from ikm.events import Event, EventType, Response, parse_response, parse_withdrawal
from ikm.partition import partition_of
from ikm.show import shown
from ikm.times import EARLIEST_MS, FUTURE_MS, parse_rfc3339, rfc3339_ms

HEADERS: Final = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type")
"""Every record carries all of these."""

LONGEST_VALUE: Final = 2 * 2**20
"""Bytes of a record's value: as much as the HTTP edge takes in one body."""

SPEC: Final = b"1.0"
JSON: Final = b"application/json"
_TYPES: Final[Mapping[bytes, EventType]] = MappingProxyType({kind.value.encode(): kind for kind in EventType})


def encode(event: Event, *, received_ms: int) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """An event as a record.

    Args:
        event: What happened.
        received_ms: When it was received, UTC epoch milliseconds.

    Returns:
        Key, value and headers.
    """
    if isinstance(event, Response):
        kind = EventType.SUBMITTED if event.revision == 1 else EventType.REVISED
        value, part = event.model_dump_json(exclude_unset=True), str(event.revision)
    else:
        kind, value, part = EventType.WITHDRAWN, event.model_dump_json(), "withdrawn"
    headers = [
        ("ce_specversion", SPEC),
        ("ce_id", f"{event.id}/{part}".encode()),
        ("ce_source", f"/units/{event.unit}/sources/{event.source}".encode()),
        ("ce_type", kind.value.encode()),
        ("ce_time", rfc3339_ms(received_ms).encode()),
        ("content-type", JSON),
    ]
    return event.unit.encode(), value.encode(), headers


class Record(Protocol):
    """A Kafka record, as its clients hand it over."""

    @property
    def key(self) -> bytes | None:
        """The unit."""

    @property
    def value(self) -> bytes | None:
        """JSON of the event."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Those of CloudEvents."""

    @property
    def timestamp(self) -> int:
        """Time of receipt, UTC epoch milliseconds."""

    @property
    def partition(self) -> int:
        """Where it lies."""


def decode_record(record: Record, partitions: int) -> Event:
    """`decode` of a record of a topic with so many partitions."""
    return decode(
        key=record.key,
        value=record.value,
        headers=record.headers,
        timestamp_ms=record.timestamp,
        partition=record.partition,
        partitions=partitions,
    )


def decode(
    *,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes]],
    timestamp_ms: int,
    partition: int,
    partitions: int,
) -> Event:
    """Reads and checks a record; what it says depends on nothing but the record.

    Args:
        key: The unit.
        value: JSON of the event.
        headers: Those of CloudEvents.
        timestamp_ms: The record's timestamp, UTC epoch milliseconds.
        partition: Where it lies.
        partitions: How many the topic has.

    Raises:
        Refused: With one fault per problem, the weightiest first; nothing else is raised, whatever the bytes.
    """
    if value is None:
        raise Refused([Fault("value", Code.TOMBSTONE, "the record has no value: send a withdrawn event instead.")])
    if len(value) > LONGEST_VALUE:
        raise Refused([_size_fault(len(value))])
    kind, received = _meta(dict(headers), timestamp_ms)
    event: Event
    if kind is EventType.WITHDRAWN:
        event = parse_withdrawal(value)
    else:
        event = parse_response(value, received_ms=received)
        if (event.revision == 1) is not (kind is EventType.SUBMITTED):
            raise Refused([_revision_fault(event.revision, kind)])
    if key != event.unit.encode():
        raise Refused([_key_fault(key, event.unit)])
    if partition != partition_of(event.unit, partitions):
        raise Refused([_partition_fault(event.unit, partition, partitions)])
    return event


def received_ms(headers: Mapping[str, bytes]) -> int | None:
    """When a record was received (`ce_time`), UTC epoch milliseconds; None when the header does not say it."""
    text = headers.get("ce_time")
    return _time(text) if type(text) is bytes else None


def _meta(given: Mapping[str, bytes], timestamp_ms: int) -> tuple[EventType, int]:
    """What kind of event a record's headers announce, and when it was received."""
    received = received_ms(given)
    kind = _TYPES.get(given.get("ce_type", b""))
    if (
        kind is None
        or received is None
        or not given.get("ce_id")
        or not given.get("ce_source")
        or given.get("ce_specversion") != SPEC
        or given.get("content-type") != JSON
    ):
        kind, received = _checked(given)
    if not EARLIEST_MS <= received <= timestamp_ms + FUTURE_MS:
        raise Refused([_time_fault(given["ce_time"], received)])
    return kind, received


@lru_cache(maxsize=64)  # a posted list shares its time of receipt
def _time(text: bytes) -> int | None:
    try:
        return parse_rfc3339(text.decode("ascii"))
    except (UnicodeDecodeError, Refused):
        return None


def _checked(given: Mapping[str, bytes]) -> tuple[EventType, int]:
    """The careful reading of the headers: raises Refused with all their faults, if they have any."""
    faults = [
        Fault(name, Code.MISSING_HEADER, f"header {name} is missing or empty: send all of {', '.join(HEADERS)}.")
        for name in HEADERS
        if not given.get(name)
    ]
    faults = faults or list(_header_faults(given))
    if faults:
        raise Refused(faults)
    return _TYPES[given["ce_type"]], parse_rfc3339(given["ce_time"].decode())


def _size_fault(size: int) -> Fault:
    message = f"the value has {size} bytes, more than {LONGEST_VALUE}: send one answer in a record, without padding."
    return Fault("value", Code.TOO_LARGE, message)


def _header_faults(given: Mapping[str, bytes]) -> Iterator[Fault]:
    version, kind, content = given["ce_specversion"], given["ce_type"], given["content-type"]
    if version != SPEC:
        yield Fault("ce_specversion", Code.UNKNOWN_TYPE, f"header ce_specversion is {shown(version)}: send 1.0.")
    if kind not in _TYPES:
        message = f"header ce_type is {shown(kind)}: send one of {', '.join(EventType)}."
        yield Fault("ce_type", Code.UNKNOWN_TYPE, message)
    try:
        parse_rfc3339(given["ce_time"].decode("utf-8", "backslashreplace"), "ce_time")
    except Refused as refused:
        yield from refused.faults
    if content.partition(b";")[0].strip().lower() != JSON:
        message = f"header content-type is {shown(content)}: send application/json."
        yield Fault("content-type", Code.UNSUPPORTED_MEDIA_TYPE, message)


def _time_fault(text: bytes, received: int) -> Fault:
    where = "before 2004-01-01" if received < EARLIEST_MS else "more than 5 minutes after the record's own timestamp"
    message = f"header ce_time is {shown(text)}, {where}: send the time at which the event was received."
    return Fault("ce_time", Code.TIME_OUT_OF_RANGE, message)


def _revision_fault(revision: int, kind: EventType) -> Fault:
    message = f"revision is {revision} in an event of type {kind}: submitted has revision 1, revised 2 or more."
    return Fault("revision", Code.CONTRADICTION, message)


def _key_fault(key: bytes | None, unit: str) -> Fault:
    message = f"the record's key is {shown(key)} and its unit {shown(unit)}: send the unit as the key."
    return Fault("key", Code.KEY_MISMATCH, message)


def _partition_fault(unit: str, partition: int, partitions: int) -> Fault:
    message = (
        f"the record lies in partition {partition} of {partitions} and its unit {shown(unit)} belongs in "
        f"{partition_of(unit, partitions)}: let the client choose the partition by murmur2 of the key."
    )
    return Fault("partition", Code.WRONG_PARTITION, message)
