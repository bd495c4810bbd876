import pytest
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.partitioner import murmur2 as peer
from hypothesis import given
from hypothesis import strategies as st

from ikm.partition import murmur2, partition_of

# Kafka's own test of its Java client (UtilsTest.testMurmur2), as signed integers.
JAVA = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize(("data", "expected"), JAVA.items())
def test_the_java_clients_vectors(data, expected):
    assert murmur2(data) == expected % 2**32


@given(st.binary(max_size=200))
def test_the_hash_of_aiokafka(data):
    assert murmur2(data) == peer(data) % 2**32


@given(st.from_regex(r"\A[a-z0-9-]{1,64}\Z"), st.integers(1, 64))
def test_the_partition_that_aiokafka_chooses(unit, count):
    everywhere = list(range(count))
    assert partition_of(unit, count) == DefaultPartitioner()(unit.encode(), everywhere, everywhere)
