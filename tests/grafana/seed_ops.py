"""What the processes of the seeded city refused and measured, in the last hours before its moment."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from types import SimpleNamespace
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from ikm import wire
from ikm.errors import Refused
from ikm.times import MS_PER_MINUTE, rfc3339_ms
from runtime import metrics
from runtime.samples import OpsRecord, Role, Samples
from runtime.topics import REJECTED, RESPONSES
from stream_processors.publication import rejected_record
from tests.grafana.seed_answers import Record

TICK_MS: Final = 5 * MS_PER_MINUTE
TICKS: Final = 8 * 12
"""Eight hours: seldomer than in life, so that there are few rows."""
_TWINS: Final = (
    metrics.FOLDED, metrics.SINK_ROWS, metrics.SINK_INSERT_SECONDS, metrics.SINK_FRESHNESS, metrics.SINK_RETRIES,
    metrics.RECEIVED, metrics.HTTP_SECONDS, metrics.INDEX_LAG, metrics.DIVERGENT, metrics.VERIFIED_AT,
)  # fmt: skip


def rejected(records: Mapping[int, Sequence[Record]]) -> list[Record]:
    """The letters on `rejected.v1` about records of the log that nobody could read."""
    found: list[Record] = []
    for record in (record for of_one in records.values() for record in of_one):
        try:
            wire.decode_record(record, RESPONSES.partitions)
        except Refused as refused:
            origin = f"{record.topic}/{record.partition}/{record.offset}"
            letter = rejected_record(refused, origin, record.key, record.value, record.headers)
            found.append(
                SimpleNamespace(
                    topic=REJECTED.name,
                    partition=record.partition,
                    offset=len(found),
                    timestamp=record.timestamp,
                    key=letter.key,
                    value=letter.value,
                    headers=letter.headers,
                )
            )
    return found


def measured(now_ms: int) -> list[bytes]:
    """Records of `ops.v1`: what a worker and an API with the sink in it said."""
    found: list[bytes] = []
    for role, parts in (("worker", {"worker"}), ("api", {"api", "sink"})):
        found += _said(role, frozenset(parts), now_ms)  # type: ignore[arg-type]
    return found


def _said(role: Role, parts: frozenset[Role], now_ms: int) -> Iterator[bytes]:
    registry, dice = CollectorRegistry(), Random(role)
    twins = {metric._name: _twin(metric, registry) for metric in _TWINS}
    ProcessCollector(registry=registry)
    samples = Samples(parts, registry)
    for tick in range(TICKS, -1, -1):
        at_ms = now_ms - tick * TICK_MS
        _live(twins, dice, at_ms)
        said = OpsRecord(at=rfc3339_ms(at_ms), role=role, instance=f"{role}-1:7", samples=samples.take())
        yield said.model_dump_json(exclude_defaults=True).encode()


def _twin(metric: Any, registry: CollectorRegistry) -> Any:
    """A metric of the catalogue, in a registry of its own."""
    more = {"buckets": metric._kwargs["buckets"]} if isinstance(metric, Histogram) else {}
    assert isinstance(metric, Counter | Gauge | Histogram)
    return type(metric)(metric._name, metric._documentation, metric._labelnames, registry=registry, **more)


def _live(twins: Mapping[str, Any], dice: Random, at_ms: int) -> None:
    """Five minutes of an ordinary day."""
    twins["ikm_http_responses"].labels("accepted").inc(dice.randrange(400))
    twins["ikm_http_request_seconds"].labels("POST", "/v1/responses", "202").observe(dice.random() / 10)
    twins["ikm_http_request_seconds"].labels("POST", "/v1/responses", "503").observe(dice.random())
    twins["ikm_worker_records"].labels("valid").inc(dice.randrange(400))
    twins["ikm_sink_rows"].labels("ikm.events").inc(dice.randrange(400))
    twins["ikm_sink_insert_seconds"].labels("ikm.events").observe(dice.random() / 10)
    twins["ikm_sink_freshness_seconds"].observe(dice.random() * 2)
    twins["ikm_sink_retries"].inc(dice.randrange(2))
    twins["ikm_index_lag_records"].labels("0").set(dice.randrange(30))
    twins["ikm_verify_divergent_units"].set(0)
    twins["ikm_verify_last_timestamp_seconds"].set(at_ms // 1000)
