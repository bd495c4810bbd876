"""The rules on the system: whether its figures are right, fresh and complete."""

from typing import Final

from grafana.alerts.rule import Rule
from grafana.boards.mutu_data import mutu_data
from grafana.boards.operasi import operasi
from grafana.kit.truth import NEWEST
from ikm.alarm import (
    FRESH_FOR_MINUTES,
    FRESH_SECONDS,
    OFFICE_HOURS,
    REJECTED_MINUTES,
    REJECTED_PERCENT,
    SILENT_MINUTES,
    UNVERIFIED_MINUTES,
)

_ZONE: Final = "ifNull((SELECT if(count() = 0, 'UTC', min(zone)) FROM ikm.v_unit WHERE is_root), 'UTC') AS zone"
"""Whose clock a message about the whole shows: the root's."""
_HOUR: Final = 3_600
_DAY: Final = 24 * _HOUR


def divergent() -> Rule:
    """By the newest truth check: how many units' figures differ, 1 where it is too old, and 1 of each such unit."""
    return Rule(
        uid="ikm-angka-berbeda",
        title="Angka tidak sama dengan hitung ulang",
        kind="operasi",
        severity="kritis",
        asked={"A": _DIVERGENT},
        over=0,
        seconds=_DAY,
        pending=0,
        # An aggregate without groups always has its rows: none means that the view is not what it was.
        no_data="NoData",
        on_error="KeepLast",
        summary=(
            '{{ if eq .Labels.masalah "belum diperiksa" }}'
            f"Angka belum diperiksa selama lebih dari {UNVERIFIED_MINUTES} menit"
            "{{ else }}Angka {{ with .Labels.unit }}unit {{ . }}{{ else }}{{ .Values.A.Value }} unit{{ end }} "
            "tidak sama dengan hitung ulang dari jawaban aslinya{{ end }}"
        ),
        action=(
            '{{ if eq .Labels.masalah "belum diperiksa" }}Periksa apakah `ikm verify --continuous` masih berjalan.'
            "{{ else }}Jangan umumkan angka. `ikm verify` menyebut tiap angka, yang seharusnya, dan cara memulihkan."
            "{{ end }}"
        ),
        board=mutu_data,
        panel="Kesesuaian dengan hitung ulang",
    )


_DIVERGENT: Final = f"""\
{NEWEST}
SELECT problem.1 AS masalah, problem.2 AS unit,
       {_ZONE},
       problem.3 AS jumlah
FROM newest
ARRAY JOIN arrayConcat(
    [('angka berbeda', '', total),
     ('belum diperiksa', '', toFloat64(toUnixTimestamp($__toTime) - checked > {UNVERIFIED_MINUTES * 60}))],
    arrayMap(unit -> ('angka berbeda', unit, toFloat64(1)), units)
) AS problem
ORDER BY masalah, unit"""


def stale() -> Rule:
    """A row of each partition with the age of its oldest record that no stored figure holds, in seconds."""
    return Rule(
        uid="ikm-angka-terlambat",
        title="Angka terlambat",
        kind="operasi",
        severity="kritis",
        asked={"A": _STALE},
        over=FRESH_SECONDS,
        seconds=_HOUR,
        pending=FRESH_FOR_MINUTES,
        # No partition is known: no worker has ever worked on this log.
        no_data="NoData",
        # Of all rules the one that tells that ClickHouse does not answer: one alert for one cause.
        on_error="Error",
        summary=(
            "Jawaban di partisi {{ .Labels.partition }} sudah {{ printf `%.0f` .Values.A.Value }} detik belum masuk "
            "angka"
        ),
        action=(
            f"Batasnya {FRESH_SECONDS} detik. Papan operasi menunjukkan peran yang tertinggal; periksa worker dan sink."
            " Jawaban tidak hilang: angka menyusul begitu peran itu pulih."
        ),
        board=operasi,
        panel="Kesegaran sekarang",
    )


_STALE: Final = f"""\
SELECT toString(partition) AS partition,
       {_ZONE},
       seconds AS detik
FROM ikm.v_freshness
ORDER BY partition"""


def rejected() -> Rule:
    """A row of each place where answers are refused, with the share of refused ones in percent; 0 where none came."""
    return Rule(
        uid="ikm-jawaban-ditolak",
        title="Banyak jawaban ditolak",
        kind="operasi",
        severity="peringatan",
        asked={"A": _REJECTED},
        over=REJECTED_PERCENT,
        seconds=REJECTED_MINUTES * 60,
        pending=0,
        # No role has told anything: the truth check and freshness call for that.
        no_data="OK",
        on_error="KeepLast",
        summary=(
            "{{ printf `%.1f` .Values.A.Value }} % jawaban ditolak di {{ .Labels.tempat }} dalam "
            f"{REJECTED_MINUTES} menit terakhir"
        ),
        action=(
            f"Batasnya {REJECTED_PERCENT} %. Papan mutu data menunjukkan unit, kode, dan isian yang salah; hubungi "
            "pengirimnya. Jawaban yang ditolak di aliran tersimpan di rejected.v1."
        ),
        board=mutu_data,
        panel="Bagian dari jawaban",
    )


_REJECTED: Final = f"""\
SELECT if(name = 'ikm_http_responses_total', 'pintu HTTP', 'aliran') AS tempat,
       {_ZONE},
       if(total = 0, 0, 100 * refused / total) AS persen
FROM (
    SELECT name, sum(ifNull(increase, 0)) AS total,
           sumIf(ifNull(increase, 0), labels['outcome'] = 'rejected') AS refused
    FROM ikm.v_ops
    WHERE at > $__fromTime AND at <= $__toTime
      AND name IN ('ikm_http_responses_total', 'ikm_worker_records_total')
      AND labels['outcome'] IN ('accepted', 'valid', 'rejected')
    GROUP BY name
)
ORDER BY tempat"""


def silent() -> Rule:
    """One row: for how many minutes of today's office hours no answer has come; 0 outside of them."""
    opens, closes = OFFICE_HOURS
    return Rule(
        uid="ikm-tidak-ada-jawaban",
        title="Tidak ada jawaban masuk",
        kind="operasi",
        severity="peringatan",
        asked={"A": _SILENT},
        over=SILENT_MINUTES,
        seconds=(closes - opens) * _HOUR,
        pending=0,
        no_data="NoData",
        on_error="KeepLast",
        summary="Tidak ada jawaban dari unit mana pun selama {{ printf `%.0f` .Values.A.Value }} menit",
        action=(
            f"Batasnya {SILENT_MINUTES} menit pada pukul {opens:02}.00 sampai {closes:02}.00 di hari kerja. Periksa "
            "apakah formulir dan kios bisa dibuka, dan apakah pintu HTTP menerima jawaban."
        ),
        board=operasi,
        panel="Jawaban per detik",
    )


_SILENT: Final = f"""\
WITH toUnixTimestamp($__toTime) AS now,
     (SELECT toUnixTimestamp(max(at)) FROM ikm.v_ops
      WHERE at > $__fromTime AND at <= $__toTime AND name = 'ikm_worker_records_total'
        AND labels['outcome'] = 'valid' AND increase > 0) AS last
SELECT {_ZONE},
       max(if(toDayOfWeek(day) < 6 AND day NOT IN (SELECT day FROM ikm.ref_holiday)
                  AND now >= opens AND now < opens + {(OFFICE_HOURS[1] - OFFICE_HOURS[0]) * _HOUR},
              (now - greatest(ifNull(last, 0), opens)) / 60, 0)) AS menit
FROM (
    SELECT toDate(toDateTime(now + zone_hours * {_HOUR}, 'UTC')) AS day,
           toUnixTimestamp(toDateTime(day, 'UTC')) + ({OFFICE_HOURS[0]} - zone_hours) * {_HOUR} AS opens
    FROM ikm.v_unit
    WHERE is_root
)"""
"""Where a year's holidays are not known, every weekday is a working day: a call too many is better than none."""


def heartbeat() -> Rule:
    """Always one row of 1: what it proves is the whole way from ClickHouse to whoever listens."""
    return Rule(
        uid="ikm-detak",
        title="Detak",
        kind="detak",
        severity="info",
        asked={"A": f"SELECT {_ZONE}, 1 AS detak"},
        over=0,
        seconds=REJECTED_MINUTES * 60,
        pending=0,
        # It must fall silent with whatever it goes through: the listener raises the alarm.
        no_data="OK",
        on_error="OK",
        summary="Peringatan IKM bekerja",
        action="Pesan ini datang terus-menerus. Bila berhenti, pemantauan IKM sendiri yang berhenti.",
        board=operasi,
        panel="Kesegaran sekarang",
    )
