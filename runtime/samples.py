"""What a process says of itself on `ops.v1`: its metrics, small enough to be kept for weeks.

A counter is told with what it grew by since it was told before, so who adds several processes up needs no memory of
them. Of a histogram its count, its sum, and the median and 99th percentile of what was observed since then.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics_core import Metric
from pydantic import BaseModel, ConfigDict, Field

from ikm.published_card import Moment

Role = Literal["worker", "api", "sink"]

_PROCESS: Final = frozenset(
    {"process_start_time_seconds", "process_cpu_seconds", "process_resident_memory_bytes", "process_open_fds"}
)
_OURS: Final = "ikm_"
_ONLY_OF: Final[Mapping[str, Role]] = {
    "ikm_worker_": "worker",
    "ikm_sink_": "sink",
    "ikm_closings_waiting": "sink",
    "ikm_http_": "api",
    "ikm_index_": "api",
    "ikm_verify_": "api",
}
"""Every process has the whole catalogue; what it never fills would only say 0."""
_TOO_FINE: Final = frozenset({"method", "route"})
"""Labels over which is added up: one by one they are on `/metrics`."""
QUANTILES: Final = {"p50": 0.5, "p99": 0.99}

Labels = tuple[tuple[str, str], ...]
_CONFIG: Final = ConfigDict(frozen=True, strict=True, extra="ignore")


class Sample(BaseModel):
    """One metric at one moment."""

    model_config = _CONFIG

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
    labels: dict[str, str] = {}
    value: Annotated[float, Field(allow_inf_nan=False)]
    increase: Annotated[float | None, Field(allow_inf_nan=False)] = None
    """Of a counter what it grew by since the process's last record, or since its start."""

    @property
    def metric(self) -> str:
        """Name and labels as Prometheus writes them."""
        said = ",".join(f'{name}="{value}"' for name, value in sorted(self.labels.items()))
        return f"{self.name}{{{said}}}" if said else self.name


class OpsRecord(BaseModel):
    """What a process measured of itself."""

    model_config = _CONFIG

    at: Moment
    role: Role
    """Of an API with the sink in it: api."""
    instance: str
    """Host and process."""
    samples: list[Sample]


class Samples:
    """Reads a process's metrics, again and again.

    Args:
        parts: the roles that run in the process.
        registry: where its metrics are.
    """

    def __init__(self, parts: frozenset[Role], registry: CollectorRegistry = REGISTRY) -> None:
        self._parts, self._registry = parts, registry
        self._before: dict[tuple[str, Labels], float] = {}

    def take(self) -> list[Sample]:
        """All samples now; increases and quantiles are of the time since the last call."""
        return [
            sample for family in self._registry.collect() if self._is_told(family.name) for sample in self._of(family)
        ]

    def _is_told(self, name: str) -> bool:
        if not name.startswith(_OURS):
            return name in _PROCESS
        return all(role in self._parts for prefix, role in _ONLY_OF.items() if name.startswith(prefix))

    def _of(self, family: Metric) -> Iterator[Sample]:
        found: dict[tuple[str, Labels], float] = defaultdict(float)
        for sample in family.samples:
            labels = tuple(sorted((name, text) for name, text in sample.labels.items() if name not in _TOO_FINE))
            found[sample.name, labels] += sample.value
        if family.type == "histogram":
            yield from self._quantiles(family.name, found)
        for (name, labels), value in found.items():
            if name.endswith(("_bucket", "_created")) or not math.isfinite(value):
                continue
            is_counted = family.type == "counter" or name.endswith(("_count", "_sum"))
            increase = self._increase(name, labels, value) if is_counted else None
            yield Sample(name=name, labels=dict(labels), value=value, increase=increase)

    def _quantiles(self, name: str, found: Mapping[tuple[str, Labels], float]) -> Iterator[Sample]:
        buckets: dict[Labels, list[tuple[float, float]]] = defaultdict(list)
        for (sample, labels), value in found.items():
            if sample.endswith("_bucket"):
                bound = next(float(text) for key, text in labels if key == "le")
                rest = tuple(label for label in labels if label[0] != "le")
                buckets[rest].append((bound, self._increase(sample, labels, value)))
        for labels, counts in buckets.items():
            for suffix, share in QUANTILES.items():
                found_at = quantile(sorted(counts), share)
                if found_at is not None:
                    yield Sample(name=f"{name}_{suffix}", labels=dict(labels), value=found_at)

    def _increase(self, name: str, labels: Labels, value: float) -> float:
        before = self._before.get((name, labels), 0.0)
        self._before[name, labels] = value
        return max(value - before, 0.0)


def quantile(buckets: list[tuple[float, float]], share: float) -> float | None:
    """Where a share of what was observed lies below, evenly spread in its bucket; None of nothing.

    Args:
        buckets: upper bound and how many were at most that, in the order of the bounds, the last one infinite: what
            lies in that is taken to be as the bound before.
        share: between 0 and 1.
    """
    rank, below, lower = share * buckets[-1][1], 0.0, 0.0
    if rank == 0:
        return None
    for bound, count in buckets:
        if count >= rank:
            return lower if math.isinf(bound) else lower + (bound - lower) * (rank - below) / (count - below)
        below, lower = count, bound
    return lower
