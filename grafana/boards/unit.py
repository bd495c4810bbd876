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
from grafana.kit.grid import Row
from grafana.kit.query import Query
from ikm.index import IKM
from ikm.window import WINDOWS

_SOURCE: Final = "Jawaban unit beserta unit di bawahnya, periode yang memuat akhir rentang waktu."
_SCOPES: Final = {"self": "unit sendiri", "pooled": "beserta di bawahnya"}
_STATES: Final = {"beku": theme.INK, "berjalan": theme.GOOD}


def unit() -> Dashboard:
    """The board."""
    return board(
        "unit",
        "Papan Unit",
        "Bagaimana keadaan satu unit, unsur mana yang menariknya turun, dan pada siapa, di mana, kapan?",
        [
            Row(7, ((6, _dial()), (5, _facts()), (13, _windows()))),
            Row(10, ((12, _elements()), (12, _scores()))),
            Row(9, ((12, _course("month", "IKM per bulan", "bulan")), (12, _course("day", "IKM per hari", "hari")))),
            Row(8, ((24, _periods()),)),
            Row(9, ((8, services()), (8, channels()), (8, profile())), title="Layanan, kanal, dan responden"),
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
        f"{_SOURCE} Sumber: v_unit_index.",
        Query(f"SELECT {sql.LETTER}, period, n, lo, hi, tier, watermark FROM {sql.period()}"),
        {
            "mutu": columns.letter(),
            "period": columns.title("Periode"),
            "n": columns.count("Jawaban (n)"),
            "lo": columns.plain_value("Selang 95 %, dari"),
            "hi": columns.plain_value("sampai"),
            "tier": columns.tier(),
            "watermark": columns.moment("Jawaban terakhir"),
        },
    )


def _windows() -> Table:
    names = sql.named("window", {window.code: f"{window.name} terakhir" for window in WINDOWS.values()})
    order = ", ".join(sql.quoted(code) for code in WINDOWS)
    return panels.rows(
        "Langsung",
        "Bagaimana keadaannya sekarang, dalam jam, hari, pekan, dan bulan terakhir? Angka dari pengolah, segar dalam "
        "hitungan detik; “s.d.” adalah akhir rentangnya. Jawaban unit beserta unit di bawahnya. Sumber: v_unit_live.",
        Query(f"""
            SELECT {names} AS span, value, {sql.LETTER}, n, lo, hi, watermark, `to` AS until
            FROM ikm.v_unit_live_pooled WHERE unit = {sql.UNIT} AND `index` = 'ikm'
            ORDER BY indexOf([{order}], toString(window))"""),
        {
            "span": columns.title("Rentang"),
            "value": (*columns.value("IKM", IKM), *columns.bar()),
            "mutu": columns.short_letter(),
            "n": (*columns.count("n"), *columns.width(80)),
            "lo": (*columns.plain_value("Selang 95 %, dari"), *columns.width(120)),
            "hi": (*columns.plain_value("sampai"), *columns.width(80)),
            "watermark": columns.moment("Jawaban terakhir"),
            "until": columns.moment("s.d."),
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
            "element": (*columns.title("Unsur"), *columns.width(270)),
            "value": (*columns.value("Nilai", IKM), *columns.bar()),
            "mutu": columns.short_letter(),
            "nrr": (*columns.title("NRR"), *columns.digits(4), *columns.width(80)),
            "low_share": (*columns.share("Skor rendah"), *columns.width(110)),
            "n": (*columns.count("n"), *columns.width(80)),
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


def _course(grain: str, title: str, step: str) -> Course:
    return panels.course(
        title,
        f"Membaik atau memburuk? IKM per {step} setempat dalam rentang waktu papan, dengan selang 95 %. Jawaban unit "
        f"beserta unit di bawahnya. Sumber: v_unit_index ({step}).",
        Query(f"SELECT `from` AS time, value, lo, hi, n FROM {sql.step(grain)}"),
        {
            "value": columns.course("IKM", IKM),
            **columns.interval("Batas bawah", "Batas atas"),
            "n": columns.off_scale("Jawaban (n)"),
        },
    )


def _periods() -> Table:
    return panels.rows(
        "Periode",
        "Apa angka resminya? “Beku” adalah angka yang ditutup, dengan nomor koreksinya; “berjalan” masih bergerak. "
        "Jawaban unit beserta unit di bawahnya, atau unit sendiri bila hanya itu yang ditutup; di samping ukuran "
        "sampel (Krejcie & Morgan) dan target. Sumber: v_period.",
        Query(f"""
            SELECT period, status, {sql.named("scope", _SCOPES)} AS covers, value, {sql.LETTER}, lo, hi, n,
                   sample_needed, target_n, target_value, tier, number, closed_at
            FROM ikm.v_period
            WHERE unit = {sql.UNIT} AND `index` = 'ikm' AND scope IN ('self', 'pooled') AND is_latest
            ORDER BY `from` DESC, `to`, status = 'beku' DESC, scope = 'pooled' DESC LIMIT 1 BY period LIMIT 24"""),
        {
            "period": columns.title("Periode"),
            "status": (*columns.words("Status", _STATES), *columns.coloured()),
            "covers": columns.title("Cakupan"),
            "value": (*columns.value("IKM", IKM), *columns.bar()),
            "mutu": columns.short_letter(),
            "lo": columns.plain_value("Selang 95 %, dari"),
            "hi": columns.plain_value("sampai"),
            "n": columns.count("n"),
            "sample_needed": columns.null_as(theme.NONE, columns.count("Sampel perlu")),
            "target_n": columns.null_as(theme.NONE, columns.count("Target n")),
            "target_value": columns.null_as(theme.NONE, columns.plain_value("Target IKM")),
            "tier": columns.tier("Penerbitan"),
            "number": columns.null_as(theme.NONE, columns.count("Koreksi ke")),
            "closed_at": columns.null_as(theme.NONE, columns.moment("Ditutup")),
        },
    )
