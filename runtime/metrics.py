"""The metric catalogue: every metric of every role, with its labels, in one list.

Counters and histograms are per process; `/metrics` of the API shows the API's (and the sink's, when it runs inside),
worker and sink show theirs on IKM_METRICS_PORT.
"""

import math

from prometheus_client import Counter, Gauge, Histogram, start_http_server

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_SLOW = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
_AGE = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)

# every role
LOGGED = Counter("ikm_log_lines_total", "lines logged that ask for attention", ["level"])
"""level: warning, error, critical."""

# worker
FOLDED = Counter("ikm_worker_records_total", "records read from responses.v1", ["outcome"])
"""outcome: valid or rejected."""
BATCHES = Counter("ikm_worker_batches_total", "batches acknowledged")
FOLD_SECONDS = Histogram("ikm_worker_fold_seconds", "validating and joining one batch", buckets=_FAST)
UNACKNOWLEDGED = Gauge("ikm_worker_unacknowledged_batches", "batches folded and not acknowledged")
PUBLISHED = Counter("ikm_worker_published_total", "values published", ["topic"])
NEXT_OFFSET = Gauge("ikm_worker_next_offset", "offset up to which a partition is folded", ["partition"])
RECOVERY_SECONDS = Histogram(
    "ikm_worker_recovery_seconds", "from assignment to the first publication allowed", buckets=_SLOW
)
RESPONSES = Gauge("ikm_worker_responses", "responses known in the assigned partitions")

# sink
SINK_ROWS = Counter("ikm_sink_rows_total", "rows inserted into ClickHouse", ["table"])
SINK_INSERT_SECONDS = Histogram("ikm_sink_insert_seconds", "one insert", ["table"], buckets=_FAST)
SINK_RETRIES = Counter("ikm_sink_retries_total", "inserts tried again")
SINK_REJECTED = Counter("ikm_sink_rejected_total", "rows that ClickHouse does not take")
SINK_FRESHNESS = Histogram(
    "ikm_sink_freshness_seconds", "from an answer's receipt until the figures stored hold it", buckets=_AGE
)
CLOSINGS = Counter("ikm_closings_total", "closings of periods", ["outcome"])
"""outcome: published, refused (the figure differs from the events; must be 0)."""
CLOSINGS_WAITING = Gauge("ikm_closings_waiting", "periods of units that are due and not closed yet")

# HTTP edge and API
HTTP_SECONDS = Histogram(
    "ikm_http_request_seconds", "requests, by the route's template", ["method", "route", "status"], buckets=_FAST
)
RECEIVED = Counter("ikm_http_responses_total", "survey answers received", ["outcome"])
"""outcome: accepted, rejected, unacknowledged."""
STREAMS = Gauge("ikm_http_streams", "open event streams")
INDEX_LAG = Gauge(
    "ikm_index_lag_records", "records of a source partition that its figures do not hold yet", ["partition"]
)

# truth check
VERIFIED = Counter("ikm_verify_runs_total", "recomputations of every figure", ["outcome"])
"""outcome: equal, differs, incomparable."""
DIVERGENT = Gauge("ikm_verify_divergent_units", "units whose figures differ from a recomputation; must be 0")
DIVERGENT_UNIT = Gauge("ikm_verify_divergent", "1 for a unit whose figures differ; of many the first", ["unit"])
VERIFIED_AT = Gauge("ikm_verify_last_timestamp_seconds", "when verify last finished")
for _gauge in (DIVERGENT, VERIFIED_AT):
    _gauge.set(math.nan)  # nothing was compared yet, which is not the same as 0


def serve(port: int) -> None:
    """Show this process's metrics on a port of its own, on loopback; 0 does nothing."""
    if port:
        start_http_server(port, addr="127.0.0.1")
