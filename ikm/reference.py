"""The rules as tables, for an engine that reads them in SQL and has no Python: bands, weights, quantiles, calendars.

Every number of a table is one that the other files of this package compute by; nothing is decided here.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final

from ikm.calendar import days_off, known_years
from ikm.cells import CHANNEL
from ikm.index import INDICES, Element, Index
from ikm.mean import ways
from ikm.meaning import CHANNELS
from ikm.period import FIRST_YEAR, KINDS, LAST_YEAR, parse_period
from ikm.profile import NAMES, PROFILE
from ikm.scorecard import LAYOUTS
from ikm.statistics import sample_size, t_terms

Row = tuple[Any, ...]

_MOST_PEOPLE: Final = 10**12
"""The register takes no greater population."""
_GMT: Final = "Asia/Jakarta"
"""Periods are given by local days, which are the same in every zone."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One table: ClickHouse columns with their types, the columns it is ordered by, its rows."""

    columns: Mapping[str, str]
    order: Sequence[str]
    rows: Sequence[Row]


def _bands() -> Iterator[Row]:
    for index in INDICES.values():
        above = int(100 * index.factor * index.reach[1])
        for band in index.bands:
            yield index.code, band.from_hundredths, above, band.mutu, band.kinerja
            above = band.from_hundredths - 1


def _weights() -> Iterator[Row]:
    for index in INDICES.values():
        lowest, highest = index.ends
        for number, conversion in enumerate(index.conversions):
            read, unit = ways(index.code, number)
            for at, element in enumerate(index.elements):
                way, (start, end) = read[at], _cells(index, element)
                yield (
                    index.code, conversion.name, number == 0, index.factor, unit, LAYOUTS[index.code].x_unit,
                    lowest, highest, element.u, element.code, element.name, index.integer_weights[at],
                    way.cells.start + 1, len(way.factors), way.n is not None, (way.n or 0) + 1, list(way.factors),
                    *_raw(element, way.factors, unit), start + 1, end - start, _low(element),
                )  # fmt: skip


def _indices() -> Iterator[Row]:
    """What `_weights` has, a row for each conversion of an index: a card is read by one row."""
    for index in INDICES.values():
        bands = [(band.from_hundredths, band.mutu, band.kinerja) for band in index.bands]
        for number, conversion in enumerate(index.conversions):
            read, unit = ways(index.code, number)
            yield (
                index.code, conversion.name, number == 0, index.factor, unit, LAYOUTS[index.code].x_unit, *index.ends,
                [element.code for element in index.elements], list(index.integer_weights),
                [way.cells.start + 1 for way in read], [len(way.factors) for way in read],
                [way.n is not None for way in read], [(way.n or 0) + 1 for way in read],
                [list(way.factors) for way in read], bands,
            )  # fmt: skip


def _cells(index: Index, element: Element) -> tuple[int, int]:
    """Where the histogram has an element's items: they lie side by side."""
    cells = [LAYOUTS[index.code].cells[item.code] for item in element.items]
    return cells[0].start, cells[-1].stop


def _raw(element: Element, factors: Sequence[int], unit: int) -> tuple[list[int], int]:
    """What the sum of an element's scores is read by, and the unit of that sum."""
    if len(element.items) > 1:
        return list(factors), unit
    return [element.items[0].good(score) for score in element.items[0].levels], 1


def _low(element: Element) -> list[int]:
    """1 for every cell of the lower half of its item's scale."""
    return [
        int(2 * item.good(score) < item.scale_min + item.scale_max) for item in element.items for score in item.levels
    ]


def _items() -> Iterator[Row]:
    for index in INDICES.values():
        for element in index.elements:
            for item in element.items:
                for score, cell in zip(item.levels, _numbers(index, item.code), strict=True):
                    label = item.options[score - item.scale_min] if len(item.options) == len(item.levels) else ""
                    yield index.code, element.code, item.code, item.question, score, label, cell + 1


def _numbers(index: Index, item: str) -> range:
    cells = LAYOUTS[index.code].cells[item]
    return range(cells.start, cells.stop)


def _lines() -> Iterator[Row]:
    for index in INDICES.values():
        for line in index.lines:
            yield index.code, line.code, line.at_hundredths


def _samples() -> Iterator[Row]:
    """From which population on a sample of so many is needed: the size rises with the population."""
    for needed in range(1, sample_size(_MOST_PEOPLE) + 1):
        first = bisect_left(range(1, _MOST_PEOPLE + 1), needed, key=sample_size) + 1
        if sample_size(first) == needed:
            yield needed, first


def _periods() -> Iterator[Row]:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for month in range(1, 13):
            for kind, code_of in KINDS.items():
                code = code_of(year, month)
                yield kind, 100 * year + month, code, *_days(code)


def _days(code: str) -> tuple[date, date]:
    found = parse_period(code, _GMT)
    first, end = (date(1970, 1, 1) + timedelta(minutes=m + 7 * 60) for m in (found.from_minute, found.to_minute))
    return first, end


def _holidays() -> Iterator[Row]:
    for year in known_years():
        yield from ((day,) for day in sorted(days_off(year)))


def _profile() -> Iterator[Row]:
    for place, (channel, name) in enumerate(CHANNELS.items()):
        yield CHANNEL, channel, channel, name, place
    for question, spellings in PROFILE.items():
        order = list(NAMES[question])
        for said, code in sorted(spellings.items()):
            yield question, said, code, NAMES[question][code], order.index(code)


def tables() -> Mapping[str, Reference]:
    """By name; days are `datetime.date`."""
    code = "LowCardinality(String)"
    return MappingProxyType(
        {
            "ref_band": Reference(
                {"index": code, "from_hundredths": "UInt32", "to_hundredths": "UInt32", "mutu": code, "kinerja": code},
                ("index", "from_hundredths"),
                tuple(_bands()),
            ),
            "ref_weight": Reference(
                {
                    "index": code, "conversion": code, "is_main": "Bool", "factor": "Int64", "unit": "Int64",
                    "x_unit": "Float64", "lowest": "Float64", "highest": "Float64", "u": "UInt8", "code": code,
                    "name": "String", "weight": "Int64", "start": "UInt16", "length": "UInt16", "in_parts": "Bool",
                    "n_at": "UInt16", "factors": "Array(Int64)", "raw": "Array(Int64)", "raw_unit": "Int64",
                    "cells_start": "UInt16", "cells_length": "UInt16", "low": "Array(UInt8)",
                },
                ("index", "conversion", "u"),
                tuple(_weights()),
            ),
            "ref_index": Reference(
                {
                    "index": code, "conversion": code, "is_main": "Bool", "factor": "Int64", "unit": "Int64",
                    "x_unit": "Float64", "lowest": "Float64", "highest": "Float64", "codes": "Array(String)",
                    "weights": "Array(Int64)", "starts": "Array(UInt16)", "lengths": "Array(UInt16)",
                    "in_parts": "Array(Bool)", "n_at": "Array(UInt16)", "factors": "Array(Array(Int64))",
                    "bands": "Array(Tuple(from_hundredths UInt32, mutu String, kinerja String))",
                },
                ("index", "conversion"),
                tuple(_indices()),
            ),
            "ref_item": Reference(
                {"index": code, "element": code, "item": code, "question": "String", "score": "UInt8",
                 "label": "String", "cell": "UInt16"},
                ("index", "cell"),
                tuple(_items()),
            ),
            "ref_line": Reference(
                {"index": code, "code": code, "at_hundredths": "UInt32"}, ("index", "code"), tuple(_lines())
            ),
            "ref_t": Reference(
                {"df": "UInt32", "t": "Float64", **{f"g{power}": "Float64" for power in range(1, 5)}},
                ("df",),
                tuple(t_terms()),
            ),
            "ref_sample": Reference(
                {"needed": "UInt32", "population": "UInt64"}, ("needed",), tuple(_samples())
            ),
            "ref_period": Reference(
                {"kind": code, "month": "UInt32", "code": code, "from": "Date32", "to": "Date32"},
                ("kind", "month"),
                tuple(_periods()),
            ),
            "ref_holiday": Reference({"day": "Date32"}, ("day",), tuple(_holidays())),
            "ref_profile": Reference(
                {"question": code, "said": code, "cell": code, "name": "String", "place": "UInt8"},
                ("question", "said"),
                tuple(_profile()),
            ),
        }
    )  # fmt: skip
