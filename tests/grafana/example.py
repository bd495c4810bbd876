"""Three small boards and an alert rule without a fault, to put faults into."""

from typing import Any

from ikm.figure import TIER_NAMES
from ikm.index import IKM, NO_COLOUR

MISSING = {
    "type": "special",
    "options": {"match": "null+nan", "result": {"text": TIER_NAMES["kosong"], "color": NO_COLOUR, "index": 0}},
}
LETTERS = {
    "type": "value",
    "options": {band.mutu: {"text": f"{band.mutu} · {band.kinerja}", "color": band.colour} for band in IKM.bands},
}
BANDS = {
    "mode": "absolute",
    "steps": [
        {"value": None, "color": NO_COLOUR},
        *({"value": band.from_hundredths / 100, "color": band.colour} for band in reversed(IKM.bands)),
    ],
}
PLAIN = {"mode": "absolute", "steps": [{"value": None, "color": "text"}]}
DOWN = "/d/ikm-unit?var-unit=${__data.fields.unit}&${__url_time_range}"
COLUMNS = "unit, name, value, mutu, n, watermark"
LIVE = f"SELECT {COLUMNS} FROM ikm.v_unit_live WHERE unit IN (${{unit:singlequote}}) ORDER BY name"


def boards() -> dict[str, Any]:
    """By the names of their files."""
    first, second = _panel(1, "stat", "Indeks", LIVE), _panel(2, "table", "Unit", LIVE, y=8)
    there = _panel(1, "table", "Rincian", LIVE, links=False)
    sql = "SELECT unit, name, value, mutu, n, watermark FROM ikm.v_public_index WHERE to <= $__toTime ORDER BY name"
    outside = _panel(1, "table", "Publik", sql, source="ikm-public", links=False)
    return {
        "pimpinan": _board("pimpinan", [first, second], "10s", [_unit()]),
        "unit": _board("unit", [there], "30s", [_unit(), _kinds()]),
        "papan-publik": _board("papan-publik", [outside], "5s", []),
    }


def alert() -> dict[str, Any]:
    """As it is provisioned."""
    return {
        "uid": "ikm-kesegaran",
        "title": "Angka terlambat",
        "condition": "B",
        "for": "2m",
        "noDataState": "OK",
        "execErrState": "Error",
        "labels": {"severity": "teknis", "unit": "{{ $$labels.unit }}"},
        "annotations": {"summary": "Terlambat {{ $values.A }}", "description": "x", "__dashboardUid__": "ikm-pimpinan"},
        "data": [
            {
                "refId": "A",
                "datasourceUid": "ikm-clickhouse",
                "relativeTimeRange": {"from": 600, "to": 0},
                "model": {
                    "editorType": "sql",
                    "format": 1,
                    "rawSql": "SELECT partition, seconds FROM ikm.v_freshness WHERE at >= $__fromTime",
                },
            },
            {"refId": "B", "datasourceUid": "__expr__", "model": {"type": "threshold", "expression": "A"}},
        ],
    }


def _board(file: str, panels: list[Any], refresh: str, variables: list[Any]) -> dict[str, Any]:
    return {
        "schemaVersion": 42,
        "uid": f"ikm-{file}",
        "title": file.title(),
        "description": "Menjawab satu pertanyaan.",
        "tags": ["ikm"] if file != "papan-publik" else ["ikm-publik"],
        "timezone": "Asia/Jakarta",
        "refresh": refresh,
        "templating": {"list": variables},
        "panels": panels,
    }


def _panel(
    number: int, kind: str, title: str, sql: str, *, y: int = 0, source: str = "ikm-clickhouse", links: bool = True
) -> dict[str, Any]:
    datasource = {"type": "grafana-clickhouse-datasource", "uid": source}
    target = {"refId": "A", "datasource": datasource, "rawSql": sql}
    said = {"pluginVersion": "4.20.0", "editorType": "sql", "queryType": "table", "format": 1}
    leads = [{"id": "links", "value": [{"title": "Rincian", "url": DOWN}]}] if links else []
    figure = [{"id": "decimals", "value": 2}, {"id": "unit", "value": "none"}, {"id": "thresholds", "value": BANDS}]
    return {
        "id": number,
        "type": kind,
        "title": title,
        "description": "Dari mana angkanya.",
        "datasource": datasource,
        "gridPos": {"x": 0, "y": y, "w": 24, "h": 8},
        "targets": [{**target, **said}],
        "fieldConfig": {
            "defaults": {"mappings": [MISSING], "thresholds": PLAIN, "noValue": TIER_NAMES["kosong"]},
            "overrides": [
                {"matcher": {"id": "byName", "options": "name"}, "properties": leads},
                {"matcher": {"id": "byName", "options": "value"}, "properties": figure},
                {
                    "matcher": {"id": "byName", "options": "mutu"},
                    "properties": [{"id": "mappings", "value": [LETTERS, MISSING]}],
                },
                {"matcher": {"id": "byName", "options": "n"}, "properties": [{"id": "decimals", "value": 0}]},
            ],
        },
    }


def _unit() -> dict[str, Any]:
    return _variable("unit", "SELECT unit, name FROM ikm.v_unit ORDER BY depth, name", all_of_them=False)


def _kinds() -> dict[str, Any]:
    return _variable("type", "SELECT DISTINCT type FROM ikm.v_unit ORDER BY type", all_of_them=True)


def _variable(name: str, sql: str, *, all_of_them: bool) -> dict[str, Any]:
    source = {"type": "grafana-clickhouse-datasource", "uid": "ikm-clickhouse"}
    query = {"refId": name, "datasource": source, "rawSql": sql, "editorType": "sql", "format": 1}
    return {
        "name": name,
        "type": "query",
        "label": name,
        "query": query,
        "includeAll": all_of_them,
        "multi": all_of_them,
    }
