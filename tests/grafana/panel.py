"""A panel's answer, what it was asked about, and what the core says of that."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ikm.closing import Closing
from ikm.figure import Figure, Headline
from ikm.index import INDICES
from ikm.period import Period, is_calendar, period_of
from ikm.registry import Unit
from ikm.times import MS_PER_MINUTE
from tests.grafana.oracle import Oracle
from tests.grafana.runner import Answer

NO_LETTER: Final = "tanpa mutu"
_VIEW: Final = re.compile(
    r"ikm\.((?:v_unit_(?:index|self|mean|live|element|histogram|conversion)|p_unit|v_period|v_mover|v_public_(?:live|period|element))\w*)"
)
_INDEX: Final = re.compile(r"(?:`index`|\bindex) = '(\w+)'")
_SCOPE: Final = re.compile(r"scope = '(\w+)'")
Row = Mapping[str, Any]
Wanted = Iterator[tuple[str, Any, Any]]
"""What is compared, what is wanted, what was found."""


@dataclass(frozen=True)
class Panel:
    """A panel's answer and what it was asked about.

    Attributes:
        oracle: what the core says.
        unit: the chosen unit.
        answer: what the query gave.
        to_ms: where the range ends.
        from_ms: where it begins.
        chosen: the chosen index, where the board lets choose.
    """

    oracle: Oracle
    unit: str
    answer: Answer
    from_ms: int
    to_ms: int
    chosen: str = ""

    @property
    def view(self) -> str:
        """The view of figures that is read, without parameters the one of the same rows; else the first."""
        found = [one.replace("p_unit_index", "v_unit_index") for one in _VIEW.findall(self.answer.sql)]
        return next((one for one in found if one.startswith("v_unit_index")), found[0] if found else "")

    @property
    def index(self) -> str:
        """The index that is asked about: the chosen one where the board lets choose, else the one in the query."""
        found = _INDEX.search(self.answer.sql)
        return self.chosen or (found[1] if found else "ikm")

    @property
    def scope(self) -> str:
        """What the figures are of."""
        found = _SCOPE.search(self.answer.sql)
        whole = "self" if self.view.startswith(("v_unit_self", "v_mover_self")) else "pooled"
        return found[1] if found else whole

    def version(self, code: str) -> Unit:
        """A unit as it is now."""
        return self.oracle.seed.versions[code].at(self.oracle.seed.now_ms)

    def running(self, code: str) -> Period:
        """The period of a unit's calendar that the range ends in."""
        unit = self.version(code)
        return period_of(unit.period, min(self.to_ms, self.oracle.seed.now_ms) // MS_PER_MINUTE, unit.zone)

    def figure(self, code: str, index: str, scope: str, period: Period) -> Figure:
        """Of a period."""
        return self.oracle.figure(
            code, index, scope, period.from_minute * MS_PER_MINUTE, period.to_minute * MS_PER_MINUTE
        )

    def below(self) -> list[str]:
        """The chosen unit and those below it now that are open."""
        seed = self.oracle.seed
        members = {self.unit, *seed.tree.descendants(self.unit, seed.now_ms)}
        return sorted(code for code in members if seed.versions[code].closed(seed.now_ms) is None)

    def closed(self, code: str, index: str, scope: str) -> Closing | None:
        """The newest number of the last closed calendar period."""
        found = [
            one
            for one in self.oracle.seed.closings
            if (one.unit, one.index, one.scope) == (code, index, scope) and is_calendar(one.period)
        ]
        return max(found, key=lambda one: (one.from_, one.number), default=None)


def plain(value: Any) -> Any:
    """A value of the store as the core has it: decimals as floats."""
    return value if value is None or isinstance(value, str | int | bool) else float(value)


def headline(row: Row, said: Headline, where: str) -> Wanted:
    """The columns of a figure that a row has."""
    low, high = said.interval or (None, None)
    letter = None if said.n == 0 or said.value is None else said.mutu or NO_LETTER
    known = {
        "value": said.value,
        "n": said.n,
        "lo": low,
        "hi": high,
        "mutu": letter,
        **dict.fromkeys(INDICES, said.value),
    }
    for column in known.keys() & row.keys():
        yield f"{where} {column}", known[column], plain(row[column])
