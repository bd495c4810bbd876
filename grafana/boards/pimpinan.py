"""The board of a leader: is it good, where not, and since when?"""

from grafana_foundation_sdk.builders.stat import Panel as Figures
from grafana_foundation_sdk.builders.timeseries import Panel as Course
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards.attention import letters, lowest, movers, places
from grafana.boards.perception import lines
from grafana.kit import columns, links, panels, sql, theme, variables
from grafana.kit.board import board
from grafana.kit.grid import Row
from grafana.kit.query import Query
from ikm.figure import PROVISIONAL_BELOW
from ikm.index import IKM
from ikm.window import WINDOWS

_DAY = WINDOWS["24h"]
_CHOSEN = "${unit}"
_SOURCE = "Sumber: v_unit_index, angka langsung periode yang memuat akhir rentang waktu."


def pimpinan() -> Dashboard:
    """The board."""
    return board(
        "pimpinan",
        "Papan Pimpinan",
        "Apakah pelayanan baik, di mana belum, dan sejak kapan?",
        [
            Row(6, ((7, _whole()), (6, _basis()), (4, _mean()), (3, _today()), (4, _change()))),
            Row(8, ((11, _months()), (7, _hours()), (6, letters()))),
            Row(10, ((8, lowest()), (8, movers()), (8, places()))),
            Row(
                6,
                ((24, lines().links([links.on_panel("Papan Zona Integritas", links.to("zona-integritas", _CHOSEN))])),),
            ),
        ],
        variables=[variables.organisation()],
        refresh="10s",
    )


def _whole() -> Figures:
    return panels.headline(
        "IKM organisasi",
        f"Apakah pelayanan baik? Semua responden organisasi dihitung sama (gabungan). {_SOURCE}",
        Query(f"SELECT value, {sql.LETTER}, n FROM {sql.period()}"),
        {
            "value": columns.value("IKM", IKM),
            "mutu": columns.initial(),
            "n": columns.tinted("Jawaban", theme.CLEAR),
        },
    ).links([links.on_panel("Papan unit", links.to("unit", _CHOSEN))])


def _basis() -> Figures:
    return panels.figures(
        "Dasar angka",
        "Dari apa IKM organisasi dihitung, seberapa pasti (selang kepercayaan 95 %), dan seberapa segar: “Tertinggal” "
        f"adalah umur jawaban tertua yang belum masuk angka. {_SOURCE[:-1]}; v_freshness.",
        Query(f"""
            SELECT period, lo, hi, watermark, ({sql.BEHIND}) AS behind
            FROM {sql.period()}"""),
        {
            "period": columns.title("Periode"),
            **columns.ends(),
            "watermark": columns.moment("Jawaban terakhir"),
            "behind": columns.age("Tertinggal"),
        },
    )


def _mean() -> Figures:
    return panels.figures(
        "Rata-rata unit dan cakupan",
        "Rata-rata sederhana IKM unit: setiap unit dihitung sama. Cakupan: unit aktif yang sudah menerima jawaban, dan "
        f"yang memenuhi ukuran sampel (Krejcie & Morgan), pada periodenya masing-masing. {_SOURCE[:-1]}; v_tree.",
        Query(f"SELECT value, {sql.LETTER}, n FROM {sql.period(scope='mean')}"),
        {
            "value": columns.value("Rata-rata unit", IKM),
            "mutu": columns.letter(),
            "n": columns.count("Jawaban (n)"),
            "reporting": columns.count("Unit dengan jawaban"),
            "units": columns.count("dari unit aktif"),
            "sampled": columns.count("Memenuhi sampel"),
        },
    ).with_target(
        Query(
            f"""
            SELECT countIf(n > 0) AS reporting, (SELECT count() FROM {sql.BELOW}) AS units,
                   countIf(tier = 'memenuhi_sampel') AS sampled
            FROM (SELECT n, tier FROM {sql.each()})""",
            ref="B",
        )
    )


def _today() -> Figures:
    return panels.figures(
        f"{_DAY.name} terakhir",
        f"Bagaimana keadaannya sekarang? Semua responden organisasi dalam {_DAY.name} terakhir, langsung dari "
        "pengolah. Sumber: v_unit_live.",
        Query(f"""
            SELECT value, {sql.LETTER}, n FROM ikm.v_unit_live_pooled
            WHERE unit = {sql.UNIT} AND `index` = 'ikm' AND window = '{_DAY.code}'"""),
        {"value": columns.value("IKM", IKM), "mutu": columns.letter(), "n": columns.count("Jawaban (n)")},
    )


def _change() -> Figures:
    return panels.figures(
        "Dibanding periode lalu",
        "Lebih baik atau lebih buruk dari angka resmi (beku) terakhir? “Nyata” bila selang 95 % selisihnya tidak "
        f"memuat 0 dan keduanya punya {PROVISIONAL_BELOW} jawaban atau lebih. Sumber: p_unit_mover.",
        Query(f"""
            SELECT base_value, base_mutu, base_n, difference,
                   multiIf(isNull(difference), NULL, fell, 'turun nyata', moved, 'naik nyata', 'tidak nyata') AS verdict
            FROM ikm.p_unit_mover(unit = {sql.UNIT}, index = 'ikm')"""),
        {
            "base_value": columns.value("Periode lalu", IKM),
            "base_mutu": columns.letter("Mutu lalu"),
            "base_n": columns.count("Jawaban lalu (n)"),
            "difference": columns.plain_value("Selisih"),
            "verdict": columns.words("Perubahan", theme.CHANGES),
        },
    )


def _months() -> Course:
    return panels.course(
        "IKM per bulan",
        "Sejak kapan begini? Semua responden organisasi per bulan setempat dengan selang 95 %; garis putus-putus: "
        "angka resmi (beku) periode lalu. Sumber: v_unit_index (bulan), v_period.",
        Query(f"""
            SELECT `from` AS time, value, lo, hi, n, (
                SELECT value FROM ikm.v_period_frozen
                WHERE unit = {sql.UNIT} AND `index` = 'ikm' AND scope IN ('self', 'pooled')
                  AND is_latest AND is_calendar
                ORDER BY `from` DESC, scope = 'pooled' DESC LIMIT 1
            ) AS base
            FROM {sql.months()}"""),
        {
            "value": columns.course("IKM", IKM),
            **columns.strip(),
            "n": columns.off_scale("Jawaban (n)"),
            "base": columns.compared("Periode lalu"),
        },
    ).insert_nulls(panels.MONTH_MS)


def _hours() -> Course:
    return (
        panels.course(
            f"IKM per jam, {_DAY.name}",
            f"Bagaimana jalannya hari ini? Semua responden organisasi per jam dalam {_DAY.name}; jam tanpa jawaban "
            "kosong. Sumber: p_unit_index_hour.",
            Query(f"SELECT `from` AS time, value, n FROM {sql.short_steps('hour')}"),
            {"value": columns.course("IKM", IKM), "n": columns.off_scale("Jawaban (n)")},
        )
        .time_from(_DAY.code)
        .insert_nulls(panels.HOURS_MS)
    )
