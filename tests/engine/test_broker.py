"""The local Kafka survives a kill -9 on the same directory and port."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from runtime import kafka as clients
from runtime.local import broker, jars, ports
from runtime.local.leash import leashed
from runtime.topics import ensure_topics, log_epoch

UNIT = b"unit-a"
GROUP = "keeps-offsets"


def start(local: broker.LocalBroker) -> "subprocess.Popen[bytes]":
    with (local.home / "stdout").open("ab") as output:
        process = subprocess.Popen(leashed(local.command()), env=local.environment(), stdout=output, stderr=output)
    local.wait_ready(process)
    return process


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


async def write_and_commit(bootstrap: str) -> None:
    async with clients.producer(bootstrap, client_id="t") as producer:
        for number in range(100):
            await producer.send_and_wait("responses.v1", str(number).encode(), key=UNIT, partition=3)
    async with clients.consumer(bootstrap, client_id="t", group_id=GROUP) as consumer:
        consumer.assign([TopicPartition("responses.v1", 3)])
        await consumer.commit({TopicPartition("responses.v1", 3): 42})


async def test_a_killed_broker_keeps_records_offsets_epoch_and_port(
    tmp_path: Path, jar_files: tuple[Path, ...]
) -> None:
    home = tmp_path / "Kantor Ünit 官😀"
    local = broker.LocalBroker(home, *ports.free_ports(2), class_path=jar_files)
    local.prepare()
    process = start(local)
    try:
        assert {"kafka.log", "data"} <= names(home)
        assert names(tmp_path) == {home.name}
        epoch = await ensure_topics(local.bootstrap)
        await write_and_commit(local.bootstrap)
        process.send_signal(signal.SIGKILL)
        process.wait()

        local.prepare()
        process = start(local)
        assert await log_epoch(local.bootstrap) == epoch
        partition = TopicPartition("responses.v1", 3)
        assert (await clients.committed(local.bootstrap, GROUP, [partition]))[partition].offset == 42
        assert await clients.committed(local.bootstrap, "another", [partition]) == {}
        async with clients.consumer(local.bootstrap, client_id="t") as consumer:
            consumer.assign([partition])
            assert (await consumer.end_offsets([partition]))[partition] == 100
            consumer.seek(partition, 99)
            assert (await consumer.getone()).value == b"99"
    finally:
        process.kill()
        process.wait()


async def test_a_topic_nobody_declared_is_not_created(kafka: str, unique: Callable[[str], str]) -> None:
    async with clients.admin(kafka) as admin:
        name = unique("typo")
        assert (await admin.describe_topics([name]))[0]["error_code"] != 0
        assert name not in await admin.list_topics()


def test_the_broker_listens_on_loopback_only(kafka: str) -> None:
    port = int(kafka.partition(":")[2])
    import psutil

    bound = {c.laddr.ip for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr.port == port}
    assert bound
    assert all(address.endswith("127.0.0.1") for address in bound)


def test_a_taken_port_is_not_mistaken_for_ours(tmp_path: Path, jar_files: tuple[Path, ...]) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        local = broker.LocalBroker(tmp_path, stranger.getsockname()[1], ports.free_ports(1)[0], jar_files)
        local.prepare()
        assert not local.listens(os.getpid() + 1_000_000)
        with pytest.raises(broker.BrokerError, match="Kafka ended"):
            start(local)


def test_a_damaged_jar_is_fetched_again(tmp_path: Path, jar_files: tuple[Path, ...]) -> None:
    cache = tmp_path / "cache"
    (cache / "jars").mkdir(parents=True)
    for path in jar_files:
        (cache / "jars" / path.name).hardlink_to(path)
    small = min(jars.locked(), key=lambda jar: (cache / "jars" / jar.filename).stat().st_size)
    damaged = cache / "jars" / small.filename
    damaged.unlink()
    damaged.write_bytes(b"half a jar")
    seen: list[tuple[int, int]] = []
    assert damaged in jars.class_path(cache, lambda there, wanted: seen.append((there, wanted)))
    assert jars.sha256(damaged) == small.sha256
    assert seen[-1] == (len(jar_files), len(jar_files))


def test_a_fetched_jar_that_is_not_the_locked_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = min(jars.locked(), key=lambda jar: jar.artifact != "jspecify")
    other = jars.Jar(locked.group, locked.artifact, locked.version, "0" * 64)
    monkeypatch.setattr(jars, "locked", lambda: [other])
    with pytest.raises(jars.JarsError, match=r"jspecify-.*is not the locked jar"):
        jars.class_path(tmp_path)
    assert not list((tmp_path / "jars").glob("*.jar"))


def test_jars_without_a_network_say_the_cure_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(jars.JarsError, match="connect this machine to the network") as refused:
        jars.class_path(tmp_path)
    assert "\n" not in str(refused.value)
    assert str(tmp_path / "jars") in str(refused.value)


async def test_a_record_is_on_the_disk_before_it_is_acknowledged_and_commits_last_a_year(kafka: str) -> None:
    async with clients.admin(kafka) as admin:
        [reply] = await admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, "1")])
        [(_, _, _, _, entries)] = reply.resources
    found = {entry[0]: entry[1] for entry in entries}
    assert found["log.flush.interval.messages"] == "1"
    assert found["offsets.retention.minutes"] == str(365 * 24 * 60)
    assert found["auto.create.topics.enable"] == "false"
