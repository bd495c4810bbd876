"""What a message says, in Indonesian: what, which unit, how far, since when, and where to look."""

from typing import Any, Final

_TITLE: Final = """\
{{ define "ikm.judul" -}}
{{ if eq .Status "firing" }}[IKM] {{ else }}[IKM, pulih] {{ end -}}
{{ if .CommonLabels.rulename }}{{ .CommonLabels.rulename }}: tidak dapat diperiksa{{ else }}\
{{ .CommonLabels.alertname }}{{ end -}}
{{ if gt (len .Alerts) 1 }} ({{ len .Alerts }}){{ end }}
{{- end }}
"""

_MESSAGE: Final = """\
{{ define "ikm.pesan" -}}
{{ range .Alerts.Firing }}{{ template "ikm.kejadian" . }}
{{ end -}}
{{ range .Alerts.Resolved }}{{ template "ikm.pulih" . }}
{{ end -}}
{{ end }}

{{ define "ikm.kejadian" -}}
{{ if eq .Labels.alertname "DatasourceNoData" -}}
Aturan «{{ .Labels.rulename }}» tidak menerima data
Yang harus dilakukan: periksa apakah worker dan sink berjalan. Selama itu keadaan yang diawasinya tidak diketahui.
{{- else if .Labels.rulename -}}
Aturan «{{ .Labels.rulename }}» tidak dapat diperiksa{{ with .Annotations.Error }}: {{ . }}{{ end }}
Yang harus dilakukan: periksa apakah ClickHouse menjawab. Selama itu tidak ada peringatan lain yang dapat dipercaya.
{{- else -}}
{{ .Annotations.summary }}
Yang harus dilakukan: {{ .Annotations.description }}
{{- end }}
Sejak: {{ .StartsAt | tz (or .Labels.zone "UTC") | date "02-01-2006 15.04 MST" }}
Papan: {{ .Annotations.tautan }}
{{ end }}

{{ define "ikm.pulih" -}}
Sudah pulih: {{ or .Labels.rulename .Labels.alertname }}
{{- with or .Labels.name .Labels.unit }}, {{ . }}{{ end }}
{{- with .Labels.masalah }}, {{ . }}{{ end }}
{{- with .Labels.tempat }}, {{ . }}{{ end }}
{{- with .Labels.partition }}, partisi {{ . }}{{ end }}
Dari {{ .StartsAt | tz (or .Labels.zone "UTC") | date "02-01-2006 15.04 MST" }} \
sampai {{ .EndsAt | tz (or .Labels.zone "UTC") | date "02-01-2006 15.04 MST" }}
Papan: {{ .Annotations.tautan }}
{{ end }}
"""
"""What is over is told without its numbers: those are of the evaluation that found nothing any more."""


def templates() -> dict[str, Any]:
    """Grafana's `templates`; it expands no environment in them, so they are written as Go reads them."""
    return {
        "apiVersion": 1,
        "templates": [
            {"orgId": 1, "name": "ikm.judul", "template": _TITLE},
            {"orgId": 1, "name": "ikm.pesan", "template": _MESSAGE},
        ],
    }
