"""What the core says each panel must show: a function a kind of answer, told apart by the answer's columns and view."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from ikm.attention import Change, Standing, change
from ikm.closing import Closing
from ikm.events import Response
from ikm.figure import ElementFigure, Figure, Headline, tier
from ikm.frame import SMALL_CELL
from ikm.index import INDICES
from ikm.period import Period, is_calendar, period_of
from ikm.registry import Unit
from ikm.times import MS_PER_HOUR, MS_PER_MINUTE, ZONES, local_day, midnight_ms
from ikm.window import WINDOWS
from tests.fold.scratch import counts_in
from tests.grafana import expected_public
from tests.grafana.oracle import Oracle
from tests.grafana.runner import Answer

NO_LETTER: Final = "tanpa mutu"
DAYS: Final = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_VIEW: Final = re.compile(
    r"ikm\.((?:v_unit_(?:index|mean|live|element|histogram|conversion)|p_unit|v_period|v_mover|v_public_(?:live|period|element))\w*)"
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
        """The view of figures that is read; else the first."""
        found = _VIEW.findall(self.answer.sql)
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
        return found[1] if found else "pooled"

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


def faults(panel: Panel) -> list[str] | None:
    """Where the answer differs from the core; None where it shows no figure that is known here."""
    columns = set(panel.answer.columns)
    for is_it, wanted in _KINDS:
        if is_it(columns, panel.view):
            return [f"{what}: wanted {want!r}, found {have!r}" for what, want, have in wanted(panel) if want != have]
    return None


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | bool) else float(value)


def _headline(row: Row, said: Headline, where: str) -> Wanted:
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
        yield f"{where} {column}", known[column], _plain(row[column])


def _figures(panel: Panel) -> Wanted:
    """Rows of one step of time of one unit."""
    grain = panel.view.rpartition("_")[2]
    names = {panel.version(code).name: code for code in panel.oracle.seed.versions}
    for row in panel.answer.records:
        code = row.get("unit") or names.get(row.get("name", "")) or panel.unit
        start, end = _step(panel, code, grain, row)
        said = panel.oracle.figure(code, panel.index, panel.scope, start, end)
        if row.keys() & {"mutu", "n", "value"} == {"mutu"} and said.lines:
            yield f"{code} {grain} from {start} line", _line(said), row["mutu"]
            continue
        yield from _headline(row, said, f"{code} {grain} from {start}")
        if "base" in row:
            base = panel.closed(code, panel.index, panel.scope)
            yield f"{code} base", base.said.value if base else None, _plain(row["base"])
        if "tier" in row and panel.scope == "self":
            yield f"{code} tier", tier(said.n, panel.version(code).population), row["tier"]


def _line(said: Figure) -> str | None:
    """Where no letter is, the highest line that a figure reaches stands for one."""
    if said.value is None:
        return None
    reached = [line for line in said.lines or () if line.above]
    highest = max((line.at for line in reached), default=0)
    names = " dan ".join(line.code.upper() for line in reached if line.at == highest)
    return f"di atas {names}" if names else "di bawah ambang"


def _step(panel: Panel, code: str, grain: str, row: Row) -> tuple[int, int]:
    zone = panel.version(code).zone
    if grain == "period":
        period = panel.version(code).period_called(row["period"]) if row.get("period") else panel.running(code)
        return period.from_minute * MS_PER_MINUTE, period.to_minute * MS_PER_MINUTE
    start = int(row["time"].timestamp() * 1000)
    if grain == "hour":
        return start, start + MS_PER_HOUR
    day = local_day(start, zone)
    after = day + timedelta(1) if grain == "day" else (day + timedelta(32)).replace(day=1)
    return start, midnight_ms(after, zone)


def _live(panel: Panel) -> Wanted:
    windows = list(WINDOWS) if len(panel.answer.rows) > 1 else re.findall(r"window = '(\w+)'", panel.answer.sql)
    yield "windows", len(windows), len(panel.answer.rows)
    for code, row in zip(windows, panel.answer.records, strict=False):
        yield from _headline(row, panel.oracle.live(panel.unit, panel.index, code), f"{panel.unit} {code}")


def _coverage(panel: Panel) -> Wanted:
    (row,) = panel.answer.records
    own = [panel.figure(code, "ikm", "self", panel.running(code)) for code in panel.below()]
    people = [panel.version(code).population for code in panel.below()]
    mean = panel.figure(panel.unit, "ikm", "mean", panel.running(panel.unit))
    yield from _headline({name: row[name] for name in ("value", "mutu", "n")}, mean, "mean")
    yield "reporting", sum(one.n > 0 for one in own), row["reporting"]
    yield "units", len(own), row["units"]
    met = [tier(one.n, served) == "memenuhi_sampel" for one, served in zip(own, people, strict=True)]
    yield "sampled", sum(met), row["sampled"]


def _letters(panel: Panel) -> Wanted:
    (row,) = panel.answer.records
    letters = [panel.figure(code, "ikm", "self", panel.running(code)).mutu for code in panel.below()]
    for letter in "ABCD":
        yield letter, letters.count(letter), row[letter]
    yield "none", letters.count(None), row["none"]


def _elements(panel: Panel) -> Wanted:
    whole = panel.figure(panel.unit, panel.index, "pooled", panel.running(panel.unit))
    said = {element.name: element for element in whole.elements}
    if any(element.n for element in said.values()):
        yield "elements", len(said), len(panel.answer.rows)
    for row in panel.answer.records:
        element: ElementFigure = said[re.sub(r"^U?\d+\.? ", "", row["element"])]
        for column in ("value", "nrr", "low_share", "n"):
            yield f"{element.code} {column}", getattr(element, column), _plain(row[column])


def _histogram(panel: Panel) -> Wanted:
    period = panel.running(panel.unit)
    start, end = period.from_minute * MS_PER_MINUTE, period.to_minute * MS_PER_MINUTE
    names = {item.code: element.name for element in INDICES["ikm"].elements for item in element.items}
    said = {name: [0] * 4 for name in names.values()}
    for answer in panel.oracle.pooled(panel.unit, start, end):
        for item, score in answer.scores.items():
            if item in names:
                said[names[item]][score - 1] += 1
    for row in panel.answer.records:
        yield row["element"], said[row["element"]], [row[f"score_{score}"] for score in range(1, 5)]


def _conversions(panel: Panel) -> Wanted:
    said = panel.figure(panel.unit, panel.index, "pooled", panel.running(panel.unit))
    for row in panel.answer.records:
        yield from _headline(row, said, panel.index)
        for way in ("linear", "affine"):
            yield way, said.conversions[way] if said.conversions else None, _plain(row[way])


def _lines(panel: Panel) -> Wanted:
    for row in panel.answer.records:
        code = row["name"].lower()
        said = panel.figure(panel.unit, code, "pooled", panel.running(panel.unit))
        yield from _headline(row, said, code)
        line = next(one for one in said.lines or () if one.code == row["line"].lower())
        sides = {None: None, True: "di atas ambang", False: "di bawah ambang"}
        yield f"{code} {line.code} at", line.at, _plain(row["at"])
        yield f"{code} {line.code} side", "diperdebatkan" if line.disputed else sides[line.above], row["side"]


def _movers(panel: Panel) -> Wanted:
    scope = panel.scope
    for row in panel.answer.records:
        code = row.get("unit", panel.unit)
        base, now = panel.closed(code, "ikm", scope), panel.figure(code, "ikm", scope, panel.running(code))
        moved = change(_standing(base.said if base else None), _standing(now))
        if "base_value" in row:
            yield f"{code} base_value", base.said.value if base else None, _plain(row["base_value"])
        if "base_mutu" in row:
            yield f"{code} base_mutu", base.said.mutu if base else None, row["base_mutu"]
        yield f"{code} difference", moved.difference if moved else None, _plain(row["difference"])
        if "value" in row:
            yield from _headline({name: row[name] for name in ("value", "mutu", "n")}, now, code)
        if "verdict" in row:
            yield f"{code} verdict", _verdict(moved), row["verdict"]


def _verdict(moved: Change | None) -> str | None:
    if moved is None or not moved.moved:
        return None if moved is None else "tidak nyata"
    return "turun nyata" if moved.difference < 0 else "naik nyata"


def _standing(said: Headline | None) -> Standing | None:
    if said is None or said.value is None or said.interval is None:
        return None
    return Standing(said.n, said.value, said.interval, said.mutu)


def _periods(panel: Panel) -> Wanted:
    for row in panel.answer.records:
        scope = {"unit sendiri": "self", "beserta di bawahnya": "pooled"}[row["covers"]]
        period = panel.version(panel.unit).period_called(row["period"])
        said: Headline = panel.figure(panel.unit, "ikm", scope, period)
        if row["status"] == "beku":
            keys = (panel.unit, "ikm", scope, row["period"])
            frozen = [one for one in panel.oracle.seed.closings if (one.unit, one.index, one.scope, one.period) == keys]
            newest = max(frozen, key=lambda one: one.number)
            said = newest.said
            yield f"{row['period']} number", newest.number, row["number"]
        yield from _headline(row, said, f"{row['period']} {row['status']}")


def _groups(panel: Panel) -> Wanted:
    """Services and cells: the figures of groups are those of all, and small ones are hidden."""
    kinds = re.findall(r"dimension = '(\w+)'", panel.answer.sql) or ["service"]
    figures = [one for kind in kinds for one in panel.oracle.groups(panel.index, kind, _in_hours(panel))]
    shown = [(row["n"], _plain(row["value"])) for row in panel.answer.records]
    yield "groups", sorted(figures, key=str), sorted(shown, key=str)


def _hours(panel: Panel) -> Wanted:
    zone_ms = ZONES[panel.version(panel.unit).zone] * MS_PER_HOUR
    said: dict[tuple[int, int], list[Response]] = defaultdict(list)
    for answer in _in_hours(panel):
        if counts_in(INDICES[panel.index], answer):
            days, rest = divmod(answer.submitted_at + zone_ms, 24 * MS_PER_HOUR)
            said[(days + 3) % 7, rest // MS_PER_HOUR].append(answer)
    for row in panel.answer.records:
        day = DAYS.index(row["day"])
        yield f"{row['day']} answers", sum(len(said[day, hour]) for hour in range(24)), row["answers"]
        for hour in range(24):
            of_hour = said[day, hour]
            value = panel.oracle.of(panel.index, of_hour).value if len(of_hour) >= SMALL_CELL else None
            yield f"{row['day']} {hour}", value, _plain(row[f"h{hour:02}"])


def _in_hours(panel: Panel) -> Sequence[Response]:
    """What was submitted in the whole hours around the range."""
    start, end = panel.from_ms // MS_PER_HOUR, -(-(panel.to_ms // 1000 * 1000) // MS_PER_HOUR)
    return panel.oracle.pooled(panel.unit, start * MS_PER_HOUR, end * MS_PER_HOUR)


_KINDS: Final[Sequence[tuple[Callable[[set[str], str], bool], Callable[[Panel], Wanted]]]] = (
    (lambda _, view: view.startswith("v_public"), expected_public.wanted),
    (lambda columns, _: {"reporting", "sampled"} <= columns, _coverage),
    (lambda columns, _: "side" in columns, _lines),
    (lambda columns, _: {"linear", "affine"} <= columns, _conversions),
    (lambda columns, _: {"A", "B", "C", "D"} <= columns, _letters),
    (lambda columns, _: "h00" in columns, _hours),
    (lambda _, view: view.startswith("v_mover"), _movers),
    (lambda _, view: view.startswith("v_unit_element"), _elements),
    (lambda _, view: view.startswith("v_unit_histogram"), _histogram),
    (lambda _, view: view.startswith("v_unit_live"), _live),
    (lambda columns, _: "covers" in columns, _periods),
    (lambda columns, view: view.startswith(("p_unit_service", "p_unit_cell")) and "value" in columns, _groups),
    (lambda columns, view: "v_unit_index" in view and bool(columns & {"value", "lo", "mutu", *INDICES}), _figures),
)
