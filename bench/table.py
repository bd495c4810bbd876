"""What a measurement found: one row per figure, with what it is compared with and what was asked."""

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

_ALLOWED = {"≥": operator.ge, "≤": operator.le}


@dataclass(frozen=True, slots=True)
class Asked:
    """A bound on the row's judged number: `Asked("≤", 50, "ms")`."""

    sign: str
    bound: float
    unit: str = ""

    def held(self, value: float) -> bool:
        return _ALLOWED[self.sign](value, self.bound)

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Row:
    """A figure as text, the number that is judged and the bound; without one it is only told."""

    name: str
    found: str
    value: float | None = None
    asked: Asked | None = None

    @property
    def verdict(self) -> str:
        if self.asked is None or self.value is None:
            return ""
        return "held" if self.asked.held(self.value) else "MISSED"


def spread(values: Sequence[float], form: str = ",.2f") -> str:
    """The median, with least and greatest."""
    return f"{median(values):{form}} ({min(values):{form}}..{max(values):{form}})"


def percentile(name: str, seconds: Sequence[float], percent: int, bound_ms: float | None = None) -> Row:
    """The time within which so many per cent were done, in ms, and the bound on it."""
    ms = 1000 * quantiles(seconds, n=100, method="inclusive")[percent - 1]
    asked = None if bound_ms is None else Asked("≤", bound_ms, "ms")
    return Row(f"{name}, p{percent}", f"{ms:.0f} ms of {len(seconds):,}", ms, asked)


def show(rows: Iterable[Row]) -> None:
    """Print the table."""
    cells = [("figure", "measured", "asked", "")]
    cells += [(row.name, row.found, str(row.asked or ""), row.verdict) for row in rows]
    widths = [max(len(line[at]) for line in cells) for at in range(4)]
    for line in cells:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
