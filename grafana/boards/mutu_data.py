"""Is what the figures are made of sound? Late, duplicate and refused answers, and whether the figures are right."""

from typing import Final

from grafana_foundation_sdk.builders.stat import Panel as Figures
from grafana_foundation_sdk.builders.table import Panel as Table
from grafana_foundation_sdk.builders.timeseries import Panel as Course
from grafana_foundation_sdk.models.common import GraphDrawStyle, VisibilityMode
from grafana_foundation_sdk.models.dashboard import Dashboard
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue as Property

from grafana.kit import columns, links, panels, sql, theme, variables
from grafana.kit.board import board
from grafana.kit.grid import Row
from grafana.kit.measures import SECOND, THIRD, from_zero, in_colour, judged
from grafana.kit.query import Query
from grafana.kit.truth import NEWEST
from ikm.alarm import REJECTED_PERCENT
from ikm.errors import REFUSALS
from ikm.quality import LATE_MS
from ikm.times import MS_PER_HOUR

_WHOSE: Final = f"""(unit IN (SELECT member FROM ikm.v_tree WHERE unit = {sql.UNIT} AND is_current)
       OR (unit NOT IN (SELECT member FROM ikm.v_tree WHERE is_current)
           AND {sql.UNIT} IN (SELECT unit FROM ikm.v_unit WHERE is_root)))"""
"""The unit and those below it; under a root also what is of nobody, such as a refused answer of an unknown unit."""

_HOURS: Final = "hour >= toStartOfHour($__fromTime) AND hour <= $__toTime"
_COUNTS: Final = """sum(accepted) AS accepted, sum(late) AS late, sum(duplicate) AS duplicate,
       sum(rejected) AS rejected"""
_LOOKS: Final = {
    "accepted": columns.count("Diterima"),
    "late": columns.count("Terlambat"),
    "duplicate": columns.count("Ganda"),
    "rejected": columns.count("Ditolak"),
}
_MEANING: Final = (
    f"Terlambat: diterima lebih dari {LATE_MS // MS_PER_HOUR} jam setelah diisi. Ganda: peristiwa yang tidak "
    "mengubah apa pun. Ditolak: rekaman di aliran yang tidak memenuhi aturan; jawaban yang sudah ditolak di pintu HTTP "
    "tidak masuk hitungan ini."
)


def mutu_data() -> Dashboard:
    """The board `mutu-data`."""
    return board(
        "mutu-data",
        "Mutu data",
        "Apakah data di balik angka dapat dipercaya: jawaban yang terlambat, ganda, atau ditolak, dan apakah angka "
        "sama dengan hitung ulang dari jawaban aslinya.",
        [
            Row(6, ((9, _counts()), (7, _shares()), (8, _truth()))),
            Row(9, ((14, _by_hour()), (10, _by_code()))),
            Row(11, ((24, _by_unit()),), title="Menurut unit"),
            Row(10, ((14, _latest()), (10, _divergence())), title="Rincian"),
        ],
        variables=[variables.unit()],
        since="now-7d",
    )


def _counts() -> Figures:
    return panels.figures(
        "Jawaban pada rentang waktu",
        f"Berapa peristiwa jawaban yang masuk, per jam penerimaan. {_MEANING} “Tertinggal”: umur jawaban tertua yang "
        "belum masuk angka. Sumber: v_quality, v_freshness.",
        Query(f"SELECT {_COUNTS}\nFROM ikm.v_quality\nWHERE {_HOURS} AND {_WHOSE}"),
        {**_LOOKS, "behind": columns.age("Tertinggal")},
    ).with_target(Query(sql.BEHIND, ref="B"))


def _shares() -> Figures:
    text = f"""\
SELECT if(accepted = 0, NULL, late / accepted) AS late_share,
       if(accepted = 0, NULL, duplicate / accepted) AS duplicate_share,
       if(accepted + rejected = 0, NULL, rejected / (accepted + rejected)) AS rejected_share
FROM (SELECT {_COUNTS} FROM ikm.v_quality WHERE {_HOURS} AND {_WHOSE})"""
    return panels.figures(
        "Bagian dari jawaban",
        f"Bagian yang terlambat dan ganda dari yang diterima, dan yang ditolak dari semuanya; di atas "
        f"{REJECTED_PERCENT} % yang ditolak berwarna. {_MEANING} Sumber: v_quality.",
        Query(text),
        {
            "late_share": columns.share("Terlambat"),
            "duplicate_share": columns.share("Ganda"),
            "rejected_share": (*columns.share("Ditolak"), *judged(REJECTED_PERCENT / 100)),
        },
    )


def _truth() -> Figures:
    text = f"""\
{NEWEST}
SELECT total, multiIf(total = 0, '{theme.NOTHING}', empty(units), NULL, arrayStringConcat(units, ', ')) AS differing,
       fromUnixTimestamp64Milli(toInt64(checked * 1000), 'UTC') AS checked_at
FROM newest
WHERE checked > 0"""
    return panels.figures(
        "Kesesuaian dengan hitung ulang",
        "Unit yang angkanya tidak sama dengan hitung ulang dari jawaban aslinya, menurut pemeriksaan terakhir; harus 0."
        " Tanpa pemeriksaan dalam sehari tidak ada angka. Sumber: v_ops, dari `ikm verify --continuous`.",
        Query(text),
        {
            "total": (*columns.count("Unit berbeda"), *judged(1)),
            "differing": columns.title("Unit"),
            "checked_at": columns.moment("Terakhir diperiksa"),
        },
    )


def _by_hour() -> Course:
    text = f"""\
SELECT hour AS time, {_COUNTS}
FROM ikm.v_quality
WHERE {_HOURS} AND {_WHOSE}
GROUP BY hour
ORDER BY hour"""
    panel = panels.course(
        "Terlambat, ganda, ditolak per jam",
        f"Kapan data memburuk. Jam tanpa peristiwa tidak bergambar. {_MEANING} Sumber: v_quality.",
        Query(text),
        {
            "accepted": columns.off_scale("Diterima"),
            "late": (*_LOOKS["late"], *in_colour(THIRD)),
            "duplicate": (*_LOOKS["duplicate"], *in_colour(SECOND)),
            "rejected": (*_LOOKS["rejected"], *in_colour(theme.BAD)),
        },
    )
    return panel.draw_style(GraphDrawStyle.BARS).fill_opacity(60).show_points(VisibilityMode.NEVER)


def _by_code() -> Table:
    text = f"""\
SELECT code, field, count() AS rejected, max(at) AS latest
FROM ikm.v_rejection
WHERE $__timeFilter_ms(at) AND {_WHOSE}
GROUP BY code, field
ORDER BY rejected DESC, code, field
LIMIT 100"""
    return panels.rows(
        "Ditolak menurut sebab",
        "Mengapa rekaman ditolak dan pada isian mana; bintang berarti nama yang tidak dikenal. Isi jawaban tidak "
        "disimpan. Sumber: v_rejection.",
        Query(text),
        {
            "code": _refusal(),
            "field": columns.title("Isian"),
            "rejected": columns.count("Ditolak"),
            "latest": columns.moment("Terakhir"),
        },
    ).no_value(theme.NOTHING)


def _by_unit() -> Table:
    text = f"""\
SELECT q.unit AS unit, if(u.name = '', q.unit, u.name) AS name, q.accepted AS accepted, q.late AS late,
       q.duplicate AS duplicate, q.rejected AS rejected,
       if(q.accepted = 0, NULL, q.late / q.accepted) AS late_share,
       if(q.accepted + q.rejected = 0, NULL, q.rejected / (q.accepted + q.rejected)) AS rejected_share
FROM (SELECT unit, {_COUNTS} FROM ikm.v_quality WHERE {_HOURS} AND {_WHOSE} GROUP BY unit) AS q
LEFT JOIN ikm.v_unit AS u ON u.unit = q.unit
ORDER BY rejected DESC, late DESC, unit
LIMIT 2000"""
    return panels.rows(
        "Unit",
        f"Unit mana yang datanya perlu diperbaiki; yang terbanyak ditolak di atas. {_MEANING} Sumber: v_quality.",
        Query(text),
        {
            "unit": columns.title("Kode"),
            "name": columns.linked("Unit", ("Buka papan unit", links.to("unit"))),
            **_LOOKS,
            "late_share": columns.share("Terlambat (bagian)"),
            "rejected_share": (
                *columns.share("Ditolak (bagian)"),
                *judged(REJECTED_PERCENT / 100),
                *columns.coloured(),
            ),
        },
    )


def _latest() -> Table:
    text = f"""\
SELECT at, unit, code, field, concat(topic, '/', toString(partition), '/', toString(offset)) AS origin
FROM ikm.v_rejection
WHERE $__timeFilter_ms(at) AND {_WHOSE}
ORDER BY at DESC
LIMIT 200"""
    return panels.rows(
        "Penolakan terbaru",
        "Rekaman yang terakhir ditolak dan tempatnya di aliran, supaya pengirim dapat mencarinya. Sumber: v_rejection.",
        Query(text),
        {
            "at": columns.moment("Waktu"),
            "unit": columns.title("Unit"),
            "code": _refusal(),
            "field": columns.title("Isian"),
            "origin": columns.title("Tempat"),
        },
    ).no_value(theme.NOTHING)


def _divergence() -> Course:
    text = """\
SELECT $__timeInterval(at) AS time, max(value) AS units
FROM ikm.v_ops
WHERE at > $__fromTime AND at <= $__toTime AND name = 'ikm_verify_divergent_units'
GROUP BY time
ORDER BY time"""
    return panels.course(
        "Unit berbeda dari waktu ke waktu",
        "Kapan angka tidak sama dengan hitung ulang; harus selalu 0. Sumber: v_ops.",
        Query(text),
        {"units": (*columns.count("Unit berbeda"), *in_colour(theme.BAD), *from_zero())},
    )


def _refusal() -> columns.Looks:
    """The published code in words."""
    said = theme.words({code.value: (text, theme.INK) for code, text in REFUSALS.items()})
    return (*columns.title("Sebab"), Property("mappings", [said, theme.missing()]))
