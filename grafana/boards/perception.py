"""The indices of a Zona Integritas against their lines, as several boards show them."""

from typing import Final

from grafana_foundation_sdk.builders.table import Panel as Table

from grafana.kit import columns, panels, sql, theme
from grafana.kit.query import Query
from ikm.index import INDICES, Index

LINED: Final = tuple(index for index in INDICES.values() if index.lines)
"""The indices that have lines."""
IN_LINED: Final = sql.among(index.code for index in LINED)
BELOW_LINES: Final = "di bawah ambang"


def standings(index: Index) -> dict[str, tuple[int, str]]:
    """Where a value can stand to the lines of an index: the words, with the line in hundredths and its colour.

    From the highest line down; values below all of them are `BELOW_LINES`.
    """
    steps = theme.bands(index).build().steps
    reached = {step.value: step.color for step in steps}
    ats = sorted({line.at_hundredths for line in index.lines}, reverse=True)
    names = {at: " dan ".join(line.code.upper() for line in index.lines if line.at_hundredths == at) for at in ats}
    return {f"di atas {names[at]}": (at, reached[at / 100]) for at in ats}


def standing() -> str:
    """SQL for the letter (as `sql.LETTER` gives it), or for where the value stands where the index has no letters."""
    sides = "".join(
        f"`index` {sql.among([index.code])} AND value >= toDecimal32({at}, 2) / 100, {sql.quoted(words)}, "
        for index in LINED
        for words, (at, _) in standings(index).items()
    )
    is_letter = f"mutu != {sql.quoted(theme.NO_LETTER)}"
    return f"multiIf(isNull(mutu), NULL, {is_letter}, mutu, {sides}{sql.quoted(BELOW_LINES)}) AS state"


def lines() -> Table:
    """A row for each index and line: the figure, and on which side of the line it lies by every conversion."""
    return panels.rows(
        "Zona Integritas: IPKP dan IPAK terhadap ambang",
        "Apakah persepsi kualitas dan antikorupsi di atas ambang WBK dan WBBM? “Diperdebatkan”: kedua konversi jatuh "
        "di sisi yang berbeda. Bukan keputusan tentang predikat. Semua responden, periode yang memuat akhir rentang "
        "waktu. Sumber: v_unit_conversion, ref_line.",
        Query(f"""
            SELECT upper(`index`) AS name, period, n, value, lo, hi, upper(code) AS line, at,
                   multiIf(isNull(least), NULL, least >= at, 'di atas ambang', most < at, 'di bawah ambang',
                           'diperdebatkan') AS side
            FROM (
                SELECT `index`, period, any(c.n) AS n, anyIf(c.value, is_main) AS value, anyIf(c.lo, is_main) AS lo,
                       anyIf(c.hi, is_main) AS hi, min(c.value) AS least, max(c.value) AS most
                FROM (SELECT * FROM {sql.of_period("v_unit_conversion", IN_LINED)}) AS c GROUP BY `index`, period
            ) AS figure
            INNER JOIN (
                SELECT `index`, code, toDecimal32(at_hundredths, 2) / 100 AS at FROM ikm.ref_line
            ) AS lines USING (`index`)
            ORDER BY name DESC, at, line DESC"""),
        {
            "name": columns.title("Indeks"),
            "period": columns.title("Periode"),
            "n": columns.count("Jawaban (n)"),
            "value": columns.plain_value("Nilai (0\N{EN DASH}4)"),
            **columns.ends(),
            "line": columns.title("Ambang"),
            "at": columns.plain_value("Nilai ambang"),
            "side": (*columns.words("Posisi", theme.SIDES), *columns.coloured()),
        },
    )
