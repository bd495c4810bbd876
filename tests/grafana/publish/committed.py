"""A small folder laid out as `grafana/` is, with one of everything that can be published."""

import json
from pathlib import Path
from typing import Any

import yaml

ZONE = "Asia/Makassar"
MUTE = "IKM di luar jam kerja Asia/Makassar"
ENVIRONMENT = {"IKM_ALERT_EMAIL": "operasi@kota.example", "IKM_ALERT_PASSWORD": "s3cret$1"}


def board(file: str, title: str) -> dict[str, Any]:
    return {
        "uid": f"ikm-{file}", "title": title, "schemaVersion": 42, "timezone": "Asia/Jakarta", "refresh": "10s",
        "tags": ["ikm"], "time": {"from": "now-7d", "to": "now"},
        "templating": {"list": [{"name": "unit", "type": "query", "query": "SELECT unit FROM v_unit"}]},
        "annotations": {}, "editable": True, "fiscalYearStartMonth": 0, "links": [], "description": None,
        "panels": [
            {
                "id": 1, "type": "stat", "title": "Nilai IKM", "gridPos": {"x": 6, "y": 0, "w": 6, "h": 4},
                "transparent": False, "options": {}, "targets": [{"refId": "A", "rawSql": "SELECT 1", "format": 1}],
                "fieldConfig": {"defaults": {"thresholds": {"steps": [{"color": "#808080", "value": None}]}}},
            },
            {"id": 4, "type": "text", "title": "", "gridPos": {"x": 0, "y": 0, "w": 6, "h": 3}, "targets": []},
            {
                "id": 2, "type": "row", "title": "Rinci", "gridPos": {"x": 0, "y": 4, "w": 24, "h": 1}, "repeat": "",
                "panels": [{"id": 3, "type": "table", "title": "Unsur", "gridPos": {"x": 0, "y": 5, "w": 8, "h": 8}}],
            },
        ],
    }  # fmt: skip


def query(letter: str) -> dict[str, Any]:
    model = {"refId": letter, "rawSql": "SELECT count() FROM v_ops WHERE at > $__fromTime", "format": 1}
    span = {"from": 600, "to": 0}
    return {"refId": letter, "relativeTimeRange": span, "datasourceUid": "ikm-clickhouse", "model": model}


RULES = {
    "orgId": 1, "name": "IKM operasi", "folder": "IKM", "interval": "1m",
    "rules": [
        {
            "uid": "ikm-segar", "title": "Data terlambat", "condition": "Z", "for": "120s", "noDataState": "OK",
            "dashboardUid": "ikm-operasi", "panelId": 1, "labels": {"kind": "operasi"}, "isPaused": False,
            "annotations": {"summary": "Terlambat {{ $$labels.partisi }}", "tautan": "/d/ikm-operasi"},
            "data": [
                query("A"),
                {
                    "refId": "Z", "datasourceUid": "__expr__", "relativeTimeRange": {"from": 0, "to": 0},
                    "model": {"refId": "Z", "type": "threshold", "expression": "A"},
                },
            ],
        },
        {
            "uid": "ikm-detak", "title": "Detak", "condition": "A", "dashboardUid": "ikm-operasi", "data": [query("A")],
            "keepFiringFor": "90m",
        },
    ],
}  # fmt: skip
POINTS = [
    {
        "orgId": 1, "name": "IKM operasi",
        "receivers": [
            {"uid": "ikm-surel", "type": "email", "settings": {"addresses": "${IKM_ALERT_EMAIL}"}},
            {
                "uid": "ikm-kait", "type": "webhook", "disableResolveMessage": True,
                "settings": {"url": "http://127.0.0.1/kait?harga=$$5", "password": "$IKM_ALERT_PASSWORD"},
            },
        ],
    }
]  # fmt: skip
POLICIES = [
    {
        "orgId": 1, "receiver": "IKM operasi", "group_by": ["alertname"], "repeat_interval": "4h",
        "routes": [
            {
                "receiver": "IKM operasi", "object_matchers": [["kind", "=", "kepuasan"]],
                "mute_time_intervals": ["IKM di luar jam kerja ${IKM_ALERT_ZONE}"], "group_wait": "60s",
            }
        ],
    }
]  # fmt: skip
TEMPLATES = [{"orgId": 1, "name": "ikm.pesan", "template": '{{ define "ikm.pesan" }}Nilai $5{{ end }}\n'}]
MUTE_TIMES = [
    {"orgId": 1, "name": MUTE, "time_intervals": [{"location": ZONE, "weekdays": ["saturday", "sunday"]}]},
    {"orgId": 1, "name": "ikm libur/cuti", "time_intervals": [{"months": ["12"], "days_of_month": ["25"]}]},
]


def write_board(folder: Path, content: dict[str, Any]) -> Path:
    file = folder / "dashboards" / f"{content['uid'].removeprefix('ikm-')}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", "utf-8")
    return file


def write_alerting(folder: Path, name: str, **sections: Any) -> Path:
    file = folder / "provisioning" / "alerting" / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump({"apiVersion": 1, **sections}, allow_unicode=True), "utf-8")
    return file


def write_all(folder: Path) -> None:
    write_board(folder, board("unit", "Unit"))
    write_board(folder, board("operasi", "Operasi"))
    write_alerting(folder, "aturan", groups=[RULES])
    write_alerting(folder, "titik-kontak", contactPoints=POINTS)
    write_alerting(folder, "kebijakan", policies=POLICIES)
    write_alerting(folder, "lain", templates=TEMPLATES, muteTimes=MUTE_TIMES)


COUNT = 9
"""Of the things in that folder: two boards, two mute times, a template, two integrations, the policies, a group."""
