"""The board that puts units side by side: who stands above whom, as far as the answers can tell."""

from typing import Final

from grafana_foundation_sdk.builders.stat import Panel as Figures
from grafana_foundation_sdk.builders.statetimeline import Panel as Timeline
from grafana_foundation_sdk.builders.table import Panel as Table
from grafana_foundation_sdk.models.dashboard import Dashboard, DataTransformerConfig

from grafana.boards.perception import BELOW_LINES, LINED, standing, standings
from grafana.kit import columns, links, panels, sql, theme, variables
from grafana.kit.board import board
from grafana.kit.grid import Row
from grafana.kit.query import Query

_INDEX: Final = "= ${index:singlequote}"
_OF_KINDS: Final = f"has([${{type:singlequote}}], {sql.KIND})"
_TO_UNIT: Final = (("Buka papan unit", links.to("unit")),)
_MOST_LINES: Final = 30


def perbandingan() -> Dashboard:
    """The board."""
    return board(
        "perbandingan",
        "Perbandingan Unit",
        "Unit mana di atas yang lain, sejauh jawaban dapat membedakannya, dan bagaimana mutunya dari bulan ke bulan?",
        [Row(4, ((24, _whole()),)), Row(16, ((24, _ranked()),)), Row(20, ((24, _months()),))],
        variables=[variables.organisation(), variables.kinds(), variables.index()],
    )


def _whole() -> Figures:
    return panels.abreast(
        "Organisasi",
        "Bagaimana keseluruhannya, sebagai pembanding? Semua responden organisasi, periode yang memuat akhir rentang "
        "waktu. “Tertinggal”: umur jawaban tertua yang belum masuk angka. Sumber: v_unit_index, v_freshness.",
        Query(f"SELECT value AS ${{index}}, {sql.LETTER}, n, period, watermark FROM {sql.period(_INDEX)}"),
        {
            **columns.by_index(),
            "mutu": columns.letter(),
            "n": columns.count("Jawaban (n)"),
            "period": columns.title("Periode"),
            "watermark": columns.moment("Jawaban terakhir"),
            "behind": columns.age("Tertinggal"),
        },
    ).with_target(Query(sql.BEHIND, ref="B"))


def _ranked() -> Table:
    return panels.rows(
        "Unit berdampingan",
        "Siapa di atas siapa? Peringkat: 1 + banyaknya unit yang seluruh selang 95 %-nya di atas selang unit ini; unit "
        "yang tidak dapat dibedakan berbagi peringkat. Jawaban unit sendiri, periode yang memuat akhir rentang waktu. "
        "Sumber: v_unit_index.",
        Query(f"""
            SELECT 1 + arrayCount(low -> ifNull(low > hi, false), groupArray(lo) OVER ()) AS rank, unit, name,
                   {sql.KIND} AS kind, value AS ${{index}}, mutu, lo, hi, n, tier, period, watermark
            FROM (
                SELECT unit, name, type, value, {sql.LETTER}, lo, hi, n, tier, period, watermark
                FROM {sql.each(_INDEX)} AND {_OF_KINDS}
            )
            WHERE n > 0 ORDER BY rank, value DESC, name"""),
        {
            "rank": (*columns.count("Peringkat"), *columns.width(90)),
            "unit": columns.hidden(),
            "name": (*columns.linked("Unit", *_TO_UNIT), *columns.width(260)),
            "kind": (*columns.title("Jenis"), *columns.width(130)),
            **columns.by_index(*columns.bar()),
            "mutu": columns.short_letter(),
            **columns.ends(*columns.width(100)),
            "n": (*columns.count("n"), *columns.width(65)),
            "tier": (*columns.tier("Penerbitan"), *columns.width(140)),
            "period": (*columns.title("Periode"), *columns.width(85)),
            "watermark": (*columns.moment("Jawaban terakhir"), *columns.width(145)),
        },
    )


def _months() -> Timeline:
    return panels.timeline(
        "Mutu per bulan",
        "Sejak kapan mutunya begitu? Mutu (IPKP, IPAK: letak terhadap ambang) setiap unit per bulan setempat, paling "
        f"banyak {_MOST_LINES} unit dengan jawaban terbanyak; bulan tanpa jawaban kosong. Jawaban unit sendiri. "
        "Sumber: v_unit_index (bulan).",
        Query(f"""
            SELECT time, until, unit, name, mutu, {standing()}
            FROM (
                SELECT `from` AS time, least(`to`, now64(3)) AS until, unit, name, `index`, value, {sql.LETTER}
                FROM ikm.v_unit_self_month
                WHERE `index` {_INDEX} AND `from` >= $__fromTime AND `from` < $__toTime AND unit IN (
                    SELECT unit FROM ikm.v_unit_self_month
                    WHERE unit IN {sql.MEMBERS} AND is_open AND {_OF_KINDS} AND `index` {_INDEX}
                      AND `from` >= $__fromTime AND `from` < $__toTime
                    GROUP BY unit ORDER BY sum(n) DESC, unit LIMIT {_MOST_LINES}
                )
            )
            ORDER BY name, unit, time"""),
        {
            "until": columns.title("Sampai"),
            "unit": columns.title("Kode"),
            "name": columns.title("Unit"),
            "mutu": columns.hidden(),
            "state": columns.states(
                "${__field.labels.name}", _words(), ("Buka papan unit", links.to("unit", "${__field.labels.unit}"))
            ),
        },
    ).with_transformation(
        DataTransformerConfig(
            id_val="partitionByValues",
            options={"fields": ["unit", "name"], "keepFields": False, "naming": {"asLabels": True}},
        )
    )


def _words() -> dict[str, str]:
    above = {words: colour for index in LINED for words, (_, colour) in standings(index).items()}
    return {**above, BELOW_LINES: theme.BAD}
