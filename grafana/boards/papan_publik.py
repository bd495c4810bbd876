"""The board for everybody, also on a TV in the hall: how good is the service, as those who were served answered?

It stands alone: no variables, no links, no login, and only what anybody may see (`v_public_…`).
"""

from typing import Final

from grafana_foundation_sdk.builders.stat import Panel as Figures
from grafana_foundation_sdk.builders.table import Panel as Table
from grafana_foundation_sdk.builders.text import Panel as Words
from grafana_foundation_sdk.builders.timeseries import Panel as Course
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.kit import columns, panels, sql, theme
from grafana.kit.board import board
from grafana.kit.columns import Looks
from grafana.kit.grid import Row
from grafana.kit.query import PUBLIC, Query
from ikm.figure import HIDDEN_BELOW, TIER_NAMES
from ikm.frame import STEP
from ikm.index import IKM, INDICES
from ikm.window import WINDOWS

_MONTH: Final = WINDOWS["30d"]
_FRESHEST: Final = WINDOWS["1h"]
"""It moves every minute: its end says how old the figures are."""
_HIDDEN: Final = TIER_NAMES["tertutup"]
"""What null means here: too few answers, or none."""
_ROOT: Final = "(SELECT unit FROM ikm.v_public_unit WHERE is_root ORDER BY members DESC, unit LIMIT 1)"
"""The organisation; where several stand in the register side by side, the one with the most units."""
_CHILDREN: Final = f"""(
    SELECT unit FROM ikm.v_public_unit WHERE is_open AND if(is_root AND members = 1, unit, parent) = {_ROOT}
)"""
"""Those that stand directly below it; of an organisation that is one unit, that one."""


def papan_publik() -> Dashboard:
    """The board."""
    return board(
        "papan-publik",
        "Papan Publik",
        "Seberapa baik pelayanan menurut masyarakat yang dilayani?",
        [
            Row(7, ((10, _now()), (5, _certainty()), (5, _period()), (4, _freshness()))),
            Row(13, ((13, _units()), (11, _elements()))),
            Row(7, ((13, _periods()), (6, _perception()), (5, _about()))),
        ],
        since="now-3y",
        refresh="5s",
        public=True,
    )


def _now() -> Figures:
    return panels.headline(
        f"Indeks Kepuasan Masyarakat, {_MONTH.name}",
        f"Seberapa baik pelayanan sekarang? Semua jawaban {_MONTH.name} terakhir tentang organisasi ini dan unit di "
        "bawahnya. Sumber: v_public_index.",
        _live(f"value, {sql.LETTER}, n"),
        {
            "value": _value("IKM"),
            "mutu": columns.initial(null=_HIDDEN),
            "n": columns.null_as(_HIDDEN, columns.tinted("Jawaban (n)", theme.CLEAR)),
        },
    )


def _certainty() -> Figures:
    return panels.figures(
        "Organisasi",
        f"Angka siapa ini, dan seberapa pasti? Selang kepercayaan 95 % dari IKM {_MONTH.name} terakhir, dan apakah "
        "jawabannya cukup. Sumber: v_public_index.",
        _live("name, lo, hi, tier"),
        {
            "name": columns.title("Nama"),
            **{end: columns.null_as(_HIDDEN, looks) for end, looks in columns.ends().items()},
            "tier": columns.tier(),
        },
    )


def _period() -> Figures:
    return panels.figures(
        "Periode berjalan",
        "Bagaimana periode survei yang sedang berjalan? Angka resminya ditetapkan setelah periode berakhir. "
        "Sumber: v_public_index.",
        _query(f"""
            SELECT period, value, {sql.LETTER}, n FROM ikm.v_public_period_open
            WHERE unit = {_ROOT} AND `index` = '{IKM.code}' AND scope = 'pooled' AND is_calendar
              AND `from` <= now() AND `to` > now()"""),
        {
            "period": columns.title("Periode"),
            "value": _value("IKM"),
            "mutu": columns.letter(null=_HIDDEN),
            "n": _count("Jawaban (n)"),
        },
    )


def _freshness() -> Figures:
    return panels.figures(
        "Kesegaran",
        "Seberapa segar angka di papan ini? “Tertinggal” adalah umur angka terbaru; di bawah satu menit berarti segar. "
        "Sumber: v_public_index.",
        _query(f"""
            SELECT maxIf(watermark, kind = '{_MONTH.code}') AS watermark,
                   greatest(0, dateDiff('second', maxIf(`to`, kind = '{_FRESHEST.code}'), now())) AS behind
            FROM ikm.v_public_live_pooled
            WHERE unit = {_ROOT} AND `index` = '{IKM.code}' AND kind IN ('{_FRESHEST.code}', '{_MONTH.code}')
            HAVING count() > 0"""),
        {"watermark": columns.moment("Jawaban terakhir"), "behind": columns.age("Tertinggal")},
    )


def _units() -> Table:
    return panels.rows(
        f"Unit pelayanan, {_MONTH.name}",
        f"Bagaimana tiap unit, bersama yang di bawahnya, {_MONTH.name} terakhir? Yang tertinggi lebih dahulu. Angka "
        f"dari kurang dari {HIDDEN_BELOW} jawaban tidak ditampilkan. Sumber: v_public_index.",
        _query(f"""
            SELECT name, value, {sql.LETTER}, n, tier FROM ikm.v_public_live_pooled
            WHERE unit IN {_CHILDREN} AND `index` = '{IKM.code}' AND kind = '{_MONTH.code}'
            ORDER BY value DESC NULLS LAST, name"""),
        {
            "name": columns.title("Unit"),
            "value": (*_value("IKM"), *columns.bar()),
            "mutu": columns.short_letter(),
            "n": (*columns.null_as(theme.NONE, columns.count("n")), *columns.width(70)),
            "tier": (*columns.tier(), *columns.width(150)),
        },
    )


def _elements() -> Table:
    return panels.rows(
        f"Unsur pelayanan, {_MONTH.name}",
        "Unsur mana yang paling perlu diperbaiki? Yang terendah lebih dahulu. Demi kerahasiaan jawaban, unsur bergerak "
        f"tiap {STEP} jawaban, sehingga dapat sedikit tertinggal dari IKM. Sumber: v_public_element.",
        _query(f"""
            SELECT u, name, value, mutu, elements_n AS n FROM ikm.v_public_element_live
            WHERE unit = {_ROOT} AND `index` = '{IKM.code}' AND scope = 'pooled' AND kind = '{_MONTH.code}'
            ORDER BY value NULLS LAST, u"""),
        {
            "u": (*columns.count("U"), *columns.width(50)),
            "name": columns.title("Unsur"),
            "value": (*columns.value("Nilai", IKM), *columns.bar(), *columns.width(150)),
            "mutu": columns.short_letter(),
            "n": (*columns.count("n"), *columns.width(65)),
        },
    )


def _periods() -> Course:
    return panels.course(
        "IKM tiap periode",
        "Makin baikkah pelayanan? Angka resmi setiap periode survei yang sudah ditutup, dengan selang 95 %: organisasi "
        "beserta unit di bawahnya, atau sendiri bila tidak ada. Sumber: v_public_index.",
        _query(f"""
            SELECT `from` AS time, value, lo, hi, n FROM ikm.v_public_period_frozen
            WHERE unit = {_ROOT} AND `index` = '{IKM.code}' AND scope IN ('self', 'pooled') AND is_calendar
            ORDER BY time, scope = 'pooled' DESC LIMIT 1 BY time"""),
        {"value": columns.course("IKM", IKM), **columns.strip(), "n": columns.off_scale("Jawaban (n)")},
    )


def _perception() -> Figures:
    others = [index for index in INDICES.values() if index is not IKM]
    said = ", ".join(
        f"maxIf({column}, `index` = '{index.code}') AS {index.code}{suffix}"
        for index in others
        for column, suffix in (("value", ""), ("n", "_n"))
    )
    looks: dict[str, Looks] = {}
    for index in others:
        looks[index.code] = columns.null_as(_HIDDEN, columns.value(index.code.upper(), index))
        looks[f"{index.code}_n"] = _count(f"Jawaban {index.code.upper()} (n)")
    return panels.figures(
        f"Persepsi, {_MONTH.name}",
        f"Bagaimana kualitas pelayanan (IPKP) dan antikorupsi (IPAK) dirasakan, skala 0–4, {_MONTH.name} terakhir? "
        "Sumber: v_public_index.",
        _query(f"""
            SELECT {said} FROM ikm.v_public_live_pooled WHERE unit = {_ROOT} AND kind = '{_MONTH.code}'"""),
        looks,
    )


def _about() -> Words:
    return panels.note(
        "Tentang papan ini",
        "Dari mana angka di papan ini berasal?",
        "Angka dihitung langsung dari jawaban survei kepuasan masyarakat (PermenPANRB 14/2017). Angka dari kurang dari "
        f"{HIDDEN_BELOW} jawaban tidak ditampilkan, agar jawaban seseorang tidak terbaca. Selang 95 % tidak mencakup "
        "mereka yang tidak menjawab.",
    )


def _value(text: str) -> Looks:
    return columns.null_as(_HIDDEN, columns.value(text, IKM))


def _count(text: str) -> Looks:
    return columns.null_as(_HIDDEN, columns.count(text))


def _live(what: str) -> Query:
    """Columns of the organisation's last thirty days."""
    return _query(f"""
        SELECT {what} FROM ikm.v_public_live_pooled
        WHERE unit = {_ROOT} AND `index` = '{IKM.code}' AND kind = '{_MONTH.code}'""")


def _query(text: str) -> Query:
    return Query(text, source=PUBLIC)
