"""How SQL comes from a card to a figure: integers up to the one rounding, as `ikm.exact` and `ikm.figure` do it.

The texts stand in a WITH of a SELECT that reads cards as `c` and their ways, of `ikm.ref_index`, as `r`; what is made
of the exact number stands in one around it, for the engine puts a text wherever its name is used. Quotients are carried
to 40 digits and a value that lies within 1e-26 below a half is rounded up: a quotient that is cut off must not turn a
tie down, and no figure of fewer than 2**26 responses lies so near a half without being one.
"""

from typing import Final

from ikm.statistics import PRECISION, SPREAD

_ONE: Final = "toInt256('" + "1" + 40 * "0" + "')"
"""Forty digits: a weighted sum of points stays far below 2**255."""
_HALF: Final = "toInt256('5" + 39 * "0" + "')"
_NEARLY: Final = "toInt256('" + "1" + 14 * "0" + "')"

_COUNTS: Final = """
    arrayMap((s, k, p, a) -> if(p, c.parts[a], arraySum(arraySlice(c.histogram, s, k))),
             r.starts, r.lengths, r.in_parts, r.n_at) AS counts"""
"""Responses that answered each element."""

_POINTS: Final = """
    arrayMap((s, k, p, f) -> toInt64(arrayDotProduct(f, arrayResize(
                 arraySlice(if(p, c.parts, c.histogram), s, k), length(f), 0))),
             r.starts, r.lengths, r.in_parts, r.factors) AS points"""
"""Sum of their means on the index's scale, times `r.unit`."""

_WEIGHTED: Final = f"""
    intDiv(r.factor * arraySum((w, p, k) -> if(k = 0, toInt256(0), intDiv(w * p * {_ONE}, greatest(k, 1))),
                               r.weights, points, counts),
           toInt256(greatest(arraySum((w, k) -> if(k = 0, 0, w), r.weights, counts), 1)) * r.unit)
        - (arraySum(counts) = 0) AS exact,
    exact >= 0 AS filled"""
"""The index over the weights of the elements that have answers, times 10**40: from `counts` and `points`; -1 of none.

The engine works out anew, for each `if(filled, …)`, what is only used behind one; a condition it works out first.
"""

EXACT: Final = f"{_COUNTS},{_POINTS},{_WEIGHTED}"

WAY: Final = ", ".join(
    f"r.{name} AS {name}" for name in ("conversion", "is_main", "factor", "lowest", "highest", "x_unit", "bands")
)
"""What a figure takes from its way beside the exact number."""


def rounded(exact: str, digits: int = 2) -> str:
    """An exact number times 10**40 as so many digits' integer, half-up."""
    return f"toInt64(intDiv({exact} * {10**digits} + {_HALF} + {_NEARLY}, {_ONE}))"


def decimal(integer: str, digits: int = 2) -> str:
    """Hundredths, or so many digits' integer, as the number that is published."""
    return f"CAST(toDecimal64({integer}, {digits}) / {10**digits}, 'Nullable(Decimal({digits + 3}, {digits}))')"


def band(bands: str) -> str:
    """(from_hundredths, mutu, kinerja) of `hundredths`: of the bands, best first, the first that reaches so low."""
    return (
        f"if(filled AND notEmpty({bands}), "
        f"arrayElement({bands}, greatest(1, least(arrayCount(b -> hundredths < b.1, {bands}) + 1, length({bands})))), "
        "(0, NULL, NULL))"
    )


def _one(cells: str, factors: str) -> str:
    """Of an element's row `w`: its cells, or parts, by some factors."""
    return f"arrayDotProduct({factors}, arrayResize({cells}, length({factors}), 0))"


_SLICE: Final = "arraySlice(if(w.in_parts, c.parts, c.histogram), w.start, w.length)"
POINTS_OF_ONE: Final = _one(_SLICE, "w.factors")
RAW_OF_ONE: Final = _one(_SLICE, "w.raw")
_LOW: Final = _one("cells", "w.low")


def _quotient(above: str, below: str) -> str:
    return f"intDiv({above} * {_ONE}, greatest({below}, 1))"


ELEMENT_EXACT: Final = _quotient("w.factor * toInt256(points)", "answered * w.unit")
"""The element on the scale of the index, times 10**40."""
NRR_EXACT: Final = _quotient("toInt256(raw)", "answered * w.raw_unit")
ELEMENT_VALUE: Final = rounded(ELEMENT_EXACT)
"""Hundredths of the element on the scale of the index."""
ELEMENT_NRR: Final = decimal(rounded(NRR_EXACT, 4), 4)
ELEMENT_LOW: Final = decimal(rounded(_quotient(f"toInt256({_LOW})", "arraySum(cells)"), 4), 4)

MEAN: Final = rounded("intDiv(c.total, greatest(c.units, 1))")
"""Hundredths of the simple mean: `c.total` is the sum of so many exact figures."""

PEOPLE: Final = """
    if(c.scope = 'self', ifNull(s.population, 0), if(c.people_unknown, 0, s.always + arraySum(m -> m.2,
        arrayDistinct(arrayMap(m -> (m.member, m.population),
                               arrayFilter(m -> m.first < c.`to` AND m.end > c.`from`, s.others)))))) AS people"""
"""People served, 0 where that is not known: of a tree by all that were members at any time of the step."""

INTERVAL: Final = """
    toInt256(c.n) * c.sum_xx - toInt256(c.sum_x) * c.sum_x AS spread,
    toFloat64(exact) / 1e40 AS centre,
    toFloat64(greatest(c.n, 2)) - 1 AS df,
    quantiles[least(greatest(c.n, 2) - 1, length(quantiles))]
        + if(c.n <= length(quantiles), 0., (tail.1 + (tail.2 + (tail.3 + tail.4 / df) / df) / df) / df) AS t,
    t * c.factor * sqrt(toFloat64(spread) / toFloat64(toInt256(c.n) * c.n * greatest(toInt64(c.n) - 1, 1))) / c.x_unit
        AS student,
    least(1., greatest(0., (centre / c.factor - c.lowest) / (c.highest - c.lowest))) AS share,
    $z * $z AS z2, 1 + z2 / c.n AS shrink,
    (share + z2 / (2 * c.n)) / shrink AS middle,
    $z / shrink * sqrt(share * (1 - share) / c.n + z2 / (4 * c.n * c.n)) AS wilson,
    c.n < $hidden_below OR spread <= 0 AS is_bounded,
    if(is_bounded, c.factor * (c.lowest + (c.highest - c.lowest) * (middle - wilson)), centre - student) AS low,
    if(is_bounded, c.factor * (c.lowest + (c.highest - c.lowest) * (middle + wilson)), centre + student) AS high"""
"""The 95 % interval, in double precision and in the order of `ikm.figure`, so that it rounds as there."""


def two(number: str) -> str:
    """A number in double precision as hundredths, half-up."""
    return decimal(f"toInt64({hundredths(number)})")


def hundredths(number: str) -> str:
    """The same before it is a decimal."""
    return f"floor(({number}) * 100 + 0.5)"


def bound(value: str) -> str:
    """A bound within what answers can reach, two decimals."""
    clipped = f"least(c.factor * c.highest, greatest(c.factor * c.lowest, {value}))"
    return two(clipped)


_BELOW: Final = f"({PRECISION} * (toInt128(people) - 1) + {SPREAD})"
NEEDED: Final = f"toUInt32(intDiv(2 * {SPREAD} * toInt128(people) + {_BELOW}, 2 * {_BELOW}))"
"""Answers that `people` (those who are served) need, as `ikm.statistics.sample_size` says; of nobody, or people not
known, 0."""

TIER: Final = f"""
    multiIf(c.n = 0, 'kosong', c.n < $hidden_below, 'tertutup',
            people > 0 AND c.n >= {NEEDED}, 'memenuhi_sampel',
            c.n < $provisional_below, 'sementara', 'terbit')"""

QUANTILES: Final = """
    (SELECT groupArray(t) FROM (SELECT t FROM ikm.ref_t ORDER BY df)) AS quantiles,
    (SELECT (g1, g2, g3, g4) FROM ikm.ref_t ORDER BY df DESC LIMIT 1) AS tail"""
"""Of each degree of freedom its quantile, and what is added to the last one by so many as go beyond."""

FIGURE: Final = f"""{QUANTILES},
    {rounded("exact")} AS hundredths,
    {band("c.bands")} AS band,{INTERVAL}"""
"""What is made of the exact number of a card: all that `NUMBERS` names but the people."""

NUMBERS: Final = f"""
       c.n AS n, if(filled, {decimal("hundredths")}, NULL) AS value, band.2 AS mutu, band.3 AS kinerja, {TIER} AS tier,
       if(filled, {bound("low")}, NULL) AS lo, if(filled, {bound("high")}, NULL) AS hi,
       notEmpty(c.counts) AND NOT has(c.counts, 0) AS complete, toDateTime64(c.watermark, 3, 'UTC') AS watermark,
       nullIf(people, 0) AS population"""
"""The columns of a figure that are its numbers."""

OPEN_HEAD: Final = """
       c.unit AS unit, s.name AS name, s.type AS type, s.parent AS parent, c.`index` AS `index`, c.scope AS scope,
       c.period AS period, CAST(NULL, 'Nullable(UInt32)') AS number, 'berjalan' AS status, true AS is_latest,
       c.is_calendar AS is_calendar, c.`from` AS `from`, c.`to` AS `to`"""
"""Of a period `c` that nobody closed: what stands before its numbers."""
OPEN_TAIL: Final = f"""
       nullIf({NEEDED}, 0) AS sample_needed,
       arrayFirst(a -> a.period = c.period AND a.`index` = c.`index`, s.targets) AS target,
       target.n AS target_n, target.value AS target_value,
       CAST(NULL, 'Nullable(DateTime64(3, \\'UTC\\'))') AS closed_at, CAST(NULL, 'Nullable(String)') AS closed_by"""
"""And what stands behind them."""


def is_open(figure: str) -> str:
    """Whether nobody closed the period of a live figure, of which this is the alias."""
    place = ", ".join(f"{figure}.{name}" for name in ("unit", "`index`", "scope", "period"))
    closed = "SELECT unit, `index`, scope, period FROM ikm.periods WHERE log = (SELECT max(log) FROM ikm.progress)"
    return f"({place}) NOT IN ({closed})"


OF_NO_CLOSING: Final = f"""
LEFT JOIN ikm.standing AS s ON s.unit = c.unit
WHERE {is_open("c")}"""
"""What the live figures are read with, and those left out that are closed."""
