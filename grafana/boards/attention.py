"""The units that a leader should look at: how many are good, which are not, which moved, and where they are."""

from typing import Final

from grafana_foundation_sdk.builders.bargauge import Panel as Bars
from grafana_foundation_sdk.builders.geomap import Panel as Map
from grafana_foundation_sdk.builders.table import Panel as Table

from grafana.kit import columns, links, panels, sql, theme
from grafana.kit.query import Query
from ikm.figure import HIDDEN_BELOW
from ikm.index import IKM, NO_COLOUR

_MOST: Final = 8
_TO_UNIT: Final = (("Buka papan unit", links.to("unit")),)
_SOURCE: Final = "Sumber: v_unit_index, angka langsung periode yang memuat akhir rentang waktu."


def letters() -> Bars:
    """How many units have each letter, and how many have no answer."""
    counts = ", ".join(f"countIf(mutu = '{band.mutu}') AS {band.mutu}" for band in IKM.bands)
    return panels.tally(
        "Unit menurut mutu",
        f"Berapa unit baik dan berapa belum? Unit aktif menurut mutu jawabannya sendiri. {_SOURCE}",
        Query(f"""
            SELECT {counts}, (SELECT count() FROM {sql.BELOW}) - countIf(n > 0) AS none
            FROM (SELECT n, mutu FROM {sql.each()})"""),
        {
            **{band.mutu: columns.tinted(f"{band.mutu} · {band.kinerja}", band.colour) for band in IKM.bands},
            "none": columns.tinted(theme.NO_DATA, NO_COLOUR),
        },
    ).links([links.on_panel("Papan perbandingan", links.to("perbandingan", "${unit}"))])


def lowest() -> Table:
    """The units with the lowest figures."""
    return panels.rows(
        "Unit terendah",
        f"Di mana belum baik? Unit aktif dengan IKM terendah, yang punya {HIDDEN_BELOW} jawaban atau lebih. {_SOURCE}",
        Query(f"""
            SELECT unit, name, value, mutu, n FROM (
                SELECT unit, name, value, {sql.LETTER}, n, tier
                FROM {sql.each()}
            )
            WHERE tier NOT IN ('kosong', 'tertutup') ORDER BY value, name LIMIT {_MOST}"""),
        {
            "unit": columns.hidden(),
            "name": columns.linked("Unit", *_TO_UNIT),
            "value": (*columns.value("IKM", IKM), *columns.bar()),
            "mutu": columns.short_letter(),
            "n": (*columns.count("n"), *columns.width(60)),
        },
    )


def movers() -> Table:
    """The units that rose or fell by more than chance explains, the deepest fall first.

    Where units could be compared and none did, a row says so: no row at all means that none could be.
    """
    shown = ("difference", "base_mutu", "value", "mutu", "n")
    moved = ", ".join(f"if(moved, m.{name}, NULL) AS {name}" for name in shown)
    return panels.rows(
        "Unit yang berubah nyata",
        "Unit mana naik atau turun sejak angka resmi (beku) terakhirnya, lebih dari yang dapat dijelaskan kebetulan? "
        f"Selisih terbesar ke bawah lebih dahulu. “{theme.NOTHING}”: yang dapat dibandingkan tidak ada yang berubah "
        f"nyata; “{theme.NO_DATA}”: belum ada unit yang dapat dibandingkan. Sumber: v_mover.",
        Query(f"""
            SELECT if(moved, m.unit, {sql.UNIT}) AS unit, if(moved, m.name, '{theme.NOTHING}') AS name,
                   {moved}
            FROM ikm.v_mover_self AS m
            WHERE m.unit IN {sql.MEMBERS} AND is_open AND `index` = 'ikm' AND isNotNull(moved)
            QUALIFY moved OR (max(moved) OVER () = 0 AND row_number() OVER () = 1)
            ORDER BY difference, name LIMIT {_MOST}"""),
        {
            "unit": columns.hidden(),
            "name": columns.linked("Unit", *_TO_UNIT),
            "difference": columns.null_as(theme.NONE, (*columns.plain_value("Selisih"), *columns.width(70))),
            "base_mutu": columns.short_letter("Lalu", theme.CLEAR),
            "value": columns.null_as(theme.NONE, (*columns.plain_value("Kini"), *columns.width(65))),
            "mutu": columns.short_letter(null=theme.CLEAR),
            "n": columns.null_as(theme.NONE, (*columns.count("n"), *columns.width(60))),
        },
    )


def places() -> Map:
    """The units on a map."""
    return panels.places(
        "Peta unit",
        f"Di wilayah mana belum baik? Unit aktif yang punya koordinat, dengan warna mutunya. {_SOURCE}",
        Query(f"""
            SELECT unit, name, lat, lon, value, {sql.LETTER}, n
            FROM {sql.each()} AND isNotNull(lat) AND isNotNull(lon)"""),
        {
            "unit": columns.hidden(),
            "name": columns.linked("Unit", *_TO_UNIT),
            "value": columns.value("IKM", IKM),
            "mutu": columns.initial(null=theme.NONE),
            "n": columns.count("Jawaban (n)"),
        },
        colour="value",
        name="mutu",
    )
