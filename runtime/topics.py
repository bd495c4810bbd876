"""The topics: one list with what each must be, created where missing and asserted where present."""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from runtime import kafka

DAY_MS = 86_400_000
EPOCH_CONFIG = "min.compaction.lag.ms"
"""Where `responses.v1` carries its log id, which is its log epoch too: a topic config that a topic which is never
compacted ignores, because it is set atomically with the topic's creation and cannot outlive it. The value is
(unix ms << 20) | 20 random bits: a newer log has a greater one, and two logs never share one."""

_COMPACTED = {
    "cleanup.policy": "compact",
    "segment.bytes": str(64 * 2**20),
    "segment.ms": str(10 * 60_000),
    "min.cleanable.dirty.ratio": "0.2",
}


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic's name, partitions and the configuration that must hold, as Kafka spells it."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)


_MIB = 2**20
RESPONSES = Topic(
    "responses.v1",
    8,
    {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "max.message.bytes": str(16 * _MIB),
    },
)
SCORECARDS = Topic("scorecards.v1", 8, {"cleanup.policy": "delete", "retention.ms": str(30 * DAY_MS)})
REJECTED = Topic(
    "rejected.v1",
    8,
    {
        "cleanup.policy": "delete",
        "retention.ms": str(30 * DAY_MS),
        # What responses.v1 takes, and the reason in front of it.
        "max.message.bytes": str(17 * _MIB),
    },
)
INDEX = Topic("index.v1", 8, _COMPACTED)
FRAMES = Topic("frames.v1", 8, {**_COMPACTED, "min.compaction.lag.ms": str(DAY_MS)})
"""The lag: a refused frame that is the last of its key is followed by the one that holds long before a compaction."""
CELLS = Topic("cells.v1", 8, FRAMES.config)
UNITS = Topic("units.v1", 1, _COMPACTED)
PERIODS = Topic(
    "periods.v1",
    # One, so that all closings have one order and whoever reads back sees every earlier one: a city makes some thousand
    # a year.
    1,
    {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"},
)
OPS = Topic("ops.v1", 1, {"cleanup.policy": "delete", "retention.ms": str(3 * DAY_MS)})
PAGES = Topic("ikm-worker-responses-changelog", 8, _COMPACTED)

TOPICS: tuple[Topic, ...] = (RESPONSES, SCORECARDS, REJECTED, INDEX, FRAMES, CELLS, UNITS, PERIODS, OPS, PAGES)


def states_of(topic: str) -> str:
    """What ClickHouse's `progress` calls the reading of a log into the states of its responses, beside its events."""
    return f"{topic}|states"


class TopicError(Exception):
    """A topic is not what it must be; the message says which, how it differs and the cure."""


def new_epoch() -> int:
    """A log epoch greater than that of every log made before: 61 bits of time and chance."""
    return (time.time_ns() // 1_000_000) << 20 | random.SystemRandom().getrandbits(20)


async def ensure_topics(bootstrap: str, replication: int = 1) -> int:
    """Create what is missing of `TOPICS`, assert what is there, and return the log epoch.

    Args:
        bootstrap: Kafka's addresses.
        replication: copies of each partition of a topic created here.

    Returns:
        The log epoch of `responses.v1`, which is its log id too.

    Raises:
        TopicError: a topic has other partitions or another configuration than the list says.
        KafkaError: Kafka is away or refuses.
    """
    async with kafka.admin(bootstrap) as client:
        present = set(await client.list_topics())
        missing = [topic for topic in TOPICS if topic.name not in present]
        if missing:
            await _create(client, missing, replication)
        await _assert_partitions(client)
        configs = await _configs(client, TOPICS)
    _assert_configs(configs)
    return _epoch(configs)


async def log_epoch(bootstrap: str) -> int:
    """The log epoch of `responses.v1`, asked without creating or asserting the rest."""
    async with kafka.admin(bootstrap) as client:
        return _epoch(await _configs(client, (RESPONSES,)))


async def _create(client: AIOKafkaAdminClient, topics: list[Topic], replication: int) -> None:
    reply = await client.create_topics(
        [NewTopic(topic.name, topic.partitions, replication, topic_configs=_creation_config(topic)) for topic in topics]
    )
    for name, code, *detail in reply.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise TopicError(f"topic {name} cannot be created: {error.__name__} {detail[0] if detail else ''}")


def _creation_config(topic: Topic) -> dict[str, str]:
    return {**topic.config, EPOCH_CONFIG: str(new_epoch())} if topic is RESPONSES else dict(topic.config)


async def _assert_partitions(client: AIOKafkaAdminClient) -> None:
    names = [topic.name for topic in TOPICS]
    found = await _until_led(client, names)
    for topic in TOPICS:
        if found[topic.name] != topic.partitions:
            raise TopicError(
                f"topic {topic.name} has {found[topic.name]} partitions, must have {topic.partitions}: a partition "
                "count is never changed; make a new topic and replay, or point IKM_KAFKA_BOOTSTRAP at another Kafka"
            )


async def _until_led(client: AIOKafkaAdminClient, names: list[str], timeout_s: float = 30) -> dict[str, int]:
    """Partitions by topic, once each of them has a leader."""
    deadline = time.monotonic() + timeout_s
    while True:
        topics: list[dict[str, Any]] = await client.describe_topics(names)
        led = all(
            topic["error_code"] == 0 and topic["partitions"] and all(p["leader"] >= 0 for p in topic["partitions"])
            for topic in topics
        )
        if led:
            return {topic["topic"]: len(topic["partitions"]) for topic in topics}
        if time.monotonic() > deadline:
            raise KafkaError(f"topics {', '.join(names)} have partitions without a leader after {timeout_s:.0f} s")
        await asyncio.sleep(0.05)


async def _configs(client: AIOKafkaAdminClient, topics: tuple[Topic, ...]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    configs: dict[str, dict[str, str]] = {}
    for reply in await client.describe_configs(resources):
        for code, message, _, name, entries in reply.resources:
            if code:
                raise TopicError(
                    f"the configuration of topic {name} cannot be read: {for_code(code).__name__} {message}"
                )
            configs[name] = {entry[0]: entry[1] for entry in entries}
    return configs


def _assert_configs(configs: dict[str, dict[str, str]]) -> None:
    for topic in TOPICS:
        for key, wanted in topic.config.items():
            found = configs[topic.name].get(key)
            if found != wanted:
                raise TopicError(
                    f"topic {topic.name} has {key}={found}, must have {wanted}: set it back with Kafka's own tool "
                    f"(kafka-configs.sh --alter --entity-type topics --entity-name {topic.name})"
                )


def _epoch(configs: dict[str, dict[str, str]]) -> int:
    epoch = int(configs[RESPONSES.name].get(EPOCH_CONFIG) or 0)
    if epoch == 0:
        raise TopicError(
            f"topic {RESPONSES.name} carries no log epoch ({EPOCH_CONFIG}): it was not created by ikm; delete it while "
            "it is empty and run `ikm topics`, which creates it"
        )
    return epoch
