"""A unit's figure by service, channel, respondent and hour of the week."""

from typing import Final

from grafana_foundation_sdk.builders.table import Panel as Table

from grafana.kit import columns, panels, sql, theme
from grafana.kit.columns import Looks
from grafana.kit.query import Query
from ikm.cells import KINDS, UNSAID, UNSAID_NAME
from ikm.frame import SMALL_CELL
from ikm.index import IKM
from ikm.meaning import CHANNELS
from ikm.profile import NAMES

_DAYS: Final = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_SMALL: Final = f"Kelompok dengan kurang dari {SMALL_CELL} jawaban tidak ditampilkan."
_SOURCE: Final = "Jawaban unit beserta unit di bawahnya, periode yang memuat akhir rentang waktu."


def services() -> Table:
    """By service, the lowest first."""
    name = sql.named("service", {UNSAID: UNSAID_NAME})
    return panels.rows(
        KINDS["service"],
        f"Layanan mana yang rendah? {_SOURCE} Sumber: v_unit_service.",
        Query(f"""
            SELECT {name} AS name, value, {sql.LETTER}, n
            FROM {sql.of_period("v_unit_service")} AND scope = 'pooled' AND grain = 'period'
            ORDER BY value NULLS LAST, name"""),
        {
            "name": columns.title(KINDS["service"]),
            "value": (*columns.value("IKM", IKM), *columns.bar()),
            "mutu": columns.short_letter(),
            "n": (*columns.count("n"), *columns.width(80)),
        },
    )


def channels() -> Table:
    """By channel."""
    name = sql.named("cell", {**CHANNELS, UNSAID: UNSAID_NAME})
    return panels.rows(
        KINDS["channel"],
        f"Apakah jawaban berbeda menurut cara masuknya? {_SMALL} {_SOURCE} Sumber: v_unit_cell.",
        Query(f"""
            SELECT {name} AS name, value, {sql.LETTER}, n
            FROM {sql.of_period("v_unit_cell")} AND dimension = 'channel'
            ORDER BY cell = '', value NULLS LAST, name"""),
        {"name": columns.title(KINDS["channel"]), **_figure()},
    )


def profile() -> Table:
    """By each question of the profile, one below the other."""
    questions = {question: KINDS[question] for question in NAMES}
    answers = {cell: name for names in NAMES.values() for cell, name in names.items()}
    return panels.rows(
        "Responden",
        f"Siapa yang dilayani kurang baik? {_SMALL} {_SOURCE} Sumber: v_unit_cell.",
        Query(f"""
            SELECT {sql.named("dimension", questions)} AS question,
                   {sql.named("cell", {**answers, UNSAID: UNSAID_NAME})} AS name, value, {sql.LETTER}, n
            FROM {sql.of_period("v_unit_cell")} AND dimension {sql.among(questions)}
            ORDER BY indexOf([{", ".join(map(sql.quoted, questions))}], toString(dimension)), cell = '',
                     indexOf([{", ".join(map(sql.quoted, answers))}], toString(cell))"""),
        {"question": columns.title("Menurut"), "name": columns.title("Kelompok"), **_figure()},
    )


def week() -> Table:
    """By hour and day of the week."""
    hours = ", ".join(f"anyIf(value, hour = {hour}) AS h{hour:02}" for hour in range(24))
    return panels.rows(
        "Jam dan hari",
        "Pada jam dan hari apa pelayanan kurang baik? Jam setempat unit; kosong berarti tanpa jawaban. "
        f"{_SOURCE} Sumber: v_unit_hour_of_week.",
        Query(f"""
            SELECT [{", ".join(map(sql.quoted, _DAYS))}][weekday] AS day, sum(n) AS n, {hours}
            FROM {sql.of_period("v_unit_hour_of_week")} AND scope = 'pooled'
            GROUP BY weekday ORDER BY weekday"""),
        {
            "day": (*columns.title("Hari"), *columns.width(80)),
            "n": (*columns.count("n"), *columns.width(70)),
            **{
                f"h{hour:02}": columns.null_as(theme.NONE, (*columns.value(f"{hour:02}", IKM), *columns.filled()))
                for hour in range(24)
            },
        },
    )


def _figure() -> dict[str, Looks]:
    return {
        "value": columns.null_as(theme.TOO_FEW, (*columns.value("IKM", IKM), *columns.coloured())),
        "mutu": columns.short_letter(null=theme.NONE),
        "n": columns.null_as(theme.TOO_FEW, (*columns.count("n"), *columns.width(130))),
    }
