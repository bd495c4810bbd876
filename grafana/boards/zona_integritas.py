"""The board of a Zona Integritas: IPKP and IPAK, item by item, by both conversions, against their lines."""

from typing import Final

from grafana_foundation_sdk.builders.gauge import Panel as Dial
from grafana_foundation_sdk.builders.stat import Panel as Figures
from grafana_foundation_sdk.builders.table import Panel as Table
from grafana_foundation_sdk.builders.timeseries import Panel as Course
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.boards.perception import LINED, lines
from grafana.kit import columns, panels, sql, theme, variables
from grafana.kit.board import board
from grafana.kit.grid import Row
from grafana.kit.query import Query
from ikm.index import Index

_SOURCE: Final = "Jawaban unit beserta unit di bawahnya, periode yang memuat akhir rentang waktu."


def zona_integritas() -> Dashboard:
    """The board."""
    best_known_first = sorted(LINED, key=lambda index: index.code, reverse=True)
    return board(
        "zona-integritas",
        "Zona Integritas",
        "Bagaimana persepsi kualitas pelayanan (IPKP) dan antikorupsi (IPAK) terhadap ambang WBK dan WBBM?",
        [
            Row(7, ((24, lines()),)),
            *(
                Row(10, ((4, _dial(index)), (6, _basis(index)), (14, _items(index))), title=index.title)
                for index in best_known_first
            ),
            Row(8, tuple((24 // len(LINED), _course(index)) for index in best_known_first), title="Per bulan"),
        ],
        variables=[variables.unit()],
    )


def _dial(index: Index) -> Dial:
    name = index.code.upper()
    return panels.dial(
        name,
        f"Di mana {name} terhadap ambang (warna berganti di setiap ambang)? {_SOURCE} Sumber: v_unit_index.",
        Query(f"SELECT value FROM {sql.period(_is(index))}"),
        {"value": columns.value(name, index)},
    )


def _basis(index: Index) -> Figures:
    name = index.code.upper()
    ways = ", ".join(f"anyIf(value, conversion = '{way.name}') AS {way.name}" for way in index.conversions)
    return panels.figures(
        f"{name}: kedua konversi dan dasar angka",
        "Berapa nilainya menurut setiap cara mengubah skala 1–6 menjadi 0–4, dan dari berapa jawaban? Yang pertama "
        f"diterbitkan. “Tertinggal”: umur jawaban tertua yang belum masuk angka. {_SOURCE} Sumber: v_unit_conversion, "
        "v_freshness.",
        Query(f"""
            SELECT {ways}, period, any(c.n) AS n, anyIf(c.lo, is_main) AS lo, anyIf(c.hi, is_main) AS hi,
                   any(c.watermark) AS watermark
            FROM (SELECT * FROM {sql.of_period("v_unit_conversion", _is(index))}) AS c GROUP BY period"""),
        {
            **{way.name: columns.value(f"Konversi {way.name}", index) for way in index.conversions},
            "period": columns.title("Periode"),
            "n": columns.count("Jawaban (n)"),
            **columns.ends(),
            "watermark": columns.moment("Jawaban terakhir"),
            "behind": columns.age("Tertinggal"),
        },
    ).with_target(Query(sql.BEHIND, ref="B"))


def _items(index: Index) -> Table:
    name = index.code.upper()
    return panels.rows(
        f"Butir {name}, dari yang terendah",
        f"Butir mana yang menarik {name} turun? “Skor rendah”: bagian jawaban di paruh bawah skala. {_SOURCE} "
        "Sumber: v_unit_element.",
        Query(f"""
            SELECT concat(toString(u), '. ', name) AS element, value, nrr, low_share, n
            FROM {sql.of_period("v_unit_element", _is(index))}
            ORDER BY value NULLS LAST, u"""),
        {
            "element": (*columns.title("Butir"), *columns.width(300)),
            "value": (*columns.value("Nilai", index), *columns.bar()),
            "nrr": columns.null_as(
                theme.NONE, (*columns.title("NRR (skala 1–6)"), *columns.digits(4), *columns.width(130))
            ),
            "low_share": columns.null_as(theme.NONE, (*columns.share("Skor rendah"), *columns.width(105))),
            "n": (*columns.count("n"), *columns.width(65)),
        },
    )


def _course(index: Index) -> Course:
    name = index.code.upper()
    return panels.course(
        f"{name} per bulan",
        f"Membaik atau memburuk? {name} per bulan setempat dengan selang 95 % dan ambangnya. Jawaban unit beserta unit "
        "di bawahnya. Sumber: v_unit_index (bulan).",
        Query(f"SELECT `from` AS time, value, lo, hi, n FROM {sql.months(_is(index))}"),
        {
            "value": columns.course(name, index),
            **columns.strip(),
            "n": columns.off_scale("Jawaban (n)"),
        },
    ).insert_nulls(panels.MONTH_MS)


def _is(index: Index) -> str:
    return f"= {sql.quoted(index.code)}"
