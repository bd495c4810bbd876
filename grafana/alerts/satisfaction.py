"""The rule on the index itself: it has fallen below what the last closed period had."""

from typing import Final

from grafana.alerts.rule import Rule
from grafana.boards.unit import unit
from ikm.alarm import FALL_FOR_MINUTES
from ikm.figure import PROVISIONAL_BELOW
from ikm.index import INDICES

_SECONDS: Final = 3_600
_COMPARED: Final = """\
SELECT m.unit AS unit, m.name AS name, m.`index` AS `index`, m.scope AS scope, m.period AS period, m.base AS base,
       ifNull(m.base_mutu, '-') AS base_mutu, u.zone AS zone,
       {value} AS {name}
FROM ikm.v_mover AS m
INNER JOIN ikm.v_unit AS u ON u.unit = m.unit
INNER JOIN ikm.ref_band AS now ON now.`index` = m.`index` AND now.mutu = m.mutu
INNER JOIN ikm.ref_band AS before ON before.`index` = m.`index` AND before.mutu = m.base_mutu
WHERE m.fell IS NOT NULL
  AND (m.scope = 'self'
       OR (m.scope = 'pooled' AND m.unit IN (SELECT unit FROM ikm.v_tree WHERE is_current AND member != unit)))
ORDER BY unit, `index`, scope"""
"""A row of every comparison that may be made, fallen or not, so that an alert ends when its number says so. The letter
of today is no label: an index that goes to and fro between two letters would begin anew each time."""

_SCOPE: Final = '{{ if eq .Labels.scope "pooled" }} bersama unit di bawahnya{{ end }}'


def fallen() -> Rule:
    """Rows of units with their fall in points, 0 where nothing fell."""
    return Rule(
        uid="ikm-kepuasan-turun",
        title="Mutu layanan turun",
        kind="kepuasan",
        severity="peringatan",
        asked={
            "A": _COMPARED.format(
                value="if(m.fell AND now.from_hundredths < before.from_hundredths, -ifNull(m.difference, 0), 0)",
                name="turun",
            ),
            "B": _COMPARED.format(value="ifNull(m.value, 0)", name="nilai"),
        },
        over=0,
        seconds=_SECONDS,
        pending=FALL_FOR_MINUTES,
        # No period is closed yet, so nothing can have fallen.
        no_data="OK",
        # One alert says that ClickHouse does not answer (freshness); a fall that was seen stays seen.
        on_error="KeepLast",
        summary=(
            "{{ .Labels.name }}" + _SCOPE + ": mutu {{ .Labels.index | toUpper }} turun dari {{ .Labels.base_mutu }} "
            "menjadi " + _letter() + ", {{ printf `%.2f` .Values.A.Value }} poin di bawah periode {{ .Labels.base }}"
        ),
        action=(
            "Periode {{ .Labels.period }} kini {{ printf `%.2f` .Values.B.Value }}. Penurunannya nyata: selang 95 % "
            f"dari selisihnya tidak memuat 0 dan kedua periode berisi sedikitnya {PROVISIONAL_BELOW} jawaban. Lihat "
            "unsur terendah dan sejak kapan turun pada papan unit."
        ),
        board=unit,
        panel="Periode belum ditutup",
        address="?var-unit={{ .Labels.unit }}",
    )


def _letter() -> str:
    """A template that prints the letter of value B in the index of an alert."""
    cases = (
        f'if and (eq .Labels.index "{index.code}") (ge .Values.B.Value {band.from_hundredths / 100:.2f})'
        f" }}}}{band.mutu}"
        for index in INDICES.values()
        for band in index.bands
    )
    return "{{ " + "{{ else ".join(cases) + "{{ end }}"
