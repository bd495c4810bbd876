"""Boards and alerts ask for metrics that processes tell."""

import re
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import REGISTRY

from runtime import metrics
from sinks.events import EventsTable

FOLDER = Path(__file__).parents[2] / "grafana"
_OF_A_HISTOGRAM = ("_count", "_sum", "_p50", "_p99")


def told() -> Iterator[str]:
    assert metrics.FOLDED
    for family in REGISTRY.collect():
        suffixes = {"counter": ("_total",), "histogram": _OF_A_HISTOGRAM}.get(family.type, ("",))
        yield from (f"{family.name}{suffix}" for suffix in suffixes)


def test_every_metric_that_is_asked_for_exists() -> None:
    files = [*FOLDER.glob("dashboards/*.json"), *FOLDER.glob("provisioning/alerting/*.yaml")]
    asked = {name for path in files for name in re.findall(r"'((?:ikm|process)_[a-z0-9_]+)'", path.read_text("utf-8"))}
    assert len(asked) > 10
    assert asked - set(told()) == set()


def test_the_table_whose_rows_are_counted_is_that_of_the_sink() -> None:
    asked = re.findall(r"labels\['table'\] = '([\w.]+)'", (FOLDER / "dashboards/operasi.json").read_text("utf-8"))
    assert asked == [EventsTable(0, 1).name]
