"""What Grafana reads, and as whom: two users of ClickHouse who can write nothing. Secrets come from its environment."""

from typing import Any

from grafana.kit.query import INTERNAL, PLUGIN, PLUGIN_VERSION, PUBLIC
from runtime import readers
from runtime.readers import DIAL_SECONDS, Reader


def datasources() -> dict[str, Any]:
    """Grafana's `datasources`."""
    return {
        "apiVersion": 1,
        "datasources": [
            _datasource("IKM", INTERNAL.uid, readers.GRAFANA, "${IKM_GRAFANA_PASSWORD}", is_default=True),
            _datasource("IKM publik", PUBLIC.uid, readers.PUBLIC, "${IKM_PUBLIC_PASSWORD}", is_default=False),
        ],
    }


def _datasource(name: str, uid: str | None, reader: Reader, password: str, *, is_default: bool) -> dict[str, Any]:
    return {
        "orgId": 1,
        "name": name,
        "uid": uid,
        "type": PLUGIN,
        "access": "proxy",
        "isDefault": is_default,
        "editable": False,
        "jsonData": {
            "version": PLUGIN_VERSION,
            "host": "${IKM_CLICKHOUSE_HOST}",
            "port": "${IKM_CLICKHOUSE_PORT}",
            "protocol": "native",
            "secure": "${IKM_CLICKHOUSE_SECURE}",
            "username": reader.name,
            "defaultDatabase": "ikm",
            "dialTimeout": str(DIAL_SECONDS),
            "queryTimeout": str(reader.waits_seconds),
        },
        "secureJsonData": {"password": password},
    }


def boards() -> dict[str, Any]:
    """Grafana's `providers`: the folder of the boards, which are changed here and not in the browser."""
    return {
        "apiVersion": 1,
        "providers": [
            {
                "orgId": 1,
                "name": "ikm",
                "folder": "IKM",
                "folderUid": "ikm",
                "type": "file",
                "disableDeletion": False,
                "allowUiUpdates": False,
                "updateIntervalSeconds": 30,
                "options": {"path": "/etc/grafana/dashboards"},
            }
        ],
    }
