"""The transport stands on functions of Faust's that are no public interface: an upgrade must not pass unseen."""

import hashlib
import importlib.metadata
import inspect

import pytest
from faust.stores.memory import Store
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

RELIED_ON = {
    "Consumer.getmany": (Consumer.getmany, "4b168d84882a"),
    "Consumer._wait_next_records": (Consumer._wait_next_records, "6218e1969a63"),
    "Consumer._drain_messages": (Consumer._drain_messages, "44a2500309e8"),
    "Consumer._filter_committable_offsets": (Consumer._filter_committable_offsets, "dc5e9baf5d99"),
    "Consumer._filter_tps_with_pending_acks": (Consumer._filter_tps_with_pending_acks, "f6f923977423"),
    "Consumer._add_gap": (Consumer._add_gap, "4df2573ded7c"),
    "Consumer.on_partitions_revoked": (Consumer.on_partitions_revoked, "d04b7ae72c6f"),
    "Consumer.perform_seek": (Consumer.perform_seek, "0e8c130ff4b0"),
    "AIOKafkaConsumerThread._fetch_records": (AIOKafkaConsumerThread._fetch_records, "39a2c6c79fc1"),
    "AIOKafkaConsumerThread._create_worker_consumer": (
        AIOKafkaConsumerThread._create_worker_consumer,
        "c2701bfc3e6f",
    ),
    "Recovery.on_recovery_completed": (Recovery.on_recovery_completed, "6ef567acf072"),
    "Recovery.on_rebalance": (Recovery.on_rebalance, "aa4d997a1795"),
    "Store.apply_changelog_batch": (Store.apply_changelog_batch, "71863e3cd727"),
}


@pytest.mark.parametrize("name", RELIED_ON)
def test_a_function_that_the_transport_relies_on_is_unchanged(name: str) -> None:
    function, expected = RELIED_ON[name]
    found = hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:12]
    assert found == expected, f"{name} changed: read its new source against stream_processors/transport.py"


def test_the_versions_are_those_that_were_read() -> None:
    assert importlib.metadata.version("faust-streaming") == "0.15.3"
    assert importlib.metadata.version("aiokafka") == "0.14.0"
