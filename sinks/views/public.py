"""How SQL hides from the public what the API hides: small figures, and frames that are near others (`ikm.frame`)."""

from typing import Final

from ikm.frame import STEP
from sinks.frames_read import NAME
from sinks.views import arithmetic

HIDDEN_FIGURE: Final = ", ".join(
    f"if(is_hidden, {instead}, f.{name}) AS {name}"
    for name, instead in {
        **dict.fromkeys(("n", "value", "mutu", "kinerja"), "NULL"),
        "tier": "'tertutup'",
        **dict.fromkeys(("lo", "hi", "watermark"), "NULL"),
    }.items()
)
"""The columns of a figure `f`, without its numbers where it `is_hidden`."""

_ALL_FRAMES_ARE_STORED: Final = f"""(
        SELECT count() FROM ikm.progress WHERE topic = '{NAME}' AND log = (SELECT max(log) FROM ikm.progress)
    ) > 0"""  # noqa: S608 - both are names in this program


def near(one: str, other: str) -> str:
    """Whether fewer than `STEP` responses may lie between two cards: then not both may be seen.

    Args:
        one: SQL of a tuple (n, histogram, …); (0, …) is no card, and near none.
        other: likewise. `y` is the row of `ikm.i_layout` of their index.
    """
    ones, others = (f"arraySlice(arrayResize({card}.2, y.width), start, cells)" for card in (one, other))
    moved = f"arraySum(arrayMap((a, b) -> abs(toInt64(a) - toInt64(b)), {ones}, {others}))"
    more = f"abs(toInt64(arraySum({ones})) - toInt64(arraySum({others})))"
    return (
        f"({one}.1 > 0 AND abs(toInt64({one}.1) - toInt64({other}.1)) < {STEP} "
        f"AND arrayAll((start, cells) -> {moved} + {more} < {2 * STEP}, y.starts, y.lengths))"
    )


def elements(cards: str) -> str:
    """The elements of some cards: of several of one scope the simple mean of what each of them says.

    Args:
        cards: a view with `unit`, `index`, `scope`, `kind`, `period` and `frames`, tuples (n, histogram, parts).
    """
    key = "unit, `index`, scope, kind, period"
    of_card, of_element = (", ".join(f"{one}.{name} AS {name}" for name in key.split(", ")) for one in ("c", "e"))
    nrr = arithmetic.decimal(arithmetic.rounded("intDiv(e.total_nrr, greatest(e.given, 1))", 4), 4)
    return f"""
WITH e.given > 0 AS filled, {arithmetic.rounded("intDiv(e.total, greatest(e.given, 1))")} AS hundredths,
    e.bands AS bands, {arithmetic.band("bands")} AS band
SELECT {of_element}, e.elements_n AS elements_n, e.code AS code, e.u AS u, e.name AS name,
       if(filled, {nrr}, NULL) AS nrr, if(filled, {arithmetic.decimal("hundredths")}, NULL) AS value, band.2 AS mutu
FROM (
    WITH if(w.in_parts, c.parts[w.n_at], arraySum(arraySlice(c.histogram, w.start, w.length))) AS answered,
        {arithmetic.POINTS_OF_ONE} AS points, {arithmetic.RAW_OF_ONE} AS raw
    SELECT {of_card}, c.elements_n AS elements_n, w.code AS code, w.u AS u, w.name AS name, any(r.bands) AS bands,
           countIf(answered > 0) AS given,
           sum(if(answered = 0, toInt256(0), {arithmetic.ELEMENT_EXACT})) AS total,
           sum(if(answered = 0, toInt256(0), {arithmetic.NRR_EXACT})) AS total_nrr
    FROM (
        WITH arraySum(frames.1) AS together,
            [(together, arrayReduce('sumForEach', frames.2), arrayReduce('sumForEach', frames.3))] AS whole
        SELECT {key}, together AS elements_n, card.2 AS histogram, card.3 AS parts
        FROM {cards} ARRAY JOIN if(scope = 'mean', frames, whole) AS card
    ) AS c
    INNER JOIN ikm.ref_weight AS w ON w.`index` = c.`index`
    INNER JOIN ikm.ref_index AS r ON r.`index` = w.`index` AND r.conversion = w.conversion
    WHERE w.is_main AND {_ALL_FRAMES_ARE_STORED}
    GROUP BY c.unit, c.`index`, c.scope, c.kind, c.period, c.elements_n, w.code, w.u, w.name
) AS e"""  # noqa: S608 - all of it is this program's
