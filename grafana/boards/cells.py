"""A unit's figure by service, channel, respondent and hour of the week."""

from typing import Final

from grafana_foundation_sdk.builders.table import Panel as Table

from grafana.kit import columns, panels, sql, theme
from grafana.kit.columns import Looks
from grafana.kit.query import Query
from ikm.cells import KINDS
from ikm.frame import SMALL_CELL
from ikm.index import IKM
from ikm.profile import NAMES

_DAYS: Final = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_SMALL: Final = (
    f"Kelompok dengan kurang dari {SMALL_CELL} jawaban disembunyikan, begitu pula satu yang lain bila selisihnya akan "
    "menunjukkannya."
)
_SOURCE: Final = (
    "Jawaban unit beserta unit di bawahnya dalam rentang waktu papan, dibulatkan ke hari penuh setempat unit."
)


def services() -> Table:
    """By service, the lowest first."""
    return panels.rows(
        KINDS["service"],
        f"Layanan mana yang rendah? {_SOURCE} Sumber: p_unit_service.",
        Query(f"""
            SELECT name, value, {sql.LETTER}, n FROM {_asked("p_unit_service")}
            ORDER BY value NULLS LAST, name"""),
        {
            "name": columns.title(KINDS["service"]),
            "value": (*columns.value("IKM", IKM), *columns.bar()),
            "mutu": columns.short_letter(),
            "n": (*columns.count("n"), *columns.width(60)),
        },
    )


def channels() -> Table:
    """By channel."""
    return panels.rows(
        KINDS["channel"],
        f"Apakah jawaban berbeda menurut cara masuknya? {_SMALL} {_SOURCE} Sumber: p_unit_cell.",
        Query(f"SELECT name, value, {sql.LETTER}, n FROM {_cells('channel')} ORDER BY place, name"),
        {"name": columns.title(KINDS["channel"]), **_figure()},
    )


def profile() -> Table:
    """By each question of the profile, one below the other."""
    names = sql.named("dimension", {question: KINDS[question] for question in NAMES})
    order = ", ".join(map(sql.quoted, NAMES))
    return panels.rows(
        "Responden",
        f"Siapa yang dilayani kurang baik? {_SMALL} {_SOURCE} Sumber: p_unit_cell.",
        Query(f"""
            SELECT {names} AS question, name, value, {sql.LETTER}, n FROM {_cells(*NAMES)}
            ORDER BY indexOf([{order}], dimension), place, name"""),
        {
            "question": (*columns.title("Menurut"), *columns.width(110)),
            "name": columns.title("Kelompok"),
            **_figure(),
        },
    )


def week() -> Table:
    """By hour and day of the week."""
    hours = ", ".join(f"anyIf(value, hour = {hour} AND n >= {SMALL_CELL}) AS h{hour:02}" for hour in range(24))
    return panels.rows(
        "Jam dan hari",
        "Pada jam dan hari apa pelayanan kurang baik? Jam setempat unit; jam dengan kurang dari "
        f"{SMALL_CELL} jawaban tidak ditampilkan. {_SOURCE} Sumber: p_unit_hour_of_week.",
        Query(f"""
            SELECT [{", ".join(map(sql.quoted, _DAYS))}][weekday] AS day, sum(n) AS answers, {hours}
            FROM {_asked("p_unit_hour_of_week")} GROUP BY weekday ORDER BY weekday"""),
        {
            "day": (*columns.title("Hari"), *columns.width(70)),
            "answers": (*columns.count("n"), *columns.width(60)),
            **{
                f"h{hour:02}": columns.null_as(
                    theme.NONE, (*columns.value(f"{hour:02}", IKM), *columns.filled(), *columns.width(52)), theme.CLEAR
                )
                for hour in range(24)
            },
        },
    )


def _asked(view: str) -> str:
    return f"ikm.{view}(unit = {sql.UNIT}, index = '{IKM.code}', {sql.RANGE})"


def _cells(*dimensions: str) -> str:
    asked = ", ".join(map(sql.quoted, dimensions))
    return f"ikm.p_unit_cell(unit = {sql.UNIT}, index = '{IKM.code}', dimensions = [{asked}], {sql.RANGE})"


def _figure() -> dict[str, Looks]:
    return {
        "value": columns.null_as(theme.TOO_FEW, (*columns.value("IKM", IKM), *columns.coloured(), *columns.width(110))),
        "mutu": columns.short_letter(),
        "n": columns.null_as(theme.TOO_FEW, (*columns.count("n"), *columns.width(105))),
    }
