"""Every alert rule, in the groups in which Grafana evaluates them."""

from typing import Any, Final

from grafana.alerts.operation import divergent, heartbeat, rejected, silent, stale
from grafana.alerts.rule import Rule
from grafana.alerts.satisfaction import fallen

FOLDER: Final = "IKM Peringatan"
"""A folder of its own: the one of the boards is made by its uid, this one by its title."""


def rules() -> dict[str, Any]:
    """Grafana's `groups`."""
    return {
        "apiVersion": 1,
        "groups": [
            _group("operasi", "1m", [divergent(), stale(), rejected(), silent(), heartbeat()]),
            _group("kepuasan", "5m", [fallen()]),
        ],
    }


def _group(name: str, interval: str, found: list[Rule]) -> dict[str, Any]:
    return {
        "orgId": 1,
        "name": name,
        "folder": FOLDER,
        "interval": interval,
        "rules": [rule.as_file() for rule in found],
    }
