"""Does the system run? Freshness, lag, throughput, flushes, errors and restarts of every role."""

from typing import Final

from grafana_foundation_sdk.builders.stat import Panel as Figures
from grafana_foundation_sdk.builders.table import Panel as Table
from grafana_foundation_sdk.builders.timeseries import Panel as Course
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.kit import columns, panels
from grafana.kit.board import board
from grafana.kit.grid import Row
from grafana.kit.measures import (
    FIRST,
    PER_MINUTE,
    PER_SECOND,
    SECOND,
    SECONDS,
    THIRD,
    from_zero,
    in_colour,
    judged,
    measured,
    on_the_right,
)
from grafana.kit.query import Query
from ikm.alarm import FRESH_SECONDS

_TICK: Final = "10s"
"""How often a process tells its metrics: a shorter step would be empty now and then."""
_IN_RANGE: Final = "at > $__fromTime AND at <= $__toTime"

_ROLES: Final = ("worker", "sink", "api")

ERRORS: Final = {
    "logged": ("Galat di log", "ikm_log_lines_total", "labels['level'] IN ('error', 'critical')"),
    "unacknowledged": ("Jawaban tanpa kepastian", "ikm_http_responses_total", "labels['outcome'] = 'unacknowledged'"),
    "failed": ("Permintaan gagal (5xx)", "ikm_http_request_seconds_count", "startsWith(labels['status'], '5')"),
    "repeated": ("Sisipan diulang", "ikm_sink_retries_total", ""),
    "refused_rows": ("Baris ditolak penyimpanan", "ikm_sink_rejected_total", ""),
    "refused_closings": ("Penutupan periode ditolak", "ikm_closings_total", "labels['outcome'] = 'refused'"),
}
"""What must not happen, by column: as an officer reads it, the metric, and which of its labels."""


def operasi() -> Dashboard:
    """The board `operasi`."""
    return board(
        "operasi",
        "Operasi",
        "Apakah sistem berjalan: seberapa segar angkanya, seberapa jauh tertinggal, dan apa yang gagal.",
        [
            Row(6, ((6, _now()), (6, _restarts()), (12, _errors()))),
            Row(9, ((12, _freshness()), (12, _lag()))),
            Row(9, ((12, _throughput()), (12, _flushes()))),
            Row(9, ((10, _partitions()), (14, _processes())), title="Rincian"),
        ],
        since="now-6h",
    )


def _now() -> Figures:
    return panels.figures(
        "Kesegaran sekarang",
        f"Umur jawaban tertua yang belum masuk angka, dan berapa rekaman yang menunggu. Di atas {FRESH_SECONDS} detik "
        "peringatan dikirim. Sumber: v_freshness.",
        Query("SELECT max(seconds) AS seconds, sum(behind) AS behind FROM ikm.v_freshness HAVING count() > 0"),
        {
            "seconds": (*measured("Umur tertua", SECONDS), *judged(FRESH_SECONDS)),
            "behind": columns.count("Rekaman menunggu"),
        },
    )


def _restarts() -> Figures:
    counts = ",\n       ".join(
        f"if(count() = 0, NULL, uniqExactIf(started, role = '{role}' AND is_new)) AS {role}" for role in _ROLES
    )
    sql = f"""\
SELECT {counts}
FROM (
    SELECT role, (instance, value) AS started, value >= toUnixTimestamp($__fromTime) AS is_new
    FROM ikm.v_ops
    WHERE {_IN_RANGE} AND name = 'process_start_time_seconds'
)"""
    return panels.figures(
        "Mulai ulang",
        "Berapa kali tiap peran mulai pada rentang waktu ini, termasuk yang direncanakan. `ikm up` menjalankan sink di "
        "dalam api. Sumber: v_ops.",
        Query(sql),
        {role: columns.count(role) for role in _ROLES},
    )


def _errors() -> Figures:
    counts = ",\n       ".join(
        f"if(count() = 0, NULL, sumIf(ifNull(increase, 0), name = '{metric}'{labels and f' AND {labels}'})) AS {column}"
        for column, (_, metric, labels) in ERRORS.items()
    )
    names = ", ".join(f"'{metric}'" for _, metric, _ in ERRORS.values())
    sql = f"""\
SELECT {counts}
FROM ikm.v_ops
WHERE {_IN_RANGE}
  AND name IN ({names})"""
    return panels.figures(
        "Kegagalan",
        "Yang seharusnya tidak terjadi, berapa kali pada rentang waktu ini. Jawaban tanpa kepastian harus dikirim lagi "
        "oleh pengirimnya. Sumber: v_ops.",
        Query(sql),
        {column: (*columns.count(text), *judged(1)) for column, (text, _, _) in ERRORS.items()},
    )


def _freshness() -> Course:
    sql = f"""\
SELECT $__timeInterval(at) AS time, maxOrNullIf(value, name = 'ikm_sink_freshness_seconds_p50') AS p50,
       maxOrNullIf(value, name = 'ikm_sink_freshness_seconds_p99') AS p99
FROM ikm.v_ops
WHERE {_IN_RANGE} AND name IN ('ikm_sink_freshness_seconds_p50', 'ikm_sink_freshness_seconds_p99')
GROUP BY time
ORDER BY time"""
    return _by_tick(
        panels.course(
            "Dari diterima sampai masuk angka",
            f"Berapa lama sebuah jawaban menunggu: separuhnya (p50) dan hampir semuanya (p99), yang terburuk dalam "
            f"tiap langkah. Batasnya {FRESH_SECONDS} detik. Sumber: v_ops.",
            Query(sql),
            {
                "p50": (*measured("p50", SECONDS, 3), *in_colour(SECOND)),
                "p99": (*measured("p99", SECONDS, 3), *in_colour(FIRST)),
            },
        )
    )


def _lag() -> Course:
    sql = f"""\
SELECT time, sum(records) AS records
FROM (
    SELECT $__timeInterval(at) AS time, labels['partition'] AS partition, max(value) AS records
    FROM ikm.v_ops
    WHERE {_IN_RANGE} AND name = 'ikm_index_lag_records'
    GROUP BY time, partition
)
GROUP BY time
ORDER BY time"""
    return _by_tick(
        panels.course(
            "Rekaman yang belum masuk angka",
            "Ketertinggalan semua partisi bersama, yang terbesar dalam tiap langkah. Sumber: v_ops.",
            Query(sql),
            {"records": (*columns.count("Rekaman"), *from_zero())},
        )
    )


def _throughput() -> Course:
    sql = f"""\
SELECT $__timeInterval(at) AS time,
       sumIf(increase, name = 'ikm_http_responses_total' AND labels['outcome'] = 'accepted')
           / $__interval_s AS accepted,
       sumIf(increase, name = 'ikm_worker_records_total') / $__interval_s AS folded,
       sumIf(increase, name = 'ikm_sink_rows_total' AND labels['table'] = 'ikm.events') / $__interval_s AS stored
FROM ikm.v_ops
WHERE {_IN_RANGE} AND name IN ('ikm_http_responses_total', 'ikm_worker_records_total', 'ikm_sink_rows_total')
GROUP BY time
ORDER BY time"""
    return _by_tick(
        panels.course(
            "Jawaban per detik",
            "Berapa yang diterima di pintu HTTP, diolah dari aliran, dan disimpan. Yang diolah dan disimpan seharusnya "
            "berjalan bersama; impor dan pengirim lain menulis ke aliran tanpa lewat pintu HTTP. Sumber: v_ops.",
            Query(sql),
            {
                "accepted": (*measured("Diterima", PER_SECOND), *in_colour(THIRD)),
                "folded": (*measured("Diolah", PER_SECOND), *in_colour(FIRST)),
                "stored": (*measured("Disimpan", PER_SECOND), *in_colour(SECOND)),
            },
        )
    )


def _flushes() -> Course:
    sql = f"""\
SELECT $__timeInterval(at) AS time,
       sumIf(increase, name = 'ikm_sink_insert_seconds_count') * 60 / $__interval_s AS inserts,
       maxOrNullIf(value, name = 'ikm_sink_insert_seconds_p99') AS p99
FROM ikm.v_ops
WHERE {_IN_RANGE} AND name IN ('ikm_sink_insert_seconds_count', 'ikm_sink_insert_seconds_p99')
GROUP BY time
ORDER BY time"""
    return _by_tick(
        panels.course(
            "Sisipan ke ClickHouse",
            "Berapa sisipan per menit, dan berapa lama yang lambat (p99, tabel terlambat). Sumber: v_ops.",
            Query(sql),
            {
                "inserts": (*measured("Sisipan per menit", PER_MINUTE), *in_colour(FIRST)),
                "p99": (*measured("p99", SECONDS, 3), *in_colour(SECOND), *on_the_right()),
            },
        )
    )


def _partitions() -> Table:
    return panels.rows(
        "Partisi",
        "Ketertinggalan tiap partisi aliran jawaban, dan kapan terakhir ada kabar darinya. Sumber: v_freshness.",
        Query(
            "SELECT toString(partition) AS partition, seconds, behind, at FROM ikm.v_freshness ORDER BY seconds DESC"
        ),
        {
            "partition": columns.title("Partisi"),
            "seconds": (*measured("Umur tertua", SECONDS), *judged(FRESH_SECONDS), *columns.coloured()),
            "behind": columns.count("Rekaman menunggu"),
            "at": columns.moment("Kabar terakhir"),
        },
    )


def _processes() -> Table:
    sql = f"""\
SELECT role, instance, toDateTime64(maxIf(value, name = 'process_start_time_seconds'), 3, 'UTC') AS started,
       max(at) AS heard, argMaxOrNullIf(value, at, name = 'process_resident_memory_bytes') AS memory,
       argMaxOrNullIf(value, at, name = 'process_open_fds') AS files
FROM ikm.v_ops
WHERE {_IN_RANGE}
  AND name IN ('process_start_time_seconds', 'process_resident_memory_bytes', 'process_open_fds')
GROUP BY role, instance
ORDER BY heard DESC, role, instance
LIMIT 100"""
    return panels.rows(
        "Proses",
        "Siapa yang berjalan atau pernah berjalan pada rentang waktu ini; yang sudah berhenti tidak lagi berkabar. "
        "Sumber: v_ops.",
        Query(sql),
        {
            "role": columns.title("Peran"),
            "instance": columns.title("Proses"),
            "started": columns.moment("Mulai"),
            "heard": columns.moment("Kabar terakhir"),
            "memory": measured("Memori", "bytes"),
            "files": columns.count("Berkas terbuka"),
        },
    )


def _by_tick(panel: Course) -> Course:
    return panel.interval(_TICK)
