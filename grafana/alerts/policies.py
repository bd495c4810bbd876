"""Who is told what, how soon, and how often again."""

from typing import Any

from grafana.alerts.contact_points import HEARTBEAT, LEADERS, OPERATION
from grafana.alerts.mute_times import OUT_OF_OFFICE


def policies() -> dict[str, Any]:
    """Grafana's `policies`: all to operation, a fall of the index to the leaders, the heartbeat to its listener."""
    return {
        "apiVersion": 1,
        "policies": [
            {
                "orgId": 1,
                "receiver": OPERATION,
                "group_by": ["grafana_folder", "alertname"],
                "group_wait": "30s",
                "group_interval": "5m",
                "repeat_interval": "4h",
                "routes": [_heartbeat(), _leaders()],
            }
        ],
    }


def _heartbeat() -> dict[str, Any]:
    return {
        "receiver": HEARTBEAT,
        "object_matchers": [["kind", "=", "detak"]],
        "group_wait": "0s",
        "group_interval": "1m",
        # Shorter than the interval, or every second beat is dropped for coming a moment too early.
        "repeat_interval": "30s",
    }


def _leaders() -> dict[str, Any]:
    """A fall is news of days, not of minutes: what comes at night waits for the morning, and is told once a day."""
    return {
        "receiver": LEADERS,
        "object_matchers": [["kind", "=", "kepuasan"]],
        "group_by": ["alertname"],
        "mute_time_intervals": [OUT_OF_OFFICE.format(zone="${IKM_ALERT_ZONE}")],
        "group_wait": "5m",
        "group_interval": "1h",
        "repeat_interval": "24h",
    }
