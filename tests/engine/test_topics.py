import time

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
