"""The board of one unit: how it stands, which unsur pull it down, and with whom, where and when."""

from typing import Final

from grafana_foundation_sdk.builders.barchart import Panel as Bars
from grafana_foundation_sdk.builders.gauge import Panel as Dial
from grafana_foundation_sdk.builders.stat import Panel as Figures
from grafana_foundation_sdk.builders.table import Panel as Table
from grafana_foundation_sdk.builders.timeseries import Panel as Course
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards.cells import channels, profile, services, week
from grafana.kit import columns, panels, sql, theme, variables
from grafana.kit.board import board
from grafana.kit.columns import Looks
from grafana.kit.grid import Row
from grafana.kit.query import Query
from ikm.index import IKM
from ikm.window import WINDOWS

_SOURCE: Final = "Jawaban unit beserta unit di bawahnya, periode yang memuat akhir rentang waktu."
_SCOPES: Final = {"self": "unit sendiri", "pooled": "beserta di bawahnya"}
_ASKED: Final = f"unit = {sql.UNIT} AND `index` = 'ikm'"
_STATES: Final = {"beku": theme.INK, "berjalan": theme.GOOD}


def unit() -> Dashboard:
    """The board."""
    return board(
        "unit",
        "Papan Unit",
        "Bagaimana keadaan satu unit, unsur mana yang menariknya turun, dan pada siapa, di mana, kapan?",
        [
            Row(7, ((5, _dial()), (6, _facts()), (13, _windows()))),
            Row(11, ((14, _elements()), (10, _scores()))),
            Row(9, ((14, _months()), (10, _days()))),
            Row(5, ((24, _running()),)),
            Row(8, ((24, _frozen()),)),
            Row(9, ((7, services()), (7, channels()), (10, profile())), title="Layanan, kanal, dan responden"),
            Row(9, ((24, week()),)),
        ],
        variables=[variables.unit()],
    )


def _dial() -> Dial:
    return panels.dial(
        "IKM",
        f"Di pita mutu mana unit ini? {_SOURCE} Sumber: v_unit_index.",
        Query(f"SELECT value FROM {sql.period()}"),
        {"value": columns.value("IKM", IKM)},
    )


def _facts() -> Figures:
    return panels.figures(
        "Mutu dan dasar angka",
        "Mutu pelayanan, dari berapa jawaban, seberapa pasti (selang kepercayaan 95 %), dan kapan jawaban terakhir. "
        f"“Tertinggal”: umur jawaban tertua yang belum masuk angka. {_SOURCE} Sumber: v_unit_index, v_freshness.",
        Query(f"SELECT {sql.LETTER}, period, n, lo, hi, tier, watermark FROM {sql.period()}"),
        {
            "mutu": columns.letter(),
            "period": columns.title("Periode"),
            "n": columns.count("Jawaban (n)"),
            **columns.ends(),
            "tier": columns.tier(),
            "watermark": columns.moment("Jawaban terakhir"),
            "behind": columns.age("Tertinggal"),
        },
    ).with_target(Query(sql.BEHIND, ref="B"))


def _windows() -> Table:
    names = sql.named("window", {window.code: f"{window.name} terakhir" for window in WINDOWS.values()})
    order = ", ".join(sql.quoted(code) for code in WINDOWS)
    return panels.rows(
        "Langsung",
        "Bagaimana keadaannya sekarang, dalam jam, hari, pekan, dan bulan terakhir? Angka dari pengolah, segar dalam "
        "hitungan detik, dengan selang 95 %. Jawaban unit beserta unit di bawahnya. Sumber: v_unit_live.",
        Query(f"""
            SELECT {names} AS span, value, {sql.LETTER}, n, lo, hi, watermark
            FROM ikm.v_unit_live_pooled WHERE unit = {sql.UNIT} AND `index` = 'ikm'
            ORDER BY indexOf([{order}], toString(window))"""),
        {
            "span": (*columns.title("Rentang"), *columns.width(135)),
            "value": (*columns.value("IKM", IKM), *columns.bar()),
            "mutu": columns.short_letter(),
            "n": (*columns.count("n"), *columns.width(65)),
            **columns.ends(*columns.width(100)),
            "watermark": (*columns.moment("Jawaban terakhir"), *columns.width(145)),
        },
    )


def _elements() -> Table:
    return panels.rows(
        "Sembilan unsur, dari yang terendah",
        f"Unsur mana yang menarik indeks turun? “Skor rendah”: bagian jawaban 1 dan 2. {_SOURCE} "
        "Sumber: v_unit_element.",
        Query(f"""
            SELECT concat('U', toString(u), ' ', name) AS element, value, {sql.LETTER}, nrr, low_share, n
            FROM {sql.of_period("v_unit_element")}
            ORDER BY value NULLS LAST, u"""),
        {
            "element": (*columns.title("Unsur"), *columns.width(330)),
            "value": (*columns.value("Nilai", IKM), *columns.bar()),
            "mutu": columns.short_letter(),
            "nrr": columns.null_as(theme.NONE, (*columns.title("NRR"), *columns.digits(4), *columns.width(75))),
            "low_share": columns.null_as(theme.NONE, (*columns.share("Skor rendah"), *columns.width(105))),
            "n": (*columns.count("n"), *columns.width(65)),
        },
    )


def _scores() -> Bars:
    names = {item.code: element.name for element in IKM.elements for item in element.items}
    scores = range(IKM.items[0].scale_min, IKM.items[0].scale_max + 1)
    counts = ", ".join(f"sumIf(count, score = {score}) AS score_{score}" for score in scores)
    worst_first = [band.colour for band in reversed(IKM.bands)]
    return panels.bars(
        "Sebaran jawaban 1–4",
        f"Apakah nilai rendah datang dari banyak orang yang agak kecewa, atau sedikit yang sangat kecewa? {_SOURCE} "
        "Sumber: v_unit_histogram.",
        Query(f"""
            SELECT {sql.named("item", names)} AS element, {counts}
            FROM {sql.of_period("v_unit_histogram")}
            GROUP BY item ORDER BY sum(score * count) / sum(count), element"""),
        {
            "element": columns.title("Unsur"),
            **{
                f"score_{score}": columns.tinted(f"Skor {score}", colour)
                for score, colour in zip(scores, worst_first, strict=True)
            },
        },
        by="element",
    )


def _months() -> Course:
    return _course(sql.months(), "IKM per bulan", "per bulan dalam rentang waktu papan").insert_nulls(panels.MONTH_MS)


def _days() -> Course:
    window = WINDOWS["30d"]
    course = _course(
        sql.short_steps("day"),
        f"IKM per hari, {window.name}",
        f"per hari dalam {window.name} sampai akhir rentang waktu",
    )
    return course.time_from(window.code).insert_nulls(panels.WEEK_MS)


def _course(rows: str, title: str, steps: str) -> Course:
    return panels.course(
        title,
        f"Membaik atau memburuk? IKM {steps}, menurut hari setempat, dengan selang 95 %. Jawaban unit beserta unit di "
        "bawahnya. Sumber: v_unit_index.",
        Query(f"SELECT `from` AS time, value, lo, hi, n FROM {rows}"),
        {
            "value": columns.course("IKM", IKM),
            **columns.strip(),
            "n": columns.off_scale("Jawaban (n)"),
        },
    )


def _running() -> Table:
    return panels.rows(
        "Periode belum ditutup",
        "Bagaimana periode yang masih bergerak, di samping ukuran sampel (Krejcie & Morgan) dan target? Selang dan "
        "penerbitannya ada pada “Mutu dan dasar angka”. Jawaban unit beserta unit di bawahnya, yang sudah beku tidak "
        "tampil. Sumber: v_period.",
        Query(f"""
            SELECT period, status, {sql.named("scope", _SCOPES)} AS covers, value, {sql.LETTER}, n, sample_needed,
                   target_n, target_value
            FROM ikm.v_period_open
            WHERE {_ASKED}
              AND scope = (SELECT if(uniqExact(member) > 1, 'pooled', 'self') FROM ikm.v_tree WHERE unit = {sql.UNIT})
            ORDER BY `from` DESC, `to` LIMIT 12"""),
        _period_columns(),
    )


def _frozen() -> Table:
    return panels.rows(
        "Periode resmi",
        "Apa angka resminya? “Beku” adalah angka yang ditutup, dengan nomor koreksinya. Jawaban unit beserta unit di "
        "bawahnya, atau unit sendiri bila hanya itu yang ditutup; di samping ukuran sampel (Krejcie & Morgan) dan "
        "target. Sumber: v_period.",
        Query(f"""
            SELECT period, status, {sql.named("scope", _SCOPES)} AS covers, value, {sql.LETTER}, lo, hi, n,
                   sample_needed, target_n, target_value, tier, number, closed_at
            FROM ikm.v_period_frozen WHERE {_ASKED} AND scope IN ('self', 'pooled') AND is_latest
            ORDER BY `from` DESC, `to`, scope = 'pooled' DESC LIMIT 1 BY period LIMIT 24"""),
        {
            **_period_columns(),
            **columns.ends(*columns.width(100)),
            "tier": (*columns.tier("Penerbitan"), *columns.width(135)),
            "number": (*columns.count("Koreksi ke"), *columns.width(90)),
            "closed_at": (*columns.moment("Ditutup"), *columns.width(140)),
        },
    )


def _period_columns() -> dict[str, Looks]:
    return {
        "period": (*columns.title("Periode"), *columns.width(100)),
        "status": (*columns.words("Status", _STATES), *columns.coloured(), *columns.width(75)),
        "covers": (*columns.title("Cakupan"), *columns.width(150)),
        "value": (*columns.value("IKM", IKM), *columns.bar()),
        "mutu": columns.short_letter(),
        "n": (*columns.count("n"), *columns.width(65)),
        "sample_needed": columns.null_as(theme.NONE, (*columns.count("Sampel perlu"), *columns.width(105))),
        "target_n": columns.null_as(theme.NONE, (*columns.count("Target n"), *columns.width(80))),
        "target_value": columns.null_as(theme.NONE, (*columns.plain_value("Target IKM"), *columns.width(95))),
    }
