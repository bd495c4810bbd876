# ruff: noqa: S608 - only names of our own items are put into these texts; values are parameters
"""The SQL of the truth check for one response: which of its events counts, and what that comes to in an index.

Written from the definitions of the index alone; nothing is shared with the fold.
"""

from fractions import Fraction
from math import lcm
from typing import Final

from ikm.index import Element, Index
from ikm.questionnaire import Item

IS_WITHDRAWN: Final = "(toString(e.type) = 'id.ikm.response.withdrawn.v1')"

CANONICAL: Final = """arrayStringConcat([
    toString(toUnixTimestamp64Milli(e.submitted_at)), toString(e.service), toString(e.questionnaire),
    toString(e.channel),
    arrayStringConcat(arrayMap(k -> concat(k, '=', toString(e.answers[k])), arraySort(mapKeys(e.answers))), ','),
    arrayStringConcat(arrayMap(k -> concat(k, '=', toString(e.respondent[k])), arraySort(mapKeys(e.respondent))), ',')
], '|')"""


class Scale:
    """Integers instead of fractions: a response's points in an element are its mean there times `part * common`."""

    def __init__(self, index: Index) -> None:
        self.part = lcm(*range(1, 1 + max(len(element.items) for element in index.elements)))
        self.all_elements = lcm(*range(1, 1 + len(index.elements)))
        lines = [index.conversions[0].of(item) for item in index.items]
        self.common = lcm(*(value.denominator for line in lines for value in line))

    def points(self, index: Index, item: Item) -> str:
        """Of one answer, times `common`; 0 when it was skipped."""
        slope, intercept = index.conversions[0].of(item)
        return f"if({_score(item)} = 0, 0, {_whole(slope, self)} * {_good(item)} + {_whole(intercept, self)})"


def _whole(value: Fraction, scale: Scale) -> int:
    return int(value * scale.common)


def _score(item: Item) -> str:
    return f"toInt64(said.3['{item.code}'])"


def _good(item: Item) -> str:
    return f"({item.scale_min + item.scale_max} - {_score(item)})" if item.reversed else _score(item)


def _given(element: Element) -> str:
    """Number of items of an element that were answered."""
    return " + ".join(f"({_score(item)} > 0)" for item in element.items)


def joined(events: str, keys: str, said: str = "(e.submitted_at, toString(e.service), e.answers)") -> str:
    """What counts of each response, of events that are each to be looked at under these keys: `said` of one of them.

    Withdrawn is for ever, otherwise the content with the greatest (revision, SHA-256 of the canonical payload).
    """
    return f"""
    SELECT {keys}, e.source, e.id,
           argMaxIf({said}, (e.revision, SHA256({CANONICAL})), NOT {IS_WITHDRAWN}) AS said
    FROM ({events}) AS e
    GROUP BY {keys}, e.source, e.id HAVING NOT max({IS_WITHDRAWN})"""


def scored(index: Index, scale: Scale, answers: str, keys: str) -> str:
    """What each response comes to that has an answer in the index.

    Args:
        index: which.
        scale: its.
        answers: a query with `said` as in `joined`, with or without more behind it.
        keys: columns of it to be kept.
    """
    given = [f"toInt64({_given(element)})" for element in index.elements]
    points = [
        f"intDiv({scale.part} * ({' + '.join(scale.points(index, item) for item in element.items)}), greatest({n}, 1))"
        for element, n in zip(index.elements, given, strict=True)
    ]
    cells = [f"toUInt64({_score(item)} = {score})" for item in index.items for score in item.levels]
    return f"""
SELECT {keys}, said.1 AS at, said.2 AS service, [{", ".join(f"toUInt64({n} > 0)" for n in given)}] AS answered,
       [{", ".join(points)}] AS points,
       toUInt64(intDiv({scale.all_elements} * arraySum(points), greatest(arraySum(answered), 1))) AS x,
       [{", ".join(cells)}] AS cells, CAST([{", ".join(parts(index, scale))}], 'Array(UInt64)') AS own_parts
FROM ({answers}
)
WHERE arraySum(answered) > 0"""


def parts(index: Index, scale: Scale) -> list[str]:
    """Of each element with several items: whether it was answered, and per raw scale its share and its sum."""
    found = []
    for element in index.elements:
        if len(element.items) < 2:  # noqa: PLR2004
            continue
        n = f"toInt64({_given(element)})"
        found.append(f"{n} > 0")
        for lowest, highest in sorted({(item.scale_min, item.scale_max) for item in element.items}):
            items = [item for item in element.items if (item.scale_min, item.scale_max) == (lowest, highest)]
            count = " + ".join(f"({_score(item)} > 0)" for item in items)
            total = " + ".join(f"if({_score(item)} = 0, 0, {_good(item)})" for item in items)
            found += [f"intDiv({scale.part} * ({what}), greatest({n}, 1))" for what in (count, total)]
    return found
