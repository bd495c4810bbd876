import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from runtime import topics


async def test_topics_are_created_once_and_then_asserted(kafka: str, log_epoch: int) -> None:
    assert await topics.ensure_topics(kafka) == log_epoch
    assert await topics.log_epoch(kafka) == log_epoch
    assert 0 < log_epoch < 2**63


def test_a_newer_log_has_the_greater_epoch() -> None:
    first = topics.new_epoch()
    assert (topics.new_epoch() >> 20) >= (first >> 20)
    assert first >> 20 == pytest.approx(time.time() * 1000, abs=5000)


async def test_a_topic_with_other_partitions_is_refused_by_name(
    kafka: str, fresh_topic: Callable[..., Awaitable[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await fresh_topic(partitions=3)
    monkeypatch.setattr(topics, "TOPICS", (topics.Topic(name, 8),))
    with pytest.raises(topics.TopicError, match=rf"{name} has 3 partitions, must have 8: .*replay"):
        await topics.ensure_topics(kafka)


async def test_a_topic_with_another_configuration_is_refused_with_the_cure(
    kafka: str, fresh_topic: Callable[..., Awaitable[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await fresh_topic(retention_ms="1000")
    monkeypatch.setattr(topics, "TOPICS", (topics.Topic(name, 1, {"retention.ms": "-1"}),))
    with pytest.raises(topics.TopicError, match=rf"{name} has retention.ms=1000, must have -1: .*--entity-name {name}"):
        await topics.ensure_topics(kafka)


async def test_a_log_that_ikm_did_not_create_has_no_epoch(
    kafka: str, fresh_topic: Callable[..., Awaitable[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics, "RESPONSES", topics.Topic(await fresh_topic(), 1))
    with pytest.raises(topics.TopicError, match="carries no log epoch"):
        await topics.log_epoch(kafka)


async def test_several_may_create_the_topics_at_once(
    kafka: str, unique: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    responses = topics.Topic(unique("topic"), 8)
    monkeypatch.setattr(topics, "RESPONSES", responses)
    monkeypatch.setattr(topics, "TOPICS", (responses, topics.Topic(unique("topic"), 1, {"cleanup.policy": "compact"})))
    epochs = await asyncio.gather(*(topics.ensure_topics(kafka) for _ in range(4)))
    assert len(set(epochs)) == 1


async def test_the_topics_are_those_of_the_issue(kafka: str, log_epoch: int) -> None:
    expected = {
        "responses.v1": (8, "delete", "-1"),
        "scorecards.v1": (8, "delete", "2592000000"),
        "rejected.v1": (8, "delete", "2592000000"),
        "index.v1": (8, "compact", None),
        "frames.v1": (8, "compact", None),
        "cells.v1": (8, "compact", None),
        "units.v1": (1, "compact", None),
        "periods.v1": (1, "delete", "-1"),
        "ops.v1": (1, "delete", "259200000"),
        "ikm-worker-responses-changelog": (8, "compact", None),
    }
    listed = {
        topic.name: (topic.partitions, topic.config["cleanup.policy"], topic.config.get("retention.ms"))
        for topic in topics.TOPICS
    }
    assert listed == expected
