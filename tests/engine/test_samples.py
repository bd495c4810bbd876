"""What a process says of itself: only its own, counters with their increase, histograms by count, sum and quantiles."""

import logging
import math
from collections.abc import Iterator

import pytest
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from runtime import logging as house_logging
from runtime import metrics
from runtime.samples import OpsRecord, Sample, Samples, quantile


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def told(samples: list[Sample]) -> dict[str, tuple[float, float | None]]:
    return {sample.metric: (sample.value, sample.increase) for sample in samples}


def test_a_counter_is_told_with_its_increase(registry: CollectorRegistry) -> None:
    rows = Counter("ikm_sink_rows", "rows", ["table"], registry=registry)
    samples = Samples(frozenset({"sink"}), registry)
    assert told(samples.take()) == {}
    rows.labels("events").inc(5)
    assert told(samples.take()) == {'ikm_sink_rows_total{table="events"}': (5, 5)}
    rows.labels("events").inc(2)
    rows.labels("units").inc()
    assert told(samples.take()) == {
        'ikm_sink_rows_total{table="events"}': (7, 2),
        'ikm_sink_rows_total{table="units"}': (1, 1),
    }


def test_a_gauge_is_told_as_it_is_and_not_while_nobody_knows_it(registry: CollectorRegistry) -> None:
    gauge = Gauge("ikm_verify_divergent_units", "units", registry=registry)
    samples = Samples(frozenset({"api"}), registry)
    gauge.set(math.nan)
    assert told(samples.take()) == {}
    gauge.set(3)
    assert told(samples.take()) == {"ikm_verify_divergent_units": (3, None)}


def test_requests_are_added_up_over_their_routes(registry: CollectorRegistry) -> None:
    seconds = Histogram(
        "ikm_http_request_seconds", "s", ["method", "route", "status"], buckets=(1, 2, 4), registry=registry
    )
    samples = Samples(frozenset({"api"}), registry)
    for route, took in (("/a", 0.5), ("/b", 1.5), ("/b", 1.5), ("/c", 9)):
        seconds.labels("GET", route, "200").observe(took)
    assert told(samples.take()) == {
        'ikm_http_request_seconds_p50{status="200"}': (1.5, None),
        'ikm_http_request_seconds_p99{status="200"}': (4, None),
        'ikm_http_request_seconds_count{status="200"}': (4, 4),
        'ikm_http_request_seconds_sum{status="200"}': (12.5, 12.5),
    }
    seconds.labels("GET", "/a", "200").observe(3)
    later = told(samples.take())
    assert later['ikm_http_request_seconds_p50{status="200"}'] == (3, None)
    assert later['ikm_http_request_seconds_count{status="200"}'] == (5, 1)
    assert 'ikm_http_request_seconds_p50{status="200"}' not in told(samples.take())


def test_what_another_role_fills_is_left_out(registry: CollectorRegistry) -> None:
    for name in ("ikm_worker_responses", "ikm_sink_freshness", "ikm_http_streams", "ikm_shared", "python_gc"):
        Gauge(name, name, registry=registry)
    assert told(Samples(frozenset({"worker"}), registry).take()).keys() == {"ikm_worker_responses", "ikm_shared"}
    both = told(Samples(frozenset({"api", "sink"}), registry).take())
    assert both.keys() == {"ikm_sink_freshness", "ikm_http_streams", "ikm_shared"}


def test_a_process_says_when_it_started_and_nothing_odd() -> None:
    metrics.LOGGED.labels("error").inc()
    found = Samples(frozenset({"api"})).take()
    names = {sample.name for sample in found}
    assert {"process_start_time_seconds", "process_cpu_seconds_total", "ikm_log_lines_total"} <= names
    assert all(name.startswith(("ikm_", "process_")) and not name.endswith("_created") for name in names)
    record = OpsRecord(at="2026-11-23T10:00:00.000Z", role="api", instance="host:1", samples=found)
    assert OpsRecord.model_validate_json(record.model_dump_json(exclude_defaults=True)) == record


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [
        ((0, 0, 0), 0.5, None),
        ((10, 10, 10), 0.5, 0.5),
        ((0, 10, 10), 0.5, 1.5),
        ((0, 10, 10), 0.99, 1.99),
        ((5, 10, 10), 0.5, 1.0),
        ((0, 0, 10), 0.5, 2.0),
        ((1, 1, 2), 0.99, 2.0),
    ],
)
def test_a_quantile_lies_where_its_bucket_puts_it(counts: tuple[int, ...], share: float, expected: float) -> None:
    buckets = list(zip((1.0, 2.0, math.inf), map(float, counts), strict=True))
    assert quantile(buckets, share) == (None if expected is None else pytest.approx(expected))


@pytest.fixture
def own_logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    root, configured = logging.getLogger(), structlog.get_config()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(root, "level", root.level)
    yield
    structlog.configure(**configured)


@pytest.mark.usefixtures("own_logging")
def test_a_line_that_asks_for_attention_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    def counted() -> dict[str, float]:
        return {level: metrics.LOGGED.labels(level)._value.get() for level in ("warning", "error", "critical")}

    house_logging.configure("warning", "json")
    before = counted()
    log = house_logging.logger("test")
    log.info("all is well")
    log.warning("kafka_away")
    log.error("broken")
    logging.getLogger("somebody.else").error("broken too")
    assert {level: count - before[level] for level, count in counted().items()} == {
        "warning": 1, "error": 2, "critical": 0,
    }  # fmt: skip
    assert len(capsys.readouterr().err.splitlines()) == 3
